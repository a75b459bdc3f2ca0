//! Opens the pages in a browser, wide and narrow, and uses them. Passes, and says so, where there is no Chromium.

mod support;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use pluginkit_examples::prints;
use support::{guides, names, scratch};

/// The page that opens the others in frames, and writes down what it finds.
const HARNESS: &str = include_str!("support/harness.html");

fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH")?).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

#[test]
fn every_page_fits_wide_and_narrow_and_the_search_finds() {
    let Some(browser) = browser() else {
        eprintln!("the pages are not looked at: there is no browser");
        return;
    };
    let output = scratch("browser");
    prints(&mut guides(&output));
    let pages = format!("{:?}", names(&output, "html"));
    let harness = output.join("harness.html");
    fs::write(&harness, HARNESS.replace("[/* pages */]", &pages)).unwrap();
    let profile = scratch("browser-profile");
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-quic"]);
    // Without it, a page may not look into the frames of files.
    command.arg("--allow-file-access-from-files").arg(format!("--user-data-dir={}", profile.display()));
    command.args(["--virtual-time-budget=60000", "--window-size=1400,1000", "--dump-dom"]);
    let dom = prints(command.arg(format!("file://{}", harness.display())));
    let (_, found) = dom.split_once("<pre id=\"found\">").expect("the harness ran");
    let (found, _) = found.split_once("</pre>").unwrap();
    assert_eq!(found, "all is well", "{dom}");
}
