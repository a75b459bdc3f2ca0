//! A plugin of the feed: the weather.

use std::collections::BTreeMap;

use feed_points::Feed;
use pluginkit::prelude::*;
use serde::Deserialize;

/// The settings of the plugin: `[plugin.weather]` of the configuration.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The degrees Celsius at each place.
    pub degrees: BTreeMap<String, f64>,
    /// The program shows degrees Fahrenheit.
    #[serde(default)]
    pub fahrenheit: bool,
}

/// Tells the weather at the places of its settings.
#[plugin(id = "weather", version = "0.1.0", project = "feed", config = Settings, build = Weather::new)]
pub struct Weather {
    settings: Settings,
}

impl Weather {
    /// Returns the plugin for its settings.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no places.
    pub fn new(settings: Settings) -> Result<Self, String> {
        if settings.degrees.is_empty() {
            return Err("`degrees` has no place".to_owned());
        }
        Ok(Self { settings })
    }
}

#[extension]
impl Feed for Weather {
    pub fn fetch(&self, topic: &str) -> Result<Option<String>, BoxError> {
        let Some(celsius) = self.settings.degrees.get(topic) else { return Ok(None) };
        let degrees = if self.settings.fahrenheit {
            format!("{:.0} °F", celsius * 1.8 + 32.0)
        } else {
            format!("{celsius:.0} °C")
        };
        Ok(Some(format!("{degrees} at the {topic}")))
    }
}
