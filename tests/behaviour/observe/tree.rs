//! [`Tree`]: the spans and events that a program told `tracing`, drawn.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::dispatcher::with_default;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Takes down spans and events. All clones are one.
#[derive(Clone, Default)]
pub struct Tree(Arc<Mutex<Vec<Node>>>);

/// A span, or an event.
#[derive(Default)]
struct Node {
    parent: Option<usize>,
    name: &'static str,
    about: String,
    fields: Fields,
    /// How often it was entered, of which it was left.
    entered: usize,
    left: usize,
    /// Whether it can still be entered, if it is a span.
    open: Option<bool>,
}

/// Fields as text, but for times.
#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.0 == name).map(|field| &*field.1)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        assert!(field.name() != "elapsed_us" || value < 60_000_000, "{value}");
        self.0.push((field.name(), "..".to_owned()));
    }
}

/// Where a span stands among the nodes.
struct Place(usize);

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Tree {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        let span = cx.span(id).unwrap();
        let parent = span.parent().and_then(|parent| parent.extensions().get::<Place>().map(|place| place.0));
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let place = self.add(parent, attributes.metadata(), fields, Some(true));
        span.extensions_mut().insert(Place(place));
    }
    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, S>) {
        self.change(id, &cx, |node| values.record(&mut node.fields));
    }
    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let parent = cx.event_span(event).map(|span| span.extensions().get::<Place>().unwrap().0);
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.add(parent, event.metadata(), fields, None);
    }
    fn on_enter(&self, id: &Id, cx: Context<'_, S>) {
        self.change(id, &cx, |node| node.entered += 1);
    }
    fn on_exit(&self, id: &Id, cx: Context<'_, S>) {
        self.change(id, &cx, |node| node.left += 1);
    }
    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        self.change(&id, &cx, |node| node.open = Some(false));
    }
}

impl Tree {
    /// Runs `body` on this thread, and returns what it told and what it returned.
    pub fn of<R>(body: impl FnOnce() -> R) -> (Self, R) {
        let tree = Self::default();
        let returned = with_default(&tree.subscriber(), body);
        (tree, returned)
    }

    /// Runs `body` on this thread, and returns what it told.
    pub fn drawn(body: impl FnOnce()) -> String {
        Self::of(body).0.draw()
    }

    /// What takes it down.
    pub fn subscriber(&self) -> Dispatch {
        Dispatch::new(tracing_subscriber::registry().with(self.clone()))
    }

    fn add(
        &self,
        parent: Option<usize>,
        about: &'static Metadata<'static>,
        fields: Fields,
        open: Option<bool>,
    ) -> usize {
        let mut nodes = self.0.lock().unwrap();
        let name = about.name();
        let about = format!("{} {}", about.target(), about.level());
        nodes.push(Node { parent, name, about, fields, open, ..Node::default() });
        nodes.len() - 1
    }

    fn change<S: Subscriber + for<'l> LookupSpan<'l>>(
        &self,
        id: &Id,
        cx: &Context<'_, S>,
        change: impl FnOnce(&mut Node),
    ) {
        let place = cx.span(id).unwrap().extensions().get::<Place>().unwrap().0;
        change(&mut self.0.lock().unwrap()[place]);
    }

    /// How often the span of this plugin was entered.
    pub fn entered(&self, plugin: &str) -> usize {
        let nodes = self.0.lock().unwrap();
        nodes.iter().find(|node| node.fields.get("plugin") == Some(plugin)).unwrap().entered
    }

    /// Whether the span of this plugin can still be entered.
    pub fn is_open(&self, plugin: &str) -> bool {
        let nodes = self.0.lock().unwrap();
        nodes.iter().find(|node| node.fields.get("plugin") == Some(plugin)).unwrap().open == Some(true)
    }

    /// The spans whole, one on a line.
    pub fn fields(&self) -> Vec<String> {
        let nodes = self.0.lock().unwrap();
        let whole = |node: &Node| {
            let mut line = format!("{} {}:", node.about, node.name);
            node.fields.0.iter().for_each(|(name, value)| write!(line, " {name}={value}").unwrap());
            line
        };
        nodes.iter().filter(|node| node.open.is_some()).map(whole).collect()
    }

    /// A line for each span, with its plugin or point and how it ended, and for each event, indented by what it
    /// stands in.
    pub fn draw(&self) -> String {
        let nodes = self.0.lock().unwrap();
        let mut drawn = String::from("\n");
        draw_within(&nodes, None, 1, &mut drawn);
        drawn
    }
}

fn draw_within(nodes: &[Node], parent: Option<usize>, depth: usize, drawn: &mut String) {
    for (place, node) in nodes.iter().enumerate().filter(|(_, node)| node.parent == parent) {
        let Node { name, fields, entered, left, .. } = node;
        assert_eq!(entered, left, "whoever enters a span leaves it: {name} {:?}", fields.0);
        let indent = "  ".repeat(depth);
        let line = match (node.open, fields.get("plugin").or(fields.get("point"))) {
            (None, _) => format!("- {}", fields.get("message").unwrap()),
            (Some(_), None) => (*name).to_owned(),
            (Some(open), Some(of)) => {
                let open = if open { " and is open" } else { "" };
                format!("{name} {of}: {}{open}", fields.get("outcome").unwrap_or("has no end"))
            }
        };
        writeln!(drawn, "{indent}{line}").unwrap();
        draw_within(nodes, Some(place), depth + 1, drawn);
    }
}
