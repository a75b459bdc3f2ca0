//! Checks as plugins: a program runs them over a user's file, and a test suite runs the same ones over its fixtures.
//!
//! ```text
//! cargo run --example checks
//! cargo test -p pluginkit-examples --example checks
//! ```

use pluginkit::prelude::*;

#[extension_point(project = "checks")]
trait Checks {
    /// Returns what is wrong with a list of `key = value` lines.
    fn check(&self, lines: &[&str]) -> Result<(), String>;
}

#[plugin(id = "keys-are-unique", project = "checks", extends = Checks::check)]
fn keys_are_unique(lines: &[&str]) -> Result<(), String> {
    let mut keys: Vec<_> = lines.iter().filter_map(|line| Some(line.split_once('=')?.0.trim())).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("`{}` is there twice", pair[0])),
        None => Ok(()),
    }
}

#[plugin(id = "lines-have-values", project = "checks", extends = Checks::check)]
fn lines_have_values(lines: &[&str]) -> Result<(), String> {
    let without =
        lines.iter().find(|line| line.split_once('=').is_none_or(|(_, value)| value.trim().is_empty()));
    without.map_or(Ok(()), |line| Err(format!("`{line}` has no value")))
}

/// Returns a manager with every check that is linked into this program.
fn checks() -> Result<PluginManager, pluginkit::Error> {
    let pm = PluginManager::new("checks");
    pm.add_extension_points(Checks)?;
    pm.discover()?;
    Ok(pm)
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = checks()?;
    let files =
        [("good", vec!["name = ada", "color = red"]), ("bad", vec!["name = ada", "color =", "name = eve"])];
    for (name, lines) in files {
        // `settle` runs all checks, whatever the others say.
        for settled in pm.caller(Checks::check).settle(&lines) {
            match settled.result {
                Ok(()) => println!("{name}: {} ok", settled.plugin),
                Err(error) => println!("{name}: {error}"),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs each check by its name, as a test suite runs its tests: a check that is added is run here, too.
    #[test]
    fn the_fixture_passes_every_check() {
        let pm = checks().unwrap();
        let results = pm.caller(Checks::check).settle(&["name = ada", "color = red"]);
        assert_eq!(results.len(), pm.plugin_names().len());
        let failed: Vec<_> = results.into_iter().filter_map(|settled| settled.result.err()).collect();
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// A check that nothing trips is not tested.
    #[test]
    fn every_check_fails_on_some_fixture() {
        let pm = checks().unwrap();
        let fixtures = [vec!["a = 1", "a = 2"], vec!["a ="]];
        for name in pm.plugin_names() {
            let check = pm.caller(Checks::check).only([&name]);
            assert!(fixtures.iter().any(|lines| check.call(lines).is_err()), "`{name}` finds nothing");
        }
    }

    /// A plugin that is a function stays a function.
    #[test]
    fn a_check_can_be_called_by_itself() {
        assert_eq!(keys_are_unique(&["a = 1", "a = 2"]), Err("`a` is there twice".to_owned()));
    }
}
