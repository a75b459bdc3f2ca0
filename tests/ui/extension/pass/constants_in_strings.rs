#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs<T: Clone + Send + Sync + std::fmt::Debug + 'static, const N: usize> {
    fn fetch(&self, topic: &T) -> String;

    fn count(&self, topic: &T) -> String;

    fn fill(&self, topic: &T) -> String {
        format!("{N}{topic:?}")
    }
}

pub struct Weather;

#[extension]
impl<T: Clone + Send + Sync + std::fmt::Debug + 'static, const N: usize> Specs<T, N> for Weather {
    fn fetch(&self, topic: &T) -> String {
        format!("{N}{topic:?}")
    }

    fn count(&self, _: &T) -> String {
        format!("{N:>3}")
    }

    #[extension(wrapper)]
    fn fill(&self, topic: &T, next: Next<'_>) -> Vec<String> {
        let mut all = next.run(topic);
        all.push(format!("{topic:N$?}"));
        all
    }
}

pub struct Written;

#[extension]
impl<const N: usize> Specs<u8, N> for Written {
    fn fetch(&self, topic: &u8) -> String {
        let text = Written::braces();
        format!(r"{topic}{text}{N}")
    }

    #[extension(helper)]
    fn braces() -> &'static str {
        "{{N}} \u{4e}"
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs::<u8, 3>::SPECS)?;
    PluginBuilder::new(Weather).named("weather").extends(Specs::<u8, 3>::SPECS).register(pm)?;
    PluginBuilder::new(Written).named("written").extends(Specs::<u8, 3>::SPECS).register(pm)?;
    Ok(())
}
