//! Drains in metrics.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use pluginkit::insight::MetricsFacade;
use pluginkit::prelude::*;

use super::kind::{Manager, PREFIX, implement, wait};
use crate::insight::board::Board;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// Waits until it may leave.
struct Slow(Mutex<Sender<()>>, Mutex<Receiver<()>>);

implement! {
    #[extension]
    impl Specs for Slow {
        fn fetch(&self, topic: &str) -> String {
            self.0.lock().unwrap().send(()).unwrap();
            self.1.lock().unwrap().recv().unwrap();
            topic.to_owned()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Slow {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

#[test]
fn drains_are_counted_by_whether_they_reached_their_limit() {
    let project = format!("drains{PREFIX}");
    let (pm, board) = (Manager::new(&project), Board::default());
    pm.add_extension_points(Specs).unwrap();
    let ((entered, seen), (leave, waiting)) = (channel(), channel());
    pm.register_as("slow", Slow(Mutex::new(entered), Mutex::new(waiting))).unwrap();
    pm.set_drain_limit("slow", Duration::ZERO).unwrap();
    wait!(pm.start_all()).unwrap();
    pm.observe(MetricsFacade::new()).forget();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| board.record(|| wait!(pm.caller(Specs::fetch).call("x"))));
        seen.recv().unwrap();
        assert_eq!(
            board.of("pluginkit_calls_in_flight"),
            [format!("manager={project} point=Specs::fetch 1")]
        );
        board.record(|| wait!(pm.stop_plugin("slow"))).unwrap();
        leave.send(()).unwrap();
        call.join().unwrap();
    });
    let expected = format!("manager={project} plugin=slow outcome=limit_reached 1");
    assert_eq!(board.of("pluginkit_drains_total"), [expected]);
    assert_eq!(board.of("pluginkit_drain_duration_seconds"), [format!("manager={project} plugin=slow 1")]);
    assert!(board.of("pluginkit_calls_in_flight").is_empty());
}
