//! The sources: Markdown files of folders, and the images beside them.

use std::fs;
use std::path::{Path, PathBuf};

use example_site_points::{Book, File, Site, Source};
use pluginkit::prelude::*;
use serde::Deserialize;

/// The kinds of files that pages show.
const IMAGES: [&str; 5] = ["svg", "png", "jpg", "jpeg", "webp"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The file that becomes the first page.
    index: Option<PathBuf>,
    /// The folders whose Markdown files become pages. Folders within them are not read.
    folders: Vec<PathBuf>,
    /// The names of files that become no page.
    #[serde(default)]
    ignore: Vec<String>,
}

#[plugin(id = "markdown-files", project = "site", config = Settings)]
struct MarkdownFiles(Settings);

impl From<Settings> for MarkdownFiles {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for MarkdownFiles {
    fn sources(&self, root: &Path) -> Result<Vec<Source>, BoxError> {
        let mut sources = Vec::new();
        if let Some(index) = &self.0.index {
            sources.push(read("index", root.join(index))?);
        }
        for path in self.entries(root)? {
            let is_markdown = path.extension().is_some_and(|extension| extension == "md");
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if is_markdown && !self.0.ignore.iter().any(|ignored| ignored == name) {
                sources.push(read(name, path.clone())?);
            }
        }
        Ok(sources)
    }

    fn watched(&self, root: &Path) -> Vec<PathBuf> {
        self.0.folders.iter().chain(&self.0.index).map(|path| root.join(path)).collect()
    }

    /// Images of the folders of pages are part of the site.
    fn files(&self, book: &Book) -> Result<Vec<File>, BoxError> {
        let mut folders: Vec<_> = book.pages.iter().filter_map(|page| page.path.parent()).collect();
        folders.sort();
        folders.dedup();
        let mut files = Vec::new();
        for folder in folders {
            for path in entries(folder)? {
                let extension = path.extension().and_then(|extension| extension.to_str());
                let (true, Some(name)) = (extension.is_some_and(|it| IMAGES.contains(&it)), path.file_name())
                else {
                    continue;
                };
                files.push(File { path: name.into(), bytes: fs::read(&path)? });
            }
        }
        Ok(files)
    }
}

impl MarkdownFiles {
    fn entries(&self, root: &Path) -> Result<Vec<PathBuf>, BoxError> {
        let entries = self.0.folders.iter().map(|folder| entries(&root.join(folder)));
        Ok(entries.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Returns the entries of a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, BoxError> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}

fn read(name: &str, path: PathBuf) -> Result<Source, BoxError> {
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Source { name: name.to_owned(), path, text })
}
