//! The progress bar, on a terminal.

use std::io::{self, IsTerminal, Write};

use example_site_points::{Progress, Site};
use pluginkit::prelude::*;

const WIDTH: usize = 24;

#[plugin(id = "progress", project = "site", extends = Site::progress)]
fn progress(progress: Progress) {
    let mut terminal = io::stderr();
    if terminal.is_terminal() {
        // A terminal that is gone is no reason to fail.
        let _ = write!(terminal, "{}", line(progress)).and_then(|()| terminal.flush());
    }
}

/// Returns the line, which replaces the one before. When all is done, nothing is left of it.
fn line(Progress { step, done, total }: Progress) -> String {
    if step == "done" {
        return "\r\x1b[K".to_owned();
    }
    let filled = (WIDTH * done).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    format!("\r\x1b[K{step:5} [{}{}] {done}/{total}", "=".repeat(filled), " ".repeat(WIDTH - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_disappears() {
        let at = |done| line(Progress { step: "pages", done, total: 4 });
        assert!(at(0).contains(&format!("[{}] 0/4", " ".repeat(24))));
        assert!(at(2).contains(&format!("[{}{}] 2/4", "=".repeat(12), " ".repeat(12))));
        assert!(at(4).contains(&format!("[{}] 4/4", "=".repeat(24))));
        assert_eq!(line(Progress { step: "done", done: 4, total: 4 }), "\r\x1b[K");
        assert!(line(Progress { step: "files", done: 0, total: 0 }).contains('='));
    }
}
