//! A trip that is booked as a whole or not at all: plugins reserve, a bank is charged, and whatever fails, what was
//! done before is undone.
//!
//! ```text
//! cargo run -p example-async --bin booking
//! ```

use pluginkit::prelude::*;
use pluginkit::saga::{AsyncSaga, SagaError};

#[extension_point]
trait Trips {
    /// Reserves a place, and says which.
    fn reserve(&self, destination: &str) -> Result<String, BoxError>;

    /// Gives a place back.
    fn release(&self, place: &str) -> Result<(), BoxError>;

    #[extension_point(firstresult)]
    fn charge(&self, euros: u32) -> Result<Option<u32>, BoxError>;
}

/// Reserves something, except where there is none.
struct Provider {
    what: &'static str,
    not_in: &'static str,
    /// Whether it takes back what it has given.
    relents: bool,
}

#[extension]
impl Trips for Provider {
    async fn reserve(&self, destination: &str) -> Result<String, BoxError> {
        if destination == self.not_in {
            return Err(format!("no {} in {destination}", self.what).into());
        }
        println!("  + {} in {destination}", self.what);
        Ok(format!("{} in {destination}", self.what))
    }

    async fn release(&self, place: &str) -> Result<(), BoxError> {
        if !self.relents {
            return Err(format!("a {} is not given back", self.what).into());
        }
        println!("  - {place}");
        Ok(())
    }
}

struct Bank {
    limit: u32,
}

#[extension]
impl Trips for Bank {
    async fn charge(&self, euros: u32) -> Result<Option<u32>, BoxError> {
        if euros > self.limit {
            return Err(format!("{euros} euros are too much").into());
        }
        println!("  + {euros} euros charged");
        Ok(Some(euros))
    }
}

/// What the plugins and the host share: trips under way and trips booked.
#[derive(Debug, Default)]
struct Desk {
    trips: Vec<String>,
}

impl Desk {
    fn with(desk: Option<&Self>, destination: &str) -> Self {
        let trips = desk.map_or_else(Vec::new, |desk| desk.trips.clone());
        Self { trips: trips.into_iter().chain([destination.to_owned()]).collect() }
    }
}

/// Books all that a trip needs, or leaves all as it was.
async fn book(pm: &AsyncPluginManager, destination: &str, euros: u32) -> Result<usize, SagaError> {
    let (reserve, release) = (pm.caller(Trips::reserve), pm.caller(Trips::release));
    let mut saga = AsyncSaga::new();

    saga.remember::<Desk>(pm.shared_state());
    pm.shared_state().update(|desk| Desk::with(desk, destination));

    // If a reservation fails, only the plugins that have reserved are asked to release.
    let undo = |plugin, place: String| {
        let release = release.only([plugin]);
        async move { release.call(&place).await }
    };
    let places = saga.each("reserve", reserve.settle(destination), undo).await?;
    saga.run("charge", pm.caller(Trips::charge).call(euros)).await?;

    saga.commit();
    Ok(places.len())
}

#[tokio::main]
async fn main() -> Result<(), pluginkit::Error> {
    let pm = AsyncPluginManager::new("trips");
    pm.add_extension_points(Trips)?;
    pm.register_as("airline", Provider { what: "flight", not_in: "Paris", relents: false })?;
    pm.register_as("hotel", Provider { what: "room", not_in: "Nowhere", relents: true })?;
    pm.register_as("rental", Provider { what: "car", not_in: "Venice", relents: true })?;
    pm.register(Bank { limit: 500 })?;

    for (destination, euros) in [("Porto", 450), ("Paris", 300), ("Venice", 300), ("Lima", 900)] {
        println!("== {destination}");
        match book(&pm, destination, euros).await {
            Ok(places) => println!("  booked {places} places"),
            Err(error) => println!("  {error:?}"),
        }
    }
    let desk = pm.shared_state().get::<Desk>().expect("a trip was booked");
    println!("booked: {}", desk.trips.join(", "));
    Ok(())
}
