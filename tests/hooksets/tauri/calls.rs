//! Every method, called.

use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Plugin;
use super::plugins::{Logs, Opener};
use super::types::{AppHandle, Invoke, JsonValue, PageLoadPayload, RunEvent, Url, Webview, Window, Wry};

fn manager(log: &Log) -> PluginManager {
    let pm = PluginManager::new("tauri");
    pm.add_extension_points(Plugin).unwrap();
    pm.register(Logs(log.clone())).unwrap();
    pm.register(Opener).unwrap();
    pm
}

#[test]
fn every_method_is_called() {
    let log = Log::new();
    let pm = manager(&log);
    assert_eq!(pm.extension_points().len(), 9);
    assert_eq!(pm.plugin_names(), ["log", "opener"]);
    let (app, webview) = (AppHandle::<Wry>::new("app"), Webview::<Wry>::new("main"));
    let settings = |text: &str| JsonValue(text.to_owned());
    pm.caller(Plugin::initialize).call(&app, settings("{}")).unwrap();
    let refused = pm.caller(Plugin::initialize).call(&app, settings("")).unwrap_err();
    assert_eq!(refused.to_string(), "no settings");
    assert_eq!(pm.caller(Plugin::initialization_script).call(), ["log()"]);
    let scripts = pm.caller(Plugin::initialization_script_2).call();
    assert!(scripts.len() == 1 && scripts[0].script == "open()" && !scripts[0].for_main_frame_only);
    pm.caller(Plugin::window_created).call(Window::new("main"));
    pm.caller(Plugin::webview_created).call(webview.clone());
    let url = |text: &str| Url(text.to_owned());
    let navigates = |to: &str| pm.caller(Plugin::on_navigation).iter(&webview, &url(to)).all(|answer| answer);
    assert!(navigates("tauri://index") && !navigates("https://example.com"));
    pm.caller(Plugin::on_page_load).call(&webview, &PageLoadPayload { url: &url("tauri://index") });
    pm.caller(Plugin::on_event).call(&app, &RunEvent::Exit);
    let expected = ["initialize app {}", "window main", "webview main", "main loads tauri://index", "Exit"];
    assert_eq!(log.take(), expected);
}

#[test]
fn the_plugin_that_knows_a_command_takes_it() {
    let pm = manager(&Log::new());
    let extend = pm.caller(Plugin::extend_api);
    let invoke = |command: &str| {
        let (command, answer) = (command.to_owned(), Arc::new(Mutex::new(None)));
        let webview = Webview::<Wry>::new("main");
        (Some(Invoke { command, answer: Arc::clone(&answer), webview }), answer)
    };
    let (mut known, answer) = invoke("log");
    assert_eq!(extend.call(&mut known), Some(()));
    assert!(known.is_none());
    assert_eq!(answer.lock().unwrap().as_deref(), Some("logged for main"));
    let (mut unknown, _) = invoke("print");
    assert_eq!(extend.call(&mut unknown), None);
    assert_eq!(unknown.unwrap().command, "print");
}
