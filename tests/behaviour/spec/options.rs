//! Options of extensions as values.

use pluginkit::Options;
use pluginkit::points::Bucket;

#[test]
fn options_that_do_the_same_are_equal() {
    let mut assigned = Options::new();
    assigned.bucket = Bucket::First;
    assigned.priority = 3;
    assigned.before = "a".into();
    assigned.after = "b".into();
    assigned.enabled = false;
    let set = Options::new().tryfirst().priority(3).before("a").after("b").enabled(false);
    assert_eq!(assigned, set);
    assert_ne!(set, set.clone().priority(4));
    assert_ne!(set, set.clone().method("fetch"));
}

#[test]
fn options_that_do_not_override_the_same_differ() {
    let none = Options::new();
    for back in [none.clone().priority(0), none.clone().bucket(Bucket::Normal), none.clone().enabled(true)] {
        assert_ne!(none, back, "it takes back what a plugin declares");
        assert_eq!(back, back.clone());
    }
}
