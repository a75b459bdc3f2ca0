//! A pipeline written by hand, over a value that borrows: two lifetimes, so that no signature says it.

use pluginkit::calls::Piped;
use pluginkit::kind::Kind;
use pluginkit::limits::FailurePolicy;
use pluginkit::manual::{
    Arguments, Callable, NoWrapper, PointTypes, Points, Rest, Specs, ThreadedArguments, TrySomes, TryValues,
    WrapArguments, Wrappable,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::{CallError, Options, PluginBuilder, PluginManager};

use super::PlainCaller;

#[derive(Clone, Copy)]
struct Text;

#[expect(non_upper_case_globals, reason = "points are named like the methods they stand for")]
impl Text {
    const trim: Trim = Trim;
    const cut: Cut = Cut;
}

impl Specs for Text {
    const NAME: &'static str = "Text";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Trim>();
        points.add::<Cut>();
    }
}

/// The value of both pipelines, and a mark that every extension sees.
struct Threads<'d, 'm> {
    text: Option<&'d str>,
    mark: &'m str,
}

impl<'d> ThreadedArguments<&'d str> for Threads<'d, '_> {
    fn threaded(&mut self) -> &mut Option<&'d str> {
        &mut self.text
    }
    fn spare(&self) -> Option<&'d str> {
        self.text
    }
}

// Extensions that always return the next value, with wrappers.

#[derive(Clone, Copy)]
struct Trim;

trait TrimExtension: Send + Sync {
    fn trim<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, String>;
}

trait TrimWrapper: Send + Sync {
    fn wrap<'d>(&self, text: &'d str, mark: &str, next: TrimNext<'_>) -> Result<&'d str, String>;
}

struct TrimNext<'n>(Rest<'n, Trim>);

impl TrimNext<'_> {
    fn run<'d>(self, text: &'d str, mark: &str) -> Result<&'d str, String> {
        self.0.thread::<TryValues, _, _>(Threads { text: Some(text), mark })
    }
}

impl PointTypes for Trim {
    type Specs = Text;
    type Extension = dyn TrimExtension;
    type Wrapper = dyn TrimWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Text", "trim", Mode::Pipeline, &["text", "mark"]);
}

impl<K: Kind> Callable<K> for Trim {
    type Caller = PlainCaller<Self, K>;
}

impl Wrappable for Trim {
    type Next<'n> = TrimNext<'n>;
}

impl<'d> Arguments<Trim, Result<&'d str, String>> for Threads<'d, '_> {
    fn call(&mut self, extension: &dyn TrimExtension, _last: bool) -> Result<&'d str, String> {
        extension.trim(self.text.take().unwrap(), self.mark)
    }
    fn error_text(returned: &Result<&'d str, String>) -> Option<String> {
        returned.as_ref().err().cloned()
    }
}

impl<'d> WrapArguments<Trim, Result<&'d str, String>> for Threads<'d, '_> {
    fn wrap(self, wrapper: &dyn TrimWrapper, next: Rest<'_, Trim>) -> Result<&'d str, String> {
        wrapper.wrap(self.text.unwrap(), self.mark, TrimNext(next))
    }
}

impl PlainCaller<Trim> {
    fn call<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, String> {
        self.0.dispatch().thread::<TryValues, _, _>(Threads { text: Some(text), mark })
    }
    fn try_call<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, CallError<String>> {
        self.0.dispatch().try_thread::<TryValues, _, _>(Threads { text: Some(text), mark })
    }
    fn settle<'d>(&self, text: &'d str, mark: &str) -> Piped<&'d str, &'d str, String> {
        self.0.dispatch().settle_threaded::<TryValues, _, _>(Threads { text: Some(text), mark })
    }
}

// Extensions that may leave the value as it is.

#[derive(Clone, Copy)]
struct Cut;

trait CutExtension: Send + Sync {
    fn cut<'d>(&self, text: &'d str, mark: &str) -> Result<Option<&'d str>, String>;
}

impl PointTypes for Cut {
    type Specs = Text;
    type Extension = dyn CutExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Text", "cut", Mode::Pipeline, &["text", "mark"]);
}

impl<K: Kind> Callable<K> for Cut {
    type Caller = PlainCaller<Self, K>;
}

impl<'d> Arguments<Cut, Result<Option<&'d str>, String>> for Threads<'d, '_> {
    fn call(&mut self, extension: &dyn CutExtension, _last: bool) -> Result<Option<&'d str>, String> {
        extension.cut(self.text.unwrap(), self.mark)
    }
    fn error_text(returned: &Result<Option<&'d str>, String>) -> Option<String> {
        returned.as_ref().err().cloned()
    }
}

impl<'d> WrapArguments<Cut, Result<&'d str, String>> for Threads<'d, '_> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, Cut>) -> Result<&'d str, String> {
        match *wrapper {}
    }
}

impl PlainCaller<Cut> {
    fn call<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, String> {
        self.0.dispatch().thread_optional::<TrySomes, _, _>(Threads { text: Some(text), mark })
    }
    fn try_call<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, CallError<String>> {
        self.0.dispatch().try_thread_optional::<TrySomes, _, _>(Threads { text: Some(text), mark })
    }
}

// Plugins.

struct Start;

impl TrimExtension for Start {
    fn trim<'d>(&self, text: &'d str, mark: &str) -> Result<&'d str, String> {
        text.strip_prefix(mark).ok_or_else(|| format!("no {mark}"))
    }
}

impl CutExtension for Start {
    fn cut<'d>(&self, text: &'d str, mark: &str) -> Result<Option<&'d str>, String> {
        if text.is_empty() { Err("empty".into()) } else { Ok(text.strip_prefix(mark)) }
    }
}

struct Spaces;

impl TrimWrapper for Spaces {
    fn wrap<'d>(&self, text: &'d str, mark: &str, next: TrimNext<'_>) -> Result<&'d str, String> {
        Ok(next.run(text.trim_start(), mark)?.trim_end())
    }
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("by hand");
    pm.add_extension_points(Text).unwrap();
    for id in ["a", "b"] {
        let plugin = PluginBuilder::new(Start).named(id);
        let plugin = plugin.object(Text::trim, Options::new(), |this| this);
        plugin.object(Text::cut, Options::new(), |this| this).register(&pm).unwrap();
    }
    pm
}

#[test]
fn a_value_that_borrows_passes_through_a_pipeline_written_by_hand() {
    let pm = manager();
    let text = "--x ".to_owned();
    let trim = pm.caller(Text::trim);
    assert_eq!(trim.call(&text, "-"), Ok("x "));
    PluginBuilder::new(Spaces).wrapper_object(Text::trim, Options::new(), |this| this).register(&pm).unwrap();
    assert_eq!(trim.call(" --x ", "-"), Ok("x"));
    assert_eq!(trim.call("-x", "-"), Err("no -".to_owned()));
}

#[test]
fn a_pipeline_written_by_hand_names_the_plugin_that_fails_and_goes_on_as_it_is_told() {
    let pm = manager();
    let trim = pm.caller(Text::trim);
    let error = trim.try_call("-x", "-").unwrap_err();
    assert!(matches!(&error, CallError::Failed { plugin: Some(id), .. } if id == "b"), "{error:?}");
    assert_eq!(trim.on_failure(FailurePolicy::Skip).try_call("-x", "-").unwrap(), "x");
    let Piped { value, settled, .. } = trim.settle("-x", "-");
    assert_eq!((value, settled.len()), ("x", 2));
    assert_eq!(settled[0].result.as_ref().unwrap(), &"x");
    assert!(settled[1].result.is_err());
}

#[test]
fn extensions_of_a_pipeline_written_by_hand_may_leave_the_value_as_it_is() {
    let pm = manager();
    let cut = pm.caller(Text::cut);
    assert_eq!(cut.call("-x", "-"), Ok("x"));
    assert_eq!(cut.call("x", "-"), Ok("x"));
    let error = cut.try_call("-", "-").unwrap_err();
    assert!(matches!(&error, CallError::Failed { plugin: Some(id), .. } if id == "b"), "{error:?}");
}
