//! Every method, called.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::{Arc, Mutex};

use pluginkit::local::LocalPlugin;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Plugin;
use super::plugins::{Logs, Opener};
use super::types::{
    AppHandle, Invoke, JsonValue, MockRuntime, PageLoadPayload, RunEvent, Runtime, Url, Webview, Window, Wry,
};

type Answer = Arc<Mutex<Option<String>>>;

fn empty<R: Runtime>() -> LocalPluginManager<'static> {
    let pm = LocalPluginManager::new("tauri");
    pm.add_extension_points(Plugin::<R>::SPECS).unwrap();
    pm
}

fn manager(log: &Log) -> LocalPluginManager<'static> {
    let pm = empty::<Wry>();
    let logs = Logs { log: log.clone(), loads: 0 };
    pm.plugin(logs).named("log").extends(Plugin::<Wry>::SPECS).register().unwrap();
    pm.register_as("opener", Opener).unwrap();
    pm
}

fn settings(text: &str) -> JsonValue {
    JsonValue(text.to_owned())
}

fn url(text: &str) -> Url {
    Url(text.to_owned())
}

fn invoke<R: Runtime>(command: &str) -> (Invoke<R>, Answer) {
    let (command, answer) = (command.to_owned(), Answer::default());
    (Invoke { command, answer: Arc::clone(&answer), webview: Webview::new("main") }, answer)
}

#[test]
fn every_method_is_called() {
    let log = Log::new();
    let pm = manager(&log);
    let threads = PluginManager::new("tauri");
    threads.add_extension_points(Plugin::<Wry>::SPECS).unwrap();
    assert_eq!(threads.extension_points().len(), 9);
    assert_eq!(pm.plugin_names(), ["log", "opener"]);
    let (app, webview) = (AppHandle::<Wry>::new("app"), Webview::<Wry>::new("main"));
    pm.caller(Plugin::<Wry>::initialize).call(&app, settings("{}")).unwrap();
    let refused = pm.caller(Plugin::<Wry>::initialize).call(&app, settings("")).unwrap_err();
    assert_eq!(refused.to_string(), "no settings");
    assert_eq!(pm.caller(Plugin::<Wry>::initialization_script).call(), ["log()"]);
    let scripts = pm.caller(Plugin::<Wry>::initialization_script_2).call();
    assert!(scripts.len() == 1 && scripts[0].script == "open()" && !scripts[0].for_main_frame_only);
    pm.caller(Plugin::<Wry>::window_created).call(Window::new("main"));
    pm.caller(Plugin::<Wry>::webview_created).call(webview.clone());
    let navigates = |to: &str| pm.caller(Plugin::<Wry>::on_navigation).call(&webview, &url(to));
    assert!(navigates("tauri://index") && !navigates("https://example.com"));
    pm.caller(Plugin::<Wry>::on_page_load).call(&webview, &PageLoadPayload { url: &url("tauri://index") });
    pm.caller(Plugin::<Wry>::on_event).call(&app, &RunEvent::Exit);
    let expected = ["initialize app {}", "window main", "webview main", "main loads tauri://index", "Exit"];
    assert_eq!(log.take(), expected);
}

#[test]
fn the_plugin_that_knows_a_command_takes_it() {
    let pm = manager(&Log::new());
    let extend = pm.caller(Plugin::<Wry>::extend_api);
    let (known, answer) = invoke("log");
    assert!(matches!(extend.call(known), Break(true)));
    assert_eq!(answer.lock().unwrap().as_deref(), Some("logged for main"));
    let (unknown, answer) = invoke("print");
    let Continue(unknown) = extend.call(unknown) else { panic!("no plugin knows `print`") };
    assert_eq!(unknown.command, "print");
    assert_eq!(*answer.lock().unwrap(), None);
}

#[test]
fn without_plugins_the_default_bodies_answer_on_every_runtime() {
    let pm = empty::<MockRuntime>();
    let (app, webview) = (AppHandle::<MockRuntime>::new("app"), Webview::new("main"));
    assert_eq!(pm.caller(Plugin::<MockRuntime>::initialize).call(&app, settings("")).unwrap(), ());
    assert!(pm.caller(Plugin::<MockRuntime>::initialization_script).call().is_empty());
    assert!(pm.caller(Plugin::<MockRuntime>::on_navigation).call(&webview, &url("https://example.com")));
    pm.caller(Plugin::<MockRuntime>::window_created).call(Window::new("main"));
    let defaults = pm.caller(Plugin::<MockRuntime>::window_created).implementations();
    assert_eq!(defaults.len(), 1);
}

#[test]
fn a_plugin_changes_itself_on_any_runtime() {
    let pm = empty::<MockRuntime>();
    let logs = LocalPlugin::new(Logs { log: Log::new(), loads: 0 });
    pm.shared_plugin(&logs).named("log").extends(Plugin::<MockRuntime>::SPECS).register().unwrap();
    assert!(pm.register_as("opener", Opener).is_err());
    let load = pm.caller(Plugin::<MockRuntime>::on_page_load);
    for page in ["tauri://index", "tauri://notes"] {
        load.call(&Webview::new("main"), &PageLoadPayload { url: &url(page) });
    }
    assert_eq!(logs.borrow().loads, 2);
    assert_eq!(logs.borrow().log.take(), ["main loads tauri://index", "main loads tauri://notes"]);
    let (loads, answer) = invoke("loads");
    assert!(matches!(pm.caller(Plugin::<MockRuntime>::extend_api).call(loads), Break(true)));
    assert_eq!(answer.lock().unwrap().as_deref(), Some("2 on mock"));
}
