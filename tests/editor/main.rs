//! What an editor shows of specs, plugins and calls, beside what it shows of a plain trait.
//!
//! The test asks `rust-analyzer` over its protocol about `fixture`: a program with this library, and the same program with
//! a plain trait. `items` has the questions. At least [`LEAST`] of them must be answered well for this library. Under the
//! release of [`RECORDED_WITH`], these must be the ones that `items` expects. Where there is no `rust-analyzer`, or the
//! sources of its standard library are missing, the test says so and passes.
//!
//! `PLUGINKIT_EDITOR=show` prints every answer, `PLUGINKIT_EDITOR_ONLY=text` asks only the items whose name has the text.

mod answers;
mod client;
mod items;
mod project;
mod server;

/// The number of items that must hold under every release.
const LEAST: usize = 52;

/// The release under which the expectations of `items` were recorded.
const RECORDED_WITH: &str = "rust-analyzer 1.96.0";

#[test]
fn an_editor_helps_with_points_as_it_does_with_a_plain_trait() {
    let server = match server::find() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let mut project = project::Project::open(&server);
    let only = std::env::var("PLUGINKIT_EDITOR_ONLY").unwrap_or_default();
    let show = std::env::var("PLUGINKIT_EDITOR").is_ok_and(|value| value == "show");
    let (mut held, mut plain_held, mut surprises) = (0, 0, Vec::new());
    let items: Vec<_> = items::ITEMS.iter().filter(|item| item.name.contains(&only)).collect();
    for item in &items {
        let ours = project.judge("points.rs", &item.ours);
        let plain = item.plain.as_ref().map(|plain| project.judge("plain.rs", plain));
        held += usize::from(ours.holds());
        plain_held += usize::from(plain.as_ref().is_some_and(answers::Judged::holds));
        let column = |judged: Option<&answers::Judged>| match judged {
            None => " ",
            Some(judged) if judged.holds() => "+",
            Some(_) => "-",
        };
        println!("{} {} {}", column(Some(&ours)), column(plain.as_ref()), item.name);
        if show || ours.holds() == item.falls_short.is_some() {
            println!("      {}", ours.answer.replace('\n', "\n      "));
            if let (true, Some(plain)) = (show, &plain) {
                println!("      plain: {}", plain.answer.replace('\n', "\n      "));
            }
        }
        match (&ours.fault, item.falls_short) {
            (Some(fault), None) => surprises.push(format!("`{}` falls short: {fault}", item.name)),
            (None, Some(_)) => surprises.push(format!("`{}` holds: remove its `falls_short`", item.name)),
            _ => {}
        }
    }
    // What the server says of itself, if it could not load all of the project.
    println!("{}", project.client.health);
    println!("{held} of {} items hold; {plain_held} with a plain trait ({})", items.len(), server.version);
    let expected = server.version.starts_with(RECORDED_WITH);
    if !only.is_empty() {
        return;
    }
    assert!(held >= LEAST, "only {held} items hold:\n{}", surprises.join("\n"));
    assert!(!expected || surprises.is_empty(), "{}", surprises.join("\n"));
}
