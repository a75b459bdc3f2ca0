//! The examples of pluginkit: `quickstart` and `tour`.
