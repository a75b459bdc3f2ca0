//! The examples of pluginkit: `quickstart`, `tour`, `async_fetch`, `service` and their like.
