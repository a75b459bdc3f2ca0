//! Builds again what changes, until Ctrl-C.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};
use pluginkit::prelude::BoxError;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

use crate::engine::Engine;

/// An editor writes a file in several steps. This long after the last one, the file is read.
const QUIET: Duration = Duration::from_millis(80);

pub(crate) async fn watch(engine: &mut Engine) -> Result<(), BoxError> {
    // One listener for the whole time: a Ctrl-C during a build is not lost.
    let (stop, mut stopped) = oneshot::channel();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        let _ = stop.send(());
    });
    loop {
        let (sender, mut changes) = unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)) {
                // It fails once nobody watches any more.
                let _ = sender.send(event.paths);
            }
        })?;
        // An editor may replace the file, and a watch of the file would end with it.
        watcher.watch(engine.root(), RecursiveMode::NonRecursive)?;
        let watched = engine.watched().await;
        for path in &watched {
            watcher.watch(path, RecursiveMode::Recursive)?;
        }
        println!("watching");
        if !rebuild_until_reload(engine, &watched, &mut changes, &mut stopped).await? {
            return Ok(());
        }
    }
}

/// Builds after each change of a source. Returns whether the configuration changed; if not, the user has had enough.
async fn rebuild_until_reload(
    engine: &mut Engine,
    watched: &[PathBuf],
    changes: &mut UnboundedReceiver<Vec<PathBuf>>,
    stopped: &mut oneshot::Receiver<()>,
) -> Result<bool, BoxError> {
    let file = engine.file().canonicalize()?;
    let watched: Vec<_> = watched.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_source = |path: &Path| watched.iter().any(|watched| path.starts_with(watched));
    loop {
        let Some(changed) = next(changes, stopped).await else { return Ok(false) };
        let changed: Vec<_> =
            changed.iter().map(|path| path.canonicalize().unwrap_or(path.clone())).collect();
        let is_reload = changed.contains(&file);
        if is_reload {
            match engine.reload().await {
                Ok(plugins) => println!("plugins that changed: {}", names(&plugins)),
                Err(error) => {
                    println!("not loaded: {error}");
                    continue;
                }
            }
        } else if !changed.iter().any(|path| is_source(path)) {
            continue;
        }
        if let Err(error) = engine.build().await {
            println!("not built: {error}");
        }
        if is_reload {
            return Ok(true);
        }
        println!("watching");
    }
}

/// Waits for changes, and for the quiet after them. `None` is Ctrl-C.
async fn next(
    changes: &mut UnboundedReceiver<Vec<PathBuf>>,
    stopped: &mut oneshot::Receiver<()>,
) -> Option<Vec<PathBuf>> {
    let mut paths = tokio::select! {
        paths = changes.recv() => paths?,
        _ = stopped => return None,
    };
    while let Ok(Some(more)) = tokio::time::timeout(QUIET, changes.recv()).await {
        paths.extend(more);
    }
    Some(paths)
}

fn names(plugins: &[impl AsRef<str>]) -> String {
    if plugins.is_empty() {
        return "none".to_owned();
    }
    plugins.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}
