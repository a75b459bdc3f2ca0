use pluginkit::config::PluginConfig;
use pluginkit::config::{EntryBuilder, ProblemKind};

use crate::{group, refused, toml};

#[test]
fn higher_priority_comes_first_and_ties_keep_their_places() {
    let config = toml(
        "[plugins]\na = ['x', { id = 'y', priority = 5 }, 'z', { id = 'w', priority = 5 }, { id = 'v', priority = -1 }]",
    );
    assert_eq!(group(&config, "a"), "y w x z v");
}

#[test]
fn a_later_source_changes_a_priority() {
    let first = toml("[plugins]\na = ['x', 'y']");
    assert_eq!(group(&first.merge(toml("[plugins]\na = [{ id = 'y', priority = 1 }]")), "a"), "y x");
}

#[test]
fn a_later_source_moves_a_plugin_and_no_other() {
    let first = toml("[plugins]\na = ['x', 'y', 'z']");
    let before = first.merge(toml("[plugins]\na = [{ id = 'z', before = 'x' }]"));
    assert_eq!(group(&before, "a"), "z x y");
    let code = PluginConfig::builder().entry("a", EntryBuilder::new("x").after(["y"])).build().unwrap();
    assert_eq!(group(&first.merge(code), "a"), "y x z");
}

#[test]
fn a_wish_binds_on_top_of_priorities() {
    let config = toml("[plugins]\na = ['x', { id = 'y', priority = 9, after = ['x'] }]");
    assert_eq!(group(&config, "a"), "x y");
}

#[test]
fn a_wish_about_a_plugin_that_is_not_there_moves_nothing() {
    assert_eq!(group(&toml("[plugins]\na = ['x', { id = 'y', before = 'nobody' }]"), "a"), "x y");
}

#[test]
fn wishes_of_one_source_that_contradict_each_other_are_refused() {
    let error = refused(
        "[plugins]\na = [{ id = 'x', before = 'y' }, { id = 'y', before = 'x' }]\nb = [{ id = 'z', after = 'z' }]",
    );
    let found: Vec<_> =
        error.problems().iter().map(|problem| (problem.kind(), problem.group(), problem.plugin())).collect();
    assert_eq!(
        found,
        [(ProblemKind::OrderCycle, Some("a"), Some("x")), (ProblemKind::OrderCycle, Some("b"), Some("z")),]
    );
    assert!(PluginConfig::builder().entry("a", EntryBuilder::new("x").before(["x"])).build().is_err());
}

#[test]
fn where_sources_contradict_each_other_the_later_one_wins() {
    let first = toml("[plugins]\na = ['x', { id = 'y', before = 'x' }]");
    let merged = first.merge(toml("[plugins]\na = [{ id = 'x', before = 'y' }]"));
    assert_eq!(group(&first, "a"), "y x");
    assert_eq!(group(&merged, "a"), "x y");
    assert_eq!(group(&merged.merge(&first), "a"), "y x");
}

#[test]
fn a_wish_can_be_taken_back() {
    let first = toml("[plugins]\na = ['x', { id = 'y', before = 'x' }]");
    assert_eq!(group(&first.merge(toml("[plugins]\na = [{ id = 'y', before = [] }]")), "a"), "x y");
}
