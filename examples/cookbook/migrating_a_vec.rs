//! From a `Vec<Box<dyn Trait>>` to a manager, in steps that each compile and print the same.
//!
//! ```text
//! cargo run --example migrating_a_vec
//! ```

/// Step 0: the program as it was. Each plugin implements the whole trait, and the host loops by hand.
mod by_hand {
    pub(crate) trait Plugin {
        fn name(&self) -> &'static str;

        fn on_line(&self, _line: &str) -> Option<String> {
            None
        }

        fn rewrite(&self, line: String) -> String {
            line
        }
    }

    struct Todo;

    impl Plugin for Todo {
        fn name(&self) -> &'static str {
            "todo"
        }

        fn on_line(&self, line: &str) -> Option<String> {
            line.contains("TODO").then(|| "something is left to do".to_owned())
        }
    }

    struct Tabs(usize);

    impl Plugin for Tabs {
        fn name(&self) -> &'static str {
            "tabs"
        }

        fn on_line(&self, line: &str) -> Option<String> {
            line.contains('\t').then(|| "there is a tab".to_owned())
        }

        fn rewrite(&self, line: String) -> String {
            line.replace('\t', &" ".repeat(self.0))
        }
    }

    pub(crate) fn run(lines: &[&str]) -> Vec<String> {
        let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Todo), Box::new(Tabs(2))];
        let mut printed = vec![plugins.iter().map(|plugin| plugin.name()).collect::<Vec<_>>().join(", ")];
        for line in lines {
            for plugin in &plugins {
                printed.extend(plugin.on_line(line));
            }
            let line = (*line).to_owned();
            printed.push(plugins.iter().fold(line, |line, plugin| plugin.rewrite(line)));
        }
        printed
    }
}

/// Step 1: the trait says what a call does, and loses its defaults. `name` goes: the manager knows the names.
mod points {
    use pluginkit::prelude::*;

    #[extension_point]
    pub(crate) trait Lines {
        /// A plugin without an answer returns `None`, as before.
        fn on_line(&self, line: &str) -> Option<String>;

        #[extension_point(pipeline)]
        fn rewrite(&self, line: String) -> String;
    }
}

/// Step 2: plugins leave out what they do not do. Their bodies stay as they are.
mod plugins {
    use pluginkit::prelude::*;

    use super::points::Lines;

    #[plugin(id = "todo")]
    pub(crate) struct Todo;

    #[extension]
    impl Lines for Todo {
        fn on_line(&self, line: &str) -> Option<String> {
            line.contains("TODO").then(|| "something is left to do".to_owned())
        }
    }

    #[plugin(id = "tabs")]
    pub(crate) struct Tabs(pub(crate) usize);

    #[extension]
    impl Lines for Tabs {
        fn on_line(&self, line: &str) -> Option<String> {
            line.contains('\t').then(|| "there is a tab".to_owned())
        }

        fn rewrite(&self, line: String) -> String {
            line.replace('\t', &" ".repeat(self.0))
        }
    }
}

/// Step 3: the manager takes the place of the `Vec`, and calls the places of the loops.
mod managed {
    use pluginkit::prelude::*;

    use super::plugins::{Tabs, Todo};
    use super::points::Lines;

    pub(crate) fn manager() -> Result<PluginManager, pluginkit::Error> {
        let pm = PluginManager::new("lines");
        pm.add_extension_points(Lines)?;
        pm.register(Todo)?;
        pm.register(Tabs(2))?;
        Ok(pm)
    }

    pub(crate) fn run(pm: &PluginManager, lines: &[&str]) -> Vec<String> {
        let (on_line, rewrite) = (pm.caller(Lines::on_line), pm.caller(Lines::rewrite));
        let mut printed =
            vec![pm.plugin_names().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")];
        for line in lines {
            printed.extend(on_line.call(line));
            printed.push(rewrite.call((*line).to_owned()));
        }
        printed
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lines = ["fn main() {", "\t// TODO", "}"];
    let before = by_hand::run(&lines);
    let pm = managed::manager()?;
    let after = managed::run(&pm, &lines);
    println!("{}", after.join("\n"));
    println!("the same as before: {}", before == after);

    // Step 4: what the loops could not do. A plugin that waits behind the others, without a place in a list:
    let last = pluginkit::Options::new().trylast();
    pm.register_fn_with("marks", points::Lines::rewrite, last, |args| format!("{}¶", args.line))?;
    // a plugin that is taken out while the program runs,
    pm.disable("todo", "all is done")?;
    // and the name of the plugin behind each answer:
    println!("{}", pm.caller(points::Lines::rewrite).call("\tend".to_owned()));
    for settled in pm.caller(points::Lines::on_line).settle("\tTODO") {
        if let Ok(Some(remark)) = settled.result {
            println!("{}: {remark}", settled.plugin);
        }
    }
    Ok(())
}
