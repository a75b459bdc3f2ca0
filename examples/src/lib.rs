//! The examples of pluginkit: `quickstart`, `tour`, `async_fetch` and their like.
