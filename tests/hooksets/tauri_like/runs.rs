//! Every hook, called.

use std::marker::PhantomData;

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Plugin;
use super::plugins::{Journal, Local, Scripts};
use super::types::{App, Event, Headless, Invoke, PageLoad, Runtime, Window, Wry};

fn manager<R: Runtime>(log: &Log) -> PluginManager {
    let pm = PluginManager::new("shell");
    pm.add_extension_points(Plugin::<R>::SPECS).unwrap();
    let journal = Journal::<R> { log: log.clone(), runtime: PhantomData };
    PluginBuilder::new(journal).named("journal").extends(Plugin::<R>::SPECS).register(&pm).unwrap();
    PluginBuilder::new(Local).extends(Plugin::<R>::SPECS).register(&pm).unwrap();
    pm
}

fn run<R: Runtime>(pm: &PluginManager) -> Vec<String> {
    let app = App::<R>::new("notes");
    pm.caller(Plugin::<R>::initialize).call(&app, "{}").unwrap();
    let main = Window::new("main");
    pm.caller(Plugin::<R>::window_created).call(main.clone());
    assert_eq!(pm.caller(Plugin::<R>::on_navigation).call(&main, "app:index"), [true]);
    assert_eq!(pm.caller(Plugin::<R>::on_navigation).call(&main, "https:"), [false]);
    pm.caller(Plugin::<R>::on_page_load).call(&main, &PageLoad { url: "app:index", finished: true });
    let mut exit = Event::Exit { code: 0 };
    pm.caller(Plugin::<R>::on_event).call(&app, &mut exit);
    assert!(matches!(exit, Event::Exit { code: 1 }));
    pm.caller(Plugin::<R>::on_event).call(&app, &mut Event::Ready);
    let title = String::from(" notes ");
    assert_eq!(pm.caller(Plugin::<R>::title).call(&title), "notes");
    pm.caller(Plugin::<R>::configure).call_historic("dark", main.clone());
    let mut replies = Vec::new();
    for command in ["where", "", "other"] {
        let mut invoke = Invoke { command, window: &main, replies: &mut replies };
        let answered = pm.caller(Plugin::<R>::extend_api).call(&mut invoke);
        replies.push(format!("{command}: {}", answered.is_some()));
    }
    replies
}

#[test]
fn every_hook_reaches_the_plugins_of_its_runtime() {
    let log = Log::new();
    let pm = manager::<Wry>(&log);
    pm.register(Scripts).unwrap();
    assert_eq!(pm.caller(Plugin::<Wry>::initialization_script).call(), ["window.shell = {}"]);
    assert_eq!(run::<Wry>(&pm), ["main of wry", "where: true", ": true", "other: false"]);
    assert_eq!(
        log.take(),
        [
            "notes on wry: {}",
            "window main",
            "main loads app:index true",
            "Exit { code: 0 }",
            "Ready",
            "main is dark"
        ]
    );
}

#[test]
fn another_runtime_has_hooks_of_its_own() {
    let log = Log::new();
    let pm = manager::<Headless>(&log);
    assert!(pm.register(Scripts).is_err());
    assert_eq!(run::<Headless>(&pm), ["main of headless", "where: true", ": false", "other: false"]);
    let late = Journal::<Headless> { log: log.clone(), runtime: PhantomData };
    log.take();
    PluginBuilder::new(late).named("late").extends(Plugin::<Headless>::SPECS).register(&pm).unwrap();
    assert_eq!(log.take(), ["main is dark"]);
    let names: Vec<_> = pm.extension_points().iter().map(ToString::to_string).collect();
    assert_eq!(names[0], "Plugin<Headless>::initialize");
    assert_eq!(names.len(), 9);
}
