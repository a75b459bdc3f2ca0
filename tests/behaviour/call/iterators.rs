//! `iter` as an iterator.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn find(&self, key: u32) -> Option<u32>;
}

#[test]
fn an_iterator_knows_how_many_results_are_left_at_most() {
    let pm = PluginManager::new("iterators");
    pm.add_extension_points(Specs).unwrap();
    for (name, even) in [("a", true), ("b", false), ("c", true)] {
        pm.register_fn(name, Specs::find, move |args| {
            (args.key.is_multiple_of(2) == even).then_some(args.key)
        })
        .unwrap();
    }
    let mut found = pm.caller(Specs::find).iter(4);
    assert_eq!(found.size_hint(), (0, Some(3)));
    assert_eq!((found.next(), found.size_hint()), (Some(4), (0, Some(2))));
    assert_eq!((found.next(), found.size_hint()), (Some(4), (0, Some(0))));
    assert_eq!((found.next(), found.size_hint()), (None, (0, Some(0))));
    assert_eq!(pm.caller(Specs::find).iter(3).collect::<Vec<_>>(), [3]);
}
