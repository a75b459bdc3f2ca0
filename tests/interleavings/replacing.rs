//! A plugin that takes another's place while others call.

use pluginkit::prelude::*;
use shuttle::thread;

use crate::explore;
use crate::host::{Answer, Host, Model, Voice};

#[plugin(id = "guest", version = "1.0.0")]
struct Guest(Voice);

#[extension]
impl Model for Guest {
    fn answer(&self, order: u32) -> Answer {
        Answer { voice: self.0.number(), half: 0, order }
    }

    #[extension(target = "answer")]
    fn answer_again(&self, order: u32) -> Answer {
        Answer { voice: self.0.number(), half: 1, order }
    }

    fn pass(&self, mut trail: Vec<u32>) -> Vec<u32> {
        trail.push(self.0.number());
        trail
    }
}

/// A call sees the old one or the new one, never both or neither.
#[test]
fn a_call_sees_one_of_two_plugins_of_which_one_takes_the_others_place() {
    explore(|| {
        Host::with(|host| {
            let guest = |number| Guest(Voice::new(number, &host.ledger));
            host.pm.register(guest(7)).expect("its name is free");
            thread::scope(|scope| {
                scope.spawn(|| {
                    assert!(host.pm.replace(guest(8)).expect("nobody uses it").is_some());
                    host.expect(8, true);
                });
                for _ in 0..2 {
                    scope.spawn(|| {
                        let came = host.call(1);
                        assert!(came == [7] || came == [8], "{came:?}");
                        let trail = host.pass();
                        assert_eq!(
                            trail.iter().filter(|voice| [7, 8].contains(voice)).count(),
                            1,
                            "{trail:?}"
                        );
                        let names = host.pm.plugin_names();
                        assert_eq!(names.len(), 3, "{names:?}");
                    });
                }
            });
            host.expect(7, false);
        });
    });
}
