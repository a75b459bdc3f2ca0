#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[allow(unused_assignments)]
    fn assign(&self, mut count: u8) -> u8 {
        count = 2;
        count
    }

    #[expect(unused_assignments, reason = "it is a test")]
    fn assign_again(&self, mut count: u8) -> u8 {
        count = 2;
        count
    }

    #[cfg_attr(all(), allow(unreachable_code))]
    fn stop(&self) -> u8 {
        return 1;
        2
    }

    #[expect(deprecated)]
    fn old(&self, topic: &str) -> String {
        shout(topic)
    }

    fn rename(&self, _topic: &str, mut _count: u8) -> u8 {
        1
    }
}

#[deprecated]
pub fn shout(text: &str) -> String {
    text.to_uppercase()
}
