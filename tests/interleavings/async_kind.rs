//! The async meaning of the names that tests of both managers use; `sync_kind` has the same names.

pub(crate) use pluginkit::AsyncPluginManager as Manager;

macro_rules! wait {
    ($operation:expr) => {
        shuttle::future::block_on($operation)
    };
}

macro_rules! implement {
    ($(#[$block:meta])* impl $specs:ident for $plugin:ident {
        $($(#[$method:meta])* fn $name:ident($($parameters:tt)*) -> $returned:ty $body:block)*
    }) => {
        $(#[$block])*
        impl $specs for $plugin {
            $(
                $(#[$method])*
                async fn $name($($parameters)*) -> $returned {
                    shuttle::future::yield_now().await;
                    $body
                }
            )*
        }
    };
}

macro_rules! pause {
    () => {
        shuttle::future::yield_now().await
    };
}

macro_rules! awaited {
    ($operation:expr) => {
        $operation.await
    };
}

pub(crate) use {awaited, implement, pause, wait};
