//! Each rule of the library, a module per rule.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "test plugins are nobody's API"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "test predicates show shapes of signatures, not what one would do with them"
)]

#[path = "both"]
mod on_sync {
    mod arguments;
    mod auto_traits;
    mod callers;
    mod collecting;
    mod conditions;
    mod errors;
    mod extensions;
    mod first_result;
    mod lookups;
    mod observers;
    mod ordering;
    mod pipeline;
    mod reentrancy;
    mod registration;
    mod scale;
    mod specs;
    mod switches;
    mod threads;
    mod wrapper_errors;
    mod wrappers;
}

mod async_calls;
mod async_wrappers;
mod by_hand;
mod guarded;
mod historic;
