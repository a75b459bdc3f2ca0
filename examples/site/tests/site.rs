//! Builds sites, and looks at their files: the guides of this project, and small sites with mistakes.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use pluginkit_examples::{Ran, prints, run, signal};
use support::{PROGRAM, guides, names, scratch};

/// Returns the values of an attribute in HTML.
fn attribute<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect()
}

#[test]
fn every_guide_is_a_page_and_every_link_leads_somewhere() {
    let output = scratch("guides");
    let printed = prints(&mut guides(&output));
    assert!(printed.contains(" words, 0 problems\n"), "{printed}");
    assert!(printed.contains("\nplugin "), "the timing table is missing in\n{printed}");

    let mut expected = names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pluginkit/docs"), "md");
    expected.retain(|name| name != "readme_links.md");
    expected.push("index.md".to_owned());
    expected.sort();
    let files = names(&output, "html");
    assert_eq!(files, expected.iter().map(|name| name.replace(".md", ".html")).collect::<Vec<_>>());

    let pages: BTreeMap<_, _> =
        files.iter().map(|name| (name.as_str(), fs::read_to_string(output.join(name)).unwrap())).collect();
    let ids: BTreeMap<_, BTreeSet<_>> =
        pages.iter().map(|(name, html)| (*name, attribute(html, "id").into_iter().collect())).collect();
    for (name, html) in &pages {
        let links = attribute(html, "href").into_iter().chain(attribute(html, "src"));
        for link in links.filter(|link| !link.contains("://") && !link.starts_with("data:")) {
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name } else { file };
            assert!(output.join(file).exists(), "{name}: {link}");
            assert!(fragment.is_empty() || ids[file].contains(fragment), "{name}: {link}");
        }
        assert!(!html.contains("{{"), "{name} has a place that nothing fills");
        assert!(!html.contains("href=\"crate::"), "{name} has a link that only rustdoc knows");
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        // Each page has the navigation to all others.
        for other in &files {
            assert!(html.contains(&format!("<li><a href=\"{other}\"")), "{name} does not lead to {other}");
        }
    }
    let loading = &pages["loading.html"];
    assert!(
        loading.contains("<li class=\"level-2\"><a href=\"#loading-it-again\">Loading it again</a></li>")
    );
    assert!(
        loading.contains("<span class=\"k\">pub</span> <span class=\"k\">trait</span>"),
        "Rust has colors"
    );
    assert!(!loading.contains("fn main() -&gt; Result"), "hidden lines are hidden");
    assert!(pages["insight.html"].contains("<svg width"), "the picture is behind the page");
}

#[test]
fn the_search_index_has_each_heading_and_the_text_below_it() {
    let output = scratch("search");
    prints(&mut guides(&output));
    let script = fs::read_to_string(output.join("search-index.js")).unwrap();
    let json =
        script.strip_prefix("window.searchIndex = ").and_then(|rest| rest.strip_suffix(";\n")).unwrap();
    let entries: Vec<BTreeMap<String, String>> = serde_json::from_str(json).unwrap();
    let entry = entries.iter().find(|entry| entry["u"] == "loading.html#discovery").unwrap();
    assert_eq!((entry["p"].as_str(), entry["h"].as_str()), ("Loading", "Discovery"));
    assert!(entry["t"].contains("registers every linked plugin"), "{}", entry["t"]);
    for entry in &entries {
        let file = entry["u"].split('#').next().unwrap();
        assert!(output.join(file).exists(), "{}", entry["u"]);
    }
}

/// A site of its own: a configuration, and pages beside it.
struct Small {
    folder: PathBuf,
}

impl Small {
    fn new(name: &str, plugins: &str, pages: &[(&str, &str)]) -> Self {
        let small = Self { folder: scratch(name) };
        fs::create_dir_all(small.folder.join("pages")).unwrap();
        for (name, text) in pages {
            small.write(name, text);
        }
        small.configure(plugins);
        small
    }

    fn write(&self, page: &str, text: &str) {
        fs::write(self.folder.join("pages").join(page), text).unwrap();
    }

    fn configure(&self, plugins: &str) {
        let text = format!(
            "[site]\ntitle = 'Small'\noutput = 'out'\n{plugins}\n[plugin.markdown-files]\nfolders = ['pages']\n"
        );
        fs::write(self.folder.join("site.toml"), text).unwrap();
    }

    fn program(&self) -> Command {
        let mut program = Command::new(PROGRAM);
        program.arg(self.folder.join("site.toml"));
        program
    }

    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join("out").join(name)).unwrap_or_default()
    }
}

const ALL: &str = "[plugins]
sources = ['markdown-files']
pages = ['front-matter', 'contents', 'highlight-rust', 'highlight-lines', 'links', 'other-sites', 'navigation']
output = ['home-template', 'page-template', 'theme', 'search']
discover = true
[plugin.other-sites]
hosts = ['example.org']";

#[test]
fn broken_links_are_told_and_the_exit_code_is_1() {
    let text = "# One\n\n[a](two.md#there) [b](two.md#gone) [c](three.md) [d](#one) [e](missing.png)\n\
                [f](https://example.org/x) [g](http://example.org) [h](https://elsewhere.org)\n\n## One\n";
    let small =
        Small::new("broken", ALL, &[("one.md", text), ("two.md", "# Two\n\n## There\n\n[up](one.md)\n")]);
    let Ran { code, stdout, .. } = run(&mut small.program());
    assert_eq!(code, Some(1), "{stdout}");
    let problems: Vec<_> = stdout.lines().filter_map(|line| line.strip_prefix("  one: ")).collect();
    let expected = [
        "`http://example.org` is not `https`",
        "`https://elsewhere.org`: `elsewhere.org` is not in `hosts`",
        "`missing.png` leads to no file",
        "`three.html` leads to no page",
        "`two.html#gone` leads to no heading of `two`",
    ];
    assert_eq!(problems, expected, "{stdout}");
}

#[test]
fn front_matter_headings_and_code_become_what_they_say() {
    let first = "+++\ntitle = \"A < B\"\ndescription = \"Short.\"\n+++\n# Part\n\nText & more.\n\n# Part\n\n\
                 ```rust\nlet x = \"<\";\n# let hidden = 1;\n```\n\n```brainfuck\n+<>\n```\n";
    let pages = [
        ("first.md", first),
        ("second.md", "# Second page\n\nIntro.\n"),
        ("draft.md", "+++\ndraft = true\n+++\n"),
    ];
    let small = Small::new("pages", ALL, &pages);
    prints(&mut small.program());
    let html = small.page("first.html");
    assert!(html.contains("<title>A &lt; B – Small</title>"), "{html}");
    assert!(html.contains("<meta name=\"description\" content=\"Short.\">"), "{html}");
    assert!(html.contains("<h2 id=\"part\">Part") && html.contains("<h2 id=\"part-1\">Part"), "{html}");
    assert!(html.contains("<span class=\"s\">&quot;&lt;&quot;</span>"), "{html}");
    assert!(!html.contains("</span> hidden"), "{html}");
    assert!(html.contains("<code class=\"language-brainfuck\">+&lt;&gt;"), "{html}");
    let html = small.page("second.html");
    assert!(html.contains("<h1>Second page</h1>") && html.contains("content=\"Intro.\""), "{html}");
    assert_eq!(small.page("draft.html"), "");
}

#[test]
fn the_file_chooses_the_plugins() {
    let page = ("one.md", "# One\n\n```rust\nfn main() {}\n# fn hidden() {}\n```\n");
    let few = "[plugins]\nall = ['markdown-files', 'page-template', 'contents']";
    let small = Small::new("few", few, &[page]);
    let printed = prints(&mut small.program());
    // Without `build-report`, the host says where the site is, and no more. Without `theme`, there is no style sheet.
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert!(!small.folder.join("out/style.css").exists());
    let html = small.page("one.html");
    assert!(html.contains("fn main() {}") && html.contains("# fn hidden() {}"), "{html}");

    small.configure("[plugins]\nall = ['markdown-files', 'page-templte']\n");
    let Ran { code, stderr, .. } = run(&mut small.program());
    assert!(code == Some(1) && stderr.contains("page-template"), "{stderr}");
    small.configure("[plugins]\nall = ['markdown-files', 'theme']\n[plugin.theme]\nhue = 'red'\n");
    let Ran { code, stderr, .. } = run(&mut small.program());
    assert!(code == Some(1) && stderr.contains("site.toml") && stderr.contains("hue"), "{stderr}");
    small.configure("[plugins]\nall = ['markdown-files', 'contents']\n");
    let Ran { code, stderr, .. } = run(&mut small.program());
    assert!(code == Some(1) && stderr.contains("no plugin has a template for the page `one`"), "{stderr}");
}

#[test]
fn what_is_unchanged_is_not_written_again() {
    let small = Small::new("unchanged", ALL, &[("one.md", "# One\n"), ("two.md", "# Two\n")]);
    assert!(prints(&mut small.program()).contains("2 of 2 pages rendered, 5 of 5 files written"));
    small.write("two.md", "# Two\n\nMore.\n");
    // The page and the search index.
    assert!(prints(&mut small.program()).contains("2 of 2 pages rendered, 2 of 5 files written"));
}

/// Reads what the program prints until a line says this.
fn wait_for(lines: &mut Lines<BufReader<ChildStdout>>, what: &str) {
    let mut seen = String::new();
    for line in lines.map_while(Result::ok) {
        seen.push_str(&line);
        seen.push('\n');
        if line.contains(what) {
            return;
        }
    }
    panic!("nothing says {what:?} in\n{seen}");
}

#[test]
fn a_watched_site_is_built_again_where_it_changed() {
    let small = Small::new("watched", ALL, &[("one.md", "# One\n"), ("two.md", "# Two\n")]);
    let mut program = small.program().arg("--watch").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    wait_for(&mut lines, "watching");
    assert!(small.page("one.html").contains("<h1>One</h1>"));

    small.write("one.md", "# Another\n");
    wait_for(&mut lines, "1 of 2 pages rendered");
    wait_for(&mut lines, "watching");
    // An editor's write is two changes, and the first may be seen alone.
    while !small.page("one.html").contains("<h1>Another</h1>") {
        wait_for(&mut lines, "watching");
    }

    small.configure(&format!("{ALL}\n[plugin.theme]\nhue = 12"));
    wait_for(&mut lines, "plugins that changed: theme");
    wait_for(&mut lines, "2 of 2 pages rendered");
    assert!(small.page("style.css").starts_with(":root { --hue: 12;"));
    wait_for(&mut lines, "watching");

    small.configure("[plugins]\nall = ['nothing']");
    wait_for(&mut lines, "not loaded: ");
    // The plugins are as before.
    small.write("two.md", "# The second\n");
    wait_for(&mut lines, "watching");
    while !small.page("two.html").contains("<h1>The second</h1>") {
        wait_for(&mut lines, "watching");
    }
    signal(&mut program, "INT");
    let status = program.wait().unwrap();
    assert!(status.success() || !cfg!(unix), "{status}");
}
