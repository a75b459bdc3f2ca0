use pluginkit::config::{ConfigError, ConfigReader};

use crate::refused;

#[test]
fn a_report_shows_every_problem_with_its_line() {
    let text = "[plugins]\na = [1]\n\tb = 'x'\n";
    let error = ConfigReader::new().toml_str("host.toml", text).unwrap_err();
    let expected = "\
the configuration has 2 problems:
- host.toml:2:6: group `a`: `a[0]` must be a string that names a plugin, or a table with an `id`, but it is the integer `1`
  2 | a = [1]
    |      ^
- host.toml:3:6: group `b`: `b` must be an array of plugins: each a string, or a table with an `id`, but it is the string \"x\"
  3 |  b = 'x'
    |      ^^^";
    assert_eq!(error.to_string(), expected);
    assert_eq!(format!("{error:?}"), expected, "a `main` that returns it shows it");
}

#[test]
fn one_problem_is_one() {
    assert!(
        refused("plugins = 1").to_string().starts_with("the configuration has a problem:\n- <toml>:1:11: ")
    );
}

#[test]
fn columns_count_characters() {
    let error = refused("plugins = { 'größe' = [1] }");
    assert_eq!(error.problems()[0].location().unwrap().column(), Some(24));
    assert_eq!(error.problems()[0].location().unwrap().span(), Some(25..26));
}

#[test]
fn a_line_that_cannot_be_shown_is_left_out() {
    let long = format!("plugins = {{ a = [{}1] }}", "'x', ".repeat(100));
    assert_eq!(refused(&long).to_string().lines().count(), 2);
}

#[test]
fn names_of_the_document_cannot_break_a_message() {
    let error = refused("[plugins]\n\"a\\nb\\u001b\" = 1");
    assert_eq!(error.to_string().lines().count(), 4, "{error}");
    assert!(!error.to_string().contains('\u{1b}'));
    let error = refused(&format!("[plugins]\n{} = 1", "x".repeat(1000)));
    assert!(error.problems()[0].to_string().len() < 500);
}

#[test]
fn reports_are_joined_without_repeating_themselves() {
    let one = refused("plugins = 1");
    let both = one.clone().and(one).and(refused("plugin = 1"));
    assert_eq!(both.problems().len(), 2);
    assert_eq!(both.into_iter().count(), 2);
}

#[test]
fn errors_may_cross_threads() {
    fn crosses<T: Send + Sync + std::error::Error + 'static>() {}
    crosses::<ConfigError>();
    crosses::<pluginkit::config::ConfigProblem>();
}
