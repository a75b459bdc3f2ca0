//! The examples of pluginkit: `quickstart`, `tour` and `async_fetch`.
