//! Every method, called.

use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

use super::LanguageServer;
use super::plugins::{All, Words};
use super::types::{Error, Hover, HoverParams, Location, Result};

fn manager(log: &Log) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("lsp");
    pm.add_extension_points(LanguageServer).unwrap();
    pm.register(All(log.clone())).unwrap();
    pm
}

fn new<T: Default>() -> T {
    T::default()
}

/// Whether a plugin has answered.
fn answered<T>(outcome: Result<Option<T>>) {
    assert!(matches!(outcome, Ok(Some(_))));
}

/// Whether the one plugin has answered.
fn collected<T>(outcome: Result<Vec<T>>) {
    assert_eq!(outcome.map(|all| all.len()), Ok(1));
}

#[test]
fn there_are_63_methods_and_each_has_a_plugin() {
    let pm = manager(&Log::new());
    assert_eq!(pm.extension_points().len(), 63);
    assert_eq!(pm.extension_points_of("All").unwrap().len(), 63);
}

#[test]
fn every_request_and_every_notification_reaches_the_plugin() {
    let log = Log::new();
    let pm = manager(&log);
    collected(block_on(pm.caller(LanguageServer::initialize).call(new())));
    block_on(pm.caller(LanguageServer::initialized).call(new()));
    assert_eq!(block_on(pm.caller(LanguageServer::shutdown).call()), Ok(()));
    block_on(pm.caller(LanguageServer::did_open).call(new()));
    block_on(pm.caller(LanguageServer::did_change).call(new()));
    block_on(pm.caller(LanguageServer::will_save).call(new()));
    answered(block_on(pm.caller(LanguageServer::will_save_wait_until).call(new())));
    block_on(pm.caller(LanguageServer::did_save).call(new()));
    block_on(pm.caller(LanguageServer::did_close).call(new()));
    answered(block_on(pm.caller(LanguageServer::goto_declaration).call(new())));
    answered(block_on(pm.caller(LanguageServer::goto_definition).call(new())));
    answered(block_on(pm.caller(LanguageServer::goto_type_definition).call(new())));
    answered(block_on(pm.caller(LanguageServer::goto_implementation).call(new())));
    answered(block_on(pm.caller(LanguageServer::references).call(new())));
    answered(block_on(pm.caller(LanguageServer::prepare_call_hierarchy).call(new())));
    answered(block_on(pm.caller(LanguageServer::incoming_calls).call(new())));
    answered(block_on(pm.caller(LanguageServer::outgoing_calls).call(new())));
    answered(block_on(pm.caller(LanguageServer::prepare_type_hierarchy).call(new())));
    answered(block_on(pm.caller(LanguageServer::supertypes).call(new())));
    answered(block_on(pm.caller(LanguageServer::subtypes).call(new())));
    answered(block_on(pm.caller(LanguageServer::document_highlight).call(new())));
    answered(block_on(pm.caller(LanguageServer::document_link).call(new())));
    collected(block_on(pm.caller(LanguageServer::document_link_resolve).call(new())));
    answered(block_on(pm.caller(LanguageServer::hover).call(new())));
    answered(block_on(pm.caller(LanguageServer::code_lens).call(new())));
    collected(block_on(pm.caller(LanguageServer::code_lens_resolve).call(new())));
    answered(block_on(pm.caller(LanguageServer::folding_range).call(new())));
    answered(block_on(pm.caller(LanguageServer::selection_range).call(new())));
    answered(block_on(pm.caller(LanguageServer::document_symbol).call(new())));
    answered(block_on(pm.caller(LanguageServer::semantic_tokens_full).call(new())));
    answered(block_on(pm.caller(LanguageServer::semantic_tokens_full_delta).call(new())));
    answered(block_on(pm.caller(LanguageServer::semantic_tokens_range).call(new())));
    answered(block_on(pm.caller(LanguageServer::inline_value).call(new())));
    answered(block_on(pm.caller(LanguageServer::inlay_hint).call(new())));
    collected(block_on(pm.caller(LanguageServer::inlay_hint_resolve).call(new())));
    answered(block_on(pm.caller(LanguageServer::moniker).call(new())));
    answered(block_on(pm.caller(LanguageServer::completion).call(new())));
    collected(block_on(pm.caller(LanguageServer::completion_resolve).call(new())));
    collected(block_on(pm.caller(LanguageServer::diagnostic).call(new())));
    collected(block_on(pm.caller(LanguageServer::workspace_diagnostic).call(new())));
    answered(block_on(pm.caller(LanguageServer::signature_help).call(new())));
    answered(block_on(pm.caller(LanguageServer::code_action).call(new())));
    collected(block_on(pm.caller(LanguageServer::code_action_resolve).call(new())));
    collected(block_on(pm.caller(LanguageServer::document_color).call(new())));
    collected(block_on(pm.caller(LanguageServer::color_presentation).call(new())));
    answered(block_on(pm.caller(LanguageServer::formatting).call(new())));
    answered(block_on(pm.caller(LanguageServer::range_formatting).call(new())));
    answered(block_on(pm.caller(LanguageServer::on_type_formatting).call(new())));
    answered(block_on(pm.caller(LanguageServer::rename).call(new())));
    answered(block_on(pm.caller(LanguageServer::prepare_rename).call(new())));
    answered(block_on(pm.caller(LanguageServer::linked_editing_range).call(new())));
    answered(block_on(pm.caller(LanguageServer::symbol).call(new())));
    collected(block_on(pm.caller(LanguageServer::symbol_resolve).call(new())));
    block_on(pm.caller(LanguageServer::did_change_configuration).call(new()));
    block_on(pm.caller(LanguageServer::did_change_workspace_folders).call(new()));
    answered(block_on(pm.caller(LanguageServer::will_create_files).call(new())));
    block_on(pm.caller(LanguageServer::did_create_files).call(new()));
    answered(block_on(pm.caller(LanguageServer::will_rename_files).call(new())));
    block_on(pm.caller(LanguageServer::did_rename_files).call(new()));
    answered(block_on(pm.caller(LanguageServer::will_delete_files).call(new())));
    block_on(pm.caller(LanguageServer::did_delete_files).call(new()));
    block_on(pm.caller(LanguageServer::did_change_watched_files).call(new()));
    answered(block_on(pm.caller(LanguageServer::execute_command).call(new())));
    let methods: Vec<_> = pm.extension_points().iter().map(|point| point.name).collect();
    assert_eq!(log.take(), methods);
}

#[test]
fn the_first_plugin_that_knows_an_answer_gives_it() {
    let log = Log::new();
    let pm = manager(&log);
    pm.register(Words).unwrap();
    let hover = pm.caller(LanguageServer::hover);
    assert_eq!(block_on(hover.call(HoverParams("word"))), Ok(Some(Hover("words"))));
    assert_eq!(block_on(hover.call(HoverParams("other"))), Ok(Some(Hover("all"))));
    let references = block_on(pm.caller(LanguageServer::references).call(new()));
    assert_eq!(references, Ok(Some(vec![Location("all")])));
    assert_eq!(block_on(pm.caller(LanguageServer::shutdown).call()), Err(Error(-32600)));
    assert_eq!(log.take(), ["hover", "references"]);
}
