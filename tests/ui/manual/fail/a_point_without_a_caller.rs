//~ ERROR: `Fetch` is not an extension point

use pluginkit::PluginManager;
use pluginkit::manual::{NoWrapper, PointTypes, Points, Specs};
use pluginkit::points::{Mode, PointInfo};

#[derive(Clone, Copy)]
pub struct Feed;

impl Specs for Feed {
    const NAME: &'static str = "Feed";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Fetch>();
    }
}

#[derive(Clone, Copy)]
pub struct Fetch;

pub trait Fetches: Send + Sync {}

impl PointTypes for Fetch {
    type Specs = Feed;
    type Extension = dyn Fetches;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &[]);
}

pub fn uses(pm: &PluginManager) {
    pm.caller(Fetch);
}
