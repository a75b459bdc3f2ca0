//! Plugins and closures borrow what lives longer than their manager.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use pluginkit::prelude::*;
use pluginkit::{Error, Options};

#[extension_point]
trait Specs {
    fn check(&self, word: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, word: String) -> String;
}

struct Known<'p> {
    words: &'p [String],
    asked: &'p Cell<u32>,
}

#[extension(local)]
impl Specs for Known<'_> {
    fn check(&self, word: &str) -> Option<String> {
        self.asked.set(self.asked.get() + 1);
        self.words.iter().find(|known| *known == word).cloned()
    }
}

struct Prefix<'p, T> {
    prefix: &'p T,
    used: u32,
}

#[extension(local)]
impl<T: Display> Specs for Prefix<'_, T> {
    fn transform(&mut self, word: String) -> String {
        self.used += 1;
        format!("{}{word}{}", self.prefix, self.used)
    }
}

#[test]
fn a_plugin_borrows_from_the_host() -> Result<(), Error> {
    let words = vec!["harbor".to_owned()];
    let asked = Cell::new(0);
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    pm.plugin(Known { words: &words, asked: &asked }).extends(Specs).register()?;
    assert_eq!(pm.plugin_names(), ["Known"]);
    assert_eq!(pm.caller(Specs::check).call("harbor"), ["harbor"]);
    assert_eq!(pm.caller(Specs::check).call("lighthouse"), [""; 0]);
    assert_eq!(asked.get(), 2);
    Ok(())
}

#[test]
fn a_generic_plugin_borrows_and_changes() -> Result<(), Error> {
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    // It lives longer than the plugins, but not than the manager's variable.
    let seven = 7;
    {
        let inner = pm.clone();
        inner.plugin(Prefix { prefix: &7, used: 0 }).named("number").extends(Specs).register()?;
    }
    let local = LocalPluginManager::new("words");
    local.add_extension_points(Specs)?;
    local.plugin(Prefix { prefix: &seven, used: 0 }).named("number").extends(Specs).register()?;
    local.plugin(Prefix { prefix: &"p", used: 4 }).named("text").extends(Specs).register()?;
    assert_eq!(pm.caller(Specs::transform).call("w".to_owned()), "7w1");
    assert_eq!(local.caller(Specs::transform).call("w".to_owned()), "p7w15");
    assert_eq!(local.caller(Specs::transform).call("w".to_owned()), "p7w26");
    Ok(())
}

#[test]
fn closures_borrow_and_change_what_they_capture() -> Result<(), Error> {
    let heard = RefCell::new(Vec::new());
    let mut count = 0;
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    pm.register_fn("hears", Specs::check, |args| {
        heard.borrow_mut().push(args.word.to_owned());
        None
    })?;
    pm.register_fn_mut("counts", Specs::check, |args| {
        count += args.word.len();
        Some(count.to_string())
    })?;
    assert_eq!(pm.caller(Specs::check).call("harbor"), ["6"]);
    assert_eq!(pm.caller(Specs::check).call("sea"), ["9"]);
    drop(pm);
    assert_eq!((count, heard.into_inner()), (9, vec!["harbor".to_owned(), "sea".to_owned()]));
    Ok(())
}

#[test]
fn the_host_shares_a_plugin_and_reads_it() -> Result<(), Error> {
    let asked = Cell::new(0);
    let shared = LocalPlugin::new(Prefix { prefix: &"p", used: 0 });
    let known = LocalPlugin::new(Known { words: &[], asked: &asked });
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    pm.shared_plugin(&shared).extends(Specs).register()?;
    pm.shared_plugin(&known).extends(Specs).register()?;
    pm.caller(Specs::transform).call("w".to_owned());
    assert_eq!(shared.borrow().used, 1);
    shared.borrow_mut().used = 10;
    assert_eq!(pm.caller(Specs::transform).call("w".to_owned()), "pw11");
    drop(pm);
    assert_eq!(shared.borrow().used, 11);
    Ok(())
}

#[test]
fn a_borrowed_plugin_shows_itself_as_the_plugin_does() {
    let shared = LocalPlugin::new("sky");
    assert_eq!(format!("{shared:?}"), "LocalPlugin { id: None, .. }");
    assert_eq!(format!("{:?}", shared.borrow()), "\"sky\"");
    assert_eq!(format!("{:?}", shared.borrow_mut()), "\"sky\"");
}

#[test]
fn a_builder_takes_closures_over_the_plugin() -> Result<(), Error> {
    let prefix = String::from("<");
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    pm.plugin((&prefix, 0))
        .named("tuple")
        .extension(Specs::transform, Options::new(), |this, args| {
            let mut this = this.borrow_mut();
            this.1 += 1;
            format!("{}{}{}", this.0, args.word, this.1)
        })
        .wrapper(Specs::transform, Options::new(), |this, args, next| {
            let prefix = this.borrow().0.clone();
            next.run(args.word + &prefix)
        })
        .register()?;
    assert_eq!(pm.caller(Specs::transform).call("w".to_owned()), "<w<1");
    Ok(())
}

#[test]
fn a_plugin_is_dropped_when_it_is_unregistered_and_before_what_it_borrows() -> Result<(), Error> {
    struct Noisy<'p>(&'p RefCell<Vec<&'static str>>);
    impl Drop for Noisy<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push("dropped");
        }
    }
    #[extension(local)]
    impl Specs for Noisy<'_> {
        fn check(&self) -> Option<String> {
            self.0.borrow_mut().push("asked");
            None
        }
    }
    let log = RefCell::new(Vec::new());
    {
        let pm = LocalPluginManager::new("words");
        pm.add_extension_points(Specs)?;
        pm.plugin(Noisy(&log)).named("one").extends(Specs).register()?;
        pm.plugin(Noisy(&log)).named("two").extends(Specs).register()?;
        let _ = pm.caller(Specs::check).call("w");
        assert!(pm.unregister("one"));
        log.borrow_mut().push("unregistered");
    }
    assert_eq!(*log.borrow(), ["asked", "asked", "dropped", "unregistered", "dropped"]);
    Ok(())
}

#[test]
fn a_plugin_extends_generic_specs() -> Result<(), Error> {
    #[extension_point]
    trait Stores<T: Clone> {
        fn put(&self, value: &T) -> usize;
        #[extension_point(pipeline)]
        fn change(&self, value: &mut T);
    }
    struct Keeps<'p, T> {
        all: &'p RefCell<Vec<T>>,
        count: usize,
    }
    #[extension(local)]
    impl<T: Clone> Stores<T> for Keeps<'_, T> {
        fn put(&mut self, value: &T) -> usize {
            self.all.borrow_mut().push(value.clone());
            self.count += 1;
            self.count
        }
        #[extension(wrapper)]
        fn change(&self, value: &mut T, next: Next<'_>) {
            next.run(value);
            self.all.borrow_mut().push(value.clone());
        }
    }
    let all = RefCell::new(Vec::new());
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Stores::<String>::SPECS)?;
    pm.plugin(Keeps { all: &all, count: 0 }).named("keeps").extends(Stores::<String>::SPECS).register()?;
    pm.register_fn("loud", Stores::<String>::change, |args| args.value.make_ascii_uppercase())?;
    let mut word = String::from("harbor");
    assert_eq!(pm.caller(Stores::<String>::put).call(&word), [1]);
    pm.caller(Stores::<String>::change).call(&mut word);
    assert_eq!(*all.borrow(), ["harbor", "HARBOR"]);
    Ok(())
}
