//! Generic plugins, whose parameters need no bounds of their own.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

struct Cached<'a, T, F, const N: usize>(&'a str, T, F);

#[extension]
impl<T, F, const N: usize> Specs for Cached<'_, T, F, N>
where
    T: ToString,
    F: Fn(&str) -> String,
{
    fn fetch(&self, topic: &str) -> String {
        format!("{}{}{}{N}", self.0, self.1.to_string(), (self.2)(topic))
    }

    #[extension(wrapper, target = "fetch")]
    fn around(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(&topic.to_uppercase())
    }

    #[extension(wrapper, target = "fetch")]
    fn outside(&self, next: Next<'_>) -> Vec<String> {
        next.run()
    }

    fn configure(&self) {}
}

struct Borrowing<'a>(&'a str);

#[extension]
impl Specs for Borrowing<'_> {
    fn fetch(&self, topic: &str) -> String {
        topic.replace(self.0, "")
    }
}

#[test]
fn a_plugin_may_borrow_what_is_static() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    PluginBuilder::new(Borrowing("h")).extends(Specs).register(&pm).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["arbor"]);
}

#[test]
fn a_generic_plugin_names_its_specs() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    let plugin = Cached::<_, _, 3>("a", 1, str::to_owned);
    PluginBuilder::new(plugin).named("cached").extends(Specs).register(&pm).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["a1HARBOR3"]);
}

mod shell {
    use pluginkit::prelude::*;

    pub(super) trait Runtime: Send + Sync + 'static {
        fn name() -> &'static str;
    }

    /// Specs of a shell over any runtime.
    #[extension_point(project = "shell", version = "1.2.0")]
    pub(super) trait Plugin<R: Runtime, E = String>
    where
        E: Send + Sync + Clone,
    {
        /// Starts.
        fn start(&self, names: &[R]) -> Result<usize, E>;

        #[cfg(any())]
        fn absent(&self, runtime: Missing<R>);

        #[cfg(not(any()))]
        #[deprecated(note = "write `start`")]
        fn begin(&self, runtime: &R);

        #[extension_point(pipeline, on_failure = "skip")]
        fn r#type(&self, r#in: Vec<E>, _: &R) -> Vec<E>;
    }
}

use shell::Plugin as P;

#[derive(Clone)]
struct Wry;

impl shell::Runtime for Wry {
    fn name() -> &'static str {
        "wry"
    }
}

struct Named;

#[extension(tryfirst)]
impl<R, E> P<R, E> for Named
where
    R: shell::Runtime,
    E: Send + Sync + Clone + 'static,
{
    fn start(&self, _: &[R]) -> Result<usize, E> {
        Ok(Self::length::<R>())
    }

    #[extension(target = "type")]
    fn double(&self, r#in: Vec<E>) -> Vec<E> {
        r#in.iter().flat_map(|each| [each.clone(), each.clone()]).collect()
    }

    #[extension(helper)]
    fn length<T: shell::Runtime>() -> usize {
        T::name().len()
    }
}

const fn is_point<T: pluginkit::ExtensionPoint>(_: T) {}

#[test]
fn generic_specs_keep_their_attributes_and_options() {
    let pm = PluginManager::new("shell");
    pm.add_extension_points(<P<Wry>>::SPECS).unwrap();
    PluginBuilder::new(Named).extends(P::<Wry, String>::SPECS).register(&pm).unwrap();
    assert_eq!(pm.caller(<P<Wry>>::start).call(&[]), Ok(vec![3]));
    assert_eq!(pm.caller(P::<Wry, String>::r#type).call(vec!["a".to_owned()], &Wry), ["a", "a"]);
    assert_eq!(pm.extension_points().len(), 3);
    assert!(PluginManager::new("other").add_extension_points(<P<Wry>>::SPECS).is_err());
    is_point::<pluginkit::point!(P::<Wry, String>::start)>(<P<Wry>>::start);
}

#[test]
fn generic_specs_may_be_declared_in_a_function() {
    #[extension_point]
    trait Local<T: Copy + Send + Sync, const N: usize> {
        fn array(&self, array: [T; N]) -> usize;
        #[extension_point(historic)]
        fn told(&self, array: &[T], first: Option<&T>, count: usize);
    }

    struct Counts;

    #[extension]
    impl<T: Copy + Send + Sync, const N: usize> Local<T, N> for Counts {
        fn array(&self, _: [T; N]) -> usize {
            N
        }

        fn told(&self, array: &[T], count: usize) {
            assert_eq!(array.len(), count);
        }
    }

    let pm = PluginManager::new("feed");
    pm.add_extension_points(Local::<u8, 3>::SPECS).unwrap();
    PluginBuilder::new(Counts).extends(Local::<u8, 3>::SPECS).register(&pm).unwrap();
    assert_eq!(pm.caller(Local::<u8, 3>::array).call([0; 3]), [3]);
}

#[extension_point]
trait Trait<T: ?Sized> {
    fn points_may_name_no_parameter(&self, text: String);
    fn show(&self, value: &T) -> usize;
}

macro_rules! specs {
    ($name:ident, $parameter:ident, $bound:path, $argument:ty) => {
        #[extension_point]
        trait $name<$parameter: $bound> {
            fn show(&self, value: &$argument) -> String;
        }
    };
}

specs!(Shows, T, ToString, T);

#[test]
fn generic_specs_may_come_out_of_a_macro() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Shows::<u8>::SPECS).unwrap();
    pm.add_extension_points(Trait::<str>::SPECS).unwrap();
    pm.register_fn("shows", Shows::<u8>::show, |args| args.value.to_string()).unwrap();
    assert_eq!(pm.caller(Shows::<u8>::show).call(&7), ["7"]);
    pm.caller(Trait::<str>::points_may_name_no_parameter).call(String::new());
    pm.register_fn("length", Trait::<str>::show, |args| args.value.len()).unwrap();
    assert_eq!(pm.caller(Trait::<str>::show).call("text"), [4]);
}

#[extension_point]
trait Visits<'ast> {
    fn visit(&self, node: &Node<'ast>) -> usize;
}

struct Node<'ast>(&'ast str);

struct Length;

/// Without the macro, the lifetime is used twice, and cannot be elided.
#[extension]
impl<'ast> Visits<'ast> for Length {
    fn visit(&self, node: &Node<'ast>) -> usize {
        node.0.len()
    }
}

#[test]
fn a_block_may_name_the_lifetime_of_its_specs() {
    let pm = PluginManager::new("ast");
    pm.add_extension_points(Visits).unwrap();
    pm.register(Length).unwrap();
    assert_eq!(pm.caller(Visits::visit).call(&Node("item")), [4]);
}
