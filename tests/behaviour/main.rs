//! The rules of the library, in a folder for each topic.
//!
//! A rule that holds for both managers is a module in the topic's folder `both`. Its modules are compiled twice:
//! `super::kind` is [`pluginkit_tests::on_sync`] in one tree and [`pluginkit_tests::on_async`] in the other. Modules
//! beside that folder test one manager.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "plugins of tests have no users"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "predicates of tests show shapes of signatures"
)]
#![allow(clippy::duplicate_mod, reason = "both managers pass the same tests")]

#[path = "."]
mod on_sync {
    use pluginkit_tests::on_sync as kind;

    mod both;
}

#[path = "."]
mod on_async {
    use pluginkit_tests::on_async as kind;

    mod both;
}

mod base;
mod call;
mod destructors;
mod historic;
mod insight;
mod lifecycle;
mod limits;
mod local;
mod manager;
mod manual;
mod observe;
mod saga;
mod spec;
mod testing;
mod wrappers;
