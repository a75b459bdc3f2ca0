//! Every method, called.

use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

use super::LanguageServer;
use super::plugins::{All, Words};
use super::types::{Error, Hover, HoverParams, Location, Result, warnings};

fn manager(log: &Log) -> AsyncPluginManager {
    let pm = empty();
    pm.register(All(log.clone())).unwrap();
    pm
}

fn empty() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("lsp");
    pm.add_extension_points(LanguageServer).unwrap();
    pm
}

fn new<T: Default>() -> T {
    T::default()
}

/// Whether a plugin has answered, or the default body.
fn answered<T>(with: &Result<()>, outcome: Result<Option<T>>) {
    assert_eq!(outcome.map(|answer| assert!(answer.is_some())), *with);
}

/// Whether the one plugin has answered, or the default body.
fn collected<T>(with: &Result<()>, outcome: Result<Vec<T>>) {
    assert_eq!(outcome.map(|all| assert_eq!(all.len(), 1)), *with);
}

/// Calls all methods of a manager with one server, or with none.
fn every_method(pm: &AsyncPluginManager, servers: usize) {
    let with = if servers == 0 { Err(Error::method_not_found()) } else { Ok(()) };
    assert_eq!(block_on(pm.caller(LanguageServer::initialize).call(new())).map(|all| all.len()), Ok(servers));
    block_on(pm.caller(LanguageServer::initialized).call(new()));
    assert_eq!(block_on(pm.caller(LanguageServer::shutdown).call()), Ok(()));
    block_on(pm.caller(LanguageServer::did_open).call(new()));
    block_on(pm.caller(LanguageServer::did_change).call(new()));
    block_on(pm.caller(LanguageServer::will_save).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::will_save_wait_until).call(new())));
    block_on(pm.caller(LanguageServer::did_save).call(new()));
    block_on(pm.caller(LanguageServer::did_close).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::goto_declaration).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::goto_definition).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::goto_type_definition).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::goto_implementation).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::references).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::prepare_call_hierarchy).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::incoming_calls).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::outgoing_calls).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::prepare_type_hierarchy).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::supertypes).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::subtypes).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::document_highlight).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::document_link).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::document_link_resolve).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::hover).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::code_lens).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::code_lens_resolve).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::folding_range).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::selection_range).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::document_symbol).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::semantic_tokens_full).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::semantic_tokens_full_delta).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::semantic_tokens_range).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::inline_value).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::inlay_hint).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::inlay_hint_resolve).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::moniker).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::completion).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::completion_resolve).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::diagnostic).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::workspace_diagnostic).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::signature_help).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::code_action).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::code_action_resolve).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::document_color).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::color_presentation).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::formatting).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::range_formatting).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::on_type_formatting).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::rename).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::prepare_rename).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::linked_editing_range).call(new())));
    answered(&with, block_on(pm.caller(LanguageServer::symbol).call(new())));
    collected(&with, block_on(pm.caller(LanguageServer::symbol_resolve).call(new())));
    block_on(pm.caller(LanguageServer::did_change_configuration).call(new()));
    block_on(pm.caller(LanguageServer::did_change_workspace_folders).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::will_create_files).call(new())));
    block_on(pm.caller(LanguageServer::did_create_files).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::will_rename_files).call(new())));
    block_on(pm.caller(LanguageServer::did_rename_files).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::will_delete_files).call(new())));
    block_on(pm.caller(LanguageServer::did_delete_files).call(new()));
    block_on(pm.caller(LanguageServer::did_change_watched_files).call(new()));
    answered(&with, block_on(pm.caller(LanguageServer::execute_command).call(new())));
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
    every_method(&pm, 1);
    let methods: Vec<_> = pm.extension_points().iter().map(|point| point.name).collect();
    assert_eq!(log.take(), methods);
    assert!(warnings().is_empty());
}

#[test]
fn without_a_server_requests_are_refused_and_notifications_warn() {
    let pm = empty();
    every_method(&pm, 0);
    let notifications = [
        "initialized",
        "did_open",
        "did_change",
        "will_save",
        "did_save",
        "did_close",
        "did_change_configuration",
        "did_change_workspace_folders",
        "did_create_files",
        "did_rename_files",
        "did_delete_files",
        "did_change_watched_files",
    ];
    assert_eq!(warnings(), notifications);
}

#[test]
fn a_server_has_the_default_bodies_of_the_methods_that_it_leaves_out() {
    let pm = empty();
    pm.register(Words).unwrap();
    let hover = pm.caller(LanguageServer::hover);
    assert_eq!(block_on(hover.call(HoverParams("word"))), Ok(Some(Hover("words"))));
    let references = pm.caller(LanguageServer::references);
    assert_eq!(block_on(references.call(new())), Err(Error::method_not_found()));
    let completion = pm.caller(LanguageServer::completion);
    assert_eq!(block_on(completion.call(new())), Err(Error::method_not_found()));
    block_on(pm.caller(LanguageServer::did_open).call(new()));
    assert_eq!(warnings(), ["did_open"]);
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
