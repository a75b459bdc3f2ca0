//! The plugins of the generator itself. `site.toml` lists them.

mod contents;
mod front_matter;
mod highlight;
mod links;
mod markdown_files;
mod navigation;
mod progress;
mod search;
mod theme;
