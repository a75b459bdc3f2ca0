//! A text host with two plugins and a wrapper.

use pluginkit::prelude::*;

#[extension_point]
trait Text {
    fn remark(&self, line: &str) -> Option<String>;
}

struct Contains(&'static str);

#[extension]
impl Text for Contains {
    fn remark(&self, line: &str) -> Option<String> {
        line.contains(self.0).then(|| format!("says {}", self.0))
    }
}

struct Prefix(&'static str);

#[extension]
impl Text for Prefix {
    #[extension(wrapper)]
    fn remark(&self, line: &str, next: Next<'_>) -> Vec<String> {
        let remarks = next.run(line.trim());
        remarks.into_iter().map(|remark| format!("{}: {remark}", self.0)).collect()
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("text");
    pm.add_extension_points(Text)?;
    pm.register(Contains("urgent"))?;
    pm.register(Prefix("lint"))?;
    pm.register_fn("long", Text::remark, |args| (args.line.len() > 20).then(|| "is long".to_owned()))?;

    for line in ["urgent: say what this prints", "   urgent   ", "done"] {
        println!("{line:?} {:?}", pm.caller(Text::remark).call(line));
    }
    Ok(())
}
