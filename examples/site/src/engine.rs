//! The host: calls the points one after the other, and knows nothing of what plugins do there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use std::{fs, mem};

use example_site_points::{Book, Build, File, Page, Progress, Site, Source, Timing};
use pluginkit::AsyncPluginManager;
use pluginkit::config::PluginConfig;
use pluginkit::insight::Metrics;
use pluginkit::observe::ObserverGuard;
use pluginkit::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html};
use tokio::task::JoinSet;

use crate::settings::SiteSettings;

pub(crate) struct Engine {
    file: PathBuf,
    output: Option<PathBuf>,
    pm: Arc<AsyncPluginManager>,
    metrics: Metrics,
    _observing: ObserverGuard,
    /// The pages of the last build, with their sources. A load of other plugins empties it.
    pages: HashMap<String, (Source, Page)>,
}

impl Engine {
    pub(crate) async fn new(file: PathBuf, output: Option<PathBuf>) -> Result<Self, BoxError> {
        let pm = AsyncPluginManager::from_config("site", Site, &plugins_of(&file)?).await?;
        let metrics = Metrics::new();
        let observing = pm.observe(metrics.clone());
        Ok(Self { file, output, pm: Arc::new(pm), metrics, _observing: observing, pages: HashMap::new() })
    }

    pub(crate) async fn start(&self) -> Result<(), BoxError> {
        Ok(self.pm.start_all().await?)
    }

    pub(crate) async fn stop(&self) -> Result<(), BoxError> {
        Ok(self.pm.stop_all().await?)
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Returns the folder that paths of the configuration start from.
    pub(crate) fn root(&self) -> &Path {
        match self.file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    /// Returns the files and folders that the plugins read.
    pub(crate) async fn watched(&self) -> Vec<PathBuf> {
        self.pm.caller(Site::watched).call(self.root()).await.into_iter().flatten().collect()
    }

    /// Applies the configuration as it is now, and returns the plugins that changed.
    pub(crate) async fn reload(&mut self) -> Result<Vec<PluginId>, BoxError> {
        let report = self.pm.load_config(&plugins_of(&self.file)?).await?;
        self.pages.clear();
        let changed = [report.added(), report.removed(), report.reconfigured(), report.moved()];
        Ok(changed.concat())
    }

    /// Builds the site, and returns whether it is without mistakes.
    pub(crate) async fn build(&mut self) -> Result<bool, BoxError> {
        let started = Instant::now();
        self.metrics.reset();
        let settings = SiteSettings::read(&self.file)?;
        let (pages, rendered) = self.render_all().await?;
        let mut book =
            Book { title: settings.title, description: settings.description, pages, ..Book::default() };
        self.pm.caller(Site::arrange).call(&mut book).await?;
        let book = Arc::new(book);

        self.progress("links", 0, 1).await;
        let problems = self.pm.caller(Site::check).call_concurrent(&book).await;
        let mut problems: Vec<_> = problems.into_iter().flatten().collect();
        problems.sort();

        let files = self.files(&book).await?;
        let output = self.output.clone().unwrap_or_else(|| self.root().join(&settings.output));
        let mut written = 0;
        for (done, file) in files.iter().enumerate() {
            self.progress("files", done, files.len()).await;
            written += usize::from(write(&output, file)?);
        }
        self.progress("done", files.len(), files.len()).await;

        let sections = book.pages.iter().flat_map(|page| &page.sections);
        let build = Build {
            rendered,
            pages: book.pages.len(),
            written,
            files: files.len(),
            words: sections.map(|section| section.text.split_whitespace().count()).sum(),
            problems,
            elapsed: started.elapsed(),
            timings: self.timings(),
        };
        println!("{} is in {}", book.title, output.canonicalize().unwrap_or(output).display());
        for paragraph in self.pm.caller(Site::report).call(&build).await {
            println!("{paragraph}");
        }
        Ok(build.problems.is_empty())
    }

    /// Renders the sources that changed, each in a task of its own. Returns all pages by their names, and the number of
    /// those that were rendered.
    async fn render_all(&mut self) -> Result<(Vec<Page>, usize), BoxError> {
        let sources: Vec<Source> =
            self.pm.caller(Site::sources).call(self.root()).await?.into_iter().flatten().collect();
        let (mut known, mut tasks) = (mem::take(&mut self.pages), JoinSet::new());
        let total = sources.len();
        for source in sources {
            if self.pages.contains_key(&source.name) {
                return Err(format!("two sources have the name `{}`", source.name).into());
            }
            match known.remove(&source.name) {
                Some((same, page)) if same == source => {
                    self.pages.insert(source.name.clone(), (source, page));
                }
                _ => {
                    let pm = Arc::clone(&self.pm);
                    // A source that fails has no page; the next build tries it again.
                    tasks.spawn(async move {
                        let page = render(&pm, &source).await;
                        page.map(|page| (source, page))
                    });
                }
            }
        }
        let rendered = tasks.len();
        while let Some(done) = tasks.join_next().await {
            let (source, page) = done??;
            if let Some((other, _)) = self.pages.insert(source.name.clone(), (source, page)) {
                return Err(format!("two sources have the name `{}`", other.name).into());
            }
            self.progress("pages", self.pages.len(), total).await;
        }
        let mut pages: Vec<_> =
            self.pages.values().map(|(_, page)| page).filter(|page| !page.is_draft).cloned().collect();
        pages.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((pages, rendered))
    }

    /// Returns all files of the site.
    async fn files(&self, book: &Book) -> Result<Vec<File>, BoxError> {
        let mut files = Vec::new();
        for page in &book.pages {
            let text = self.pm.caller(Site::template).call(page, book).await;
            let text =
                text.ok_or_else(|| format!("no plugin has a template for the page `{}`", page.name))?;
            files.push(File::text(page.file(), text));
        }
        files.extend(self.pm.caller(Site::files).call(book).await?.into_iter().flatten());
        Ok(files)
    }

    async fn progress(&self, step: &'static str, done: usize, total: usize) {
        self.pm.caller(Site::progress).call(Progress { step, done, total }).await;
    }

    fn timings(&self) -> Vec<Timing> {
        let mut measured = self.metrics.extensions();
        measured.sort_by_key(|measurement| std::cmp::Reverse(measurement.total));
        let rows = measured.into_iter().map(|measurement| Timing {
            plugin: measurement.plugin.map(|plugin| plugin.to_string()).unwrap_or_default(),
            point: measurement.point.name,
            calls: measurement.calls,
            total: measurement.total,
        });
        rows.collect()
    }
}

/// Reads the configuration of the plugins: the file, and over it variables such as `SITE_PLUGIN__THEME__ACCENT`.
fn plugins_of(file: &Path) -> Result<PluginConfig, BoxError> {
    Ok(PluginConfig::from_path(file)?.with_env("SITE")?)
}

async fn render(pm: &AsyncPluginManager, source: &Source) -> Result<Page, BoxError> {
    let named = |error: BoxError| format!("{}: {error}", source.path.display());
    let mut page = Page {
        name: source.name.clone(),
        path: source.path.clone(),
        markdown: source.text.clone(),
        ..Page::default()
    };
    pm.caller(Site::prepare).call(&mut page).await.map_err(named)?;
    let markdown = mem::take(&mut page.markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let mut events = Parser::new_ext(&markdown, options).collect();
    pm.caller(Site::transform).call(&mut events, &mut page).await.map_err(named)?;
    let events = highlight(pm, events).await;
    html::push_html(&mut page.html, events.into_iter());
    Ok(page)
}

/// Replaces blocks of code by HTML, where a plugin knows the language.
async fn highlight<'a>(pm: &AsyncPluginManager, events: Vec<Event<'a>>) -> Vec<Event<'a>> {
    let highlight = pm.caller(Site::highlight);
    let (mut kept, mut block): (Vec<Event<'a>>, Option<(usize, String)>) = (Vec::new(), None);
    for event in events {
        match (&event, &mut block) {
            (Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(words))), None) => {
                let language = words.split([',', ' ']).next().unwrap_or_default();
                block = Some((kept.len(), language.to_owned()));
            }
            (Event::End(TagEnd::CodeBlock), Some((start, language))) => {
                let code = example_site_points::plain_code(&kept[*start + 1..]);
                if let Some(colored) = highlight.call(language, &code).await {
                    kept.truncate(*start);
                    kept.push(Event::Html(colored.into()));
                    block = None;
                    continue;
                }
                block = None;
            }
            _ => {}
        }
        kept.push(event);
    }
    kept
}

/// Writes a file if it is not there as it should be. Returns whether it was written.
fn write(output: &Path, file: &File) -> Result<bool, BoxError> {
    let path = output.join(&file.path);
    if fs::read(&path).is_ok_and(|bytes| bytes == file.bytes) {
        return Ok(false);
    }
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &file.bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(true)
}
