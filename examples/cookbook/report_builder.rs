//! A report: each plugin adds a section.
//!
//! ```text
//! cargo run --example report_builder
//! ```

use pluginkit::Options;
use pluginkit::prelude::*;

/// What the report is about.
struct Sales {
    month: &'static str,
    amounts: Vec<(&'static str, u32)>,
}

struct Section {
    title: &'static str,
    lines: Vec<String>,
}

#[extension_point]
trait Report {
    /// Returns a section, or `None` if the plugin has nothing to say this month.
    fn section(&self, sales: &Sales) -> Option<Section>;

    /// Edits the finished text.
    #[extension_point(pipeline)]
    fn finish(&self, text: String) -> String;
}

struct Totals;

#[extension]
impl Report for Totals {
    // `tryfirst` puts this section before the others, in any order of registration.
    #[extension(tryfirst)]
    fn section(&self, sales: &Sales) -> Option<Section> {
        let total: u32 = sales.amounts.iter().map(|(_, amount)| amount).sum();
        Some(Section { title: "Total", lines: vec![format!("{total} in {}", sales.month)] })
    }
}

/// Names products that sold less than a limit.
struct Slow {
    limit: u32,
}

#[extension]
impl Report for Slow {
    fn section(&self, sales: &Sales) -> Option<Section> {
        let slow = sales.amounts.iter().filter(|(_, amount)| *amount < self.limit);
        let lines: Vec<_> = slow.map(|(product, amount)| format!("{product}: {amount}")).collect();
        (!lines.is_empty()).then_some(Section { title: "Slow", lines })
    }

    fn finish(&self, text: String) -> String {
        text.replace("Slow", &format!("Below {}", self.limit))
    }
}

/// The host knows no section. It asks for all of them, and puts them together.
fn build(pm: &PluginManager, sales: &Sales) -> String {
    let sections = pm.caller(Report::section).call(sales);
    let paragraphs =
        sections.iter().map(|section| format!("{}\n  {}\n", section.title, section.lines.join("\n  ")));
    pm.caller(Report::finish).call(paragraphs.collect::<Vec<_>>().concat())
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("report");
    pm.add_extension_points(Report)?;
    pm.register(Slow { limit: 10 })?;
    pm.register(Totals)?;
    // A section that needs no type of its own.
    pm.register_fn_with("Best", Report::section, Options::new().trylast(), |args| {
        let (product, _) = args.sales.amounts.iter().max_by_key(|(_, amount)| *amount)?;
        Some(Section { title: "Best", lines: vec![(*product).to_owned()] })
    })?;

    let may = Sales { month: "May", amounts: vec![("rope", 40), ("anchor", 3), ("lamp", 12)] };
    let june = Sales { month: "June", amounts: vec![("rope", 31), ("lamp", 18)] };
    println!("{}\n{}", build(&pm, &may), build(&pm, &june).trim_end());
    Ok(())
}
