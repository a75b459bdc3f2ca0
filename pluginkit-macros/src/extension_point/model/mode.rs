//! The mode of a point: what its options say, where its arguments and its return type allow it.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Type;

use crate::extension_point::args::{ModeArg, PointArgs};
use crate::extension_point::model::arg::{Arg, Passing};
use crate::extension_point::model::checks::is_object;
use crate::extension_point::model::point::Point;
use crate::extension_point::model::shape::{Shape, control_flow};
use crate::support::errors::Errors;
use crate::support::lifetimes::{Find, head, ungrouped};
use crate::support::names;

/// The mode of a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Collecting,
    FirstResult,
    /// Hands on the argument at this position.
    HandsOn(usize),
    /// Threads the argument at this position by value.
    Pipeline(usize),
    /// Edits an argument in place.
    PipelineInPlace,
    Historic,
}

impl Mode {
    /// Returns the name of the mode in documentation.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::FirstResult | Self::HandsOn(_) => "firstresult",
            Self::Pipeline(_) | Self::PipelineInPlace => "pipeline",
            Self::Historic => "historic",
        }
    }

    /// Returns the position of the argument that passes by value from extension to extension.
    pub(crate) fn running(self) -> Option<usize> {
        match self {
            Self::Pipeline(position) | Self::HandsOn(position) => Some(position),
            _ => None,
        }
    }
}

impl Point {
    pub(super) fn set_mode(&mut self, mode: &ModeArg, errors: &mut Errors) {
        let returns = names::pretty(&self.returns);
        let hands_on = control_flow(&self.returns, self.shape).is_some();
        match mode {
            ModeArg::FirstResult(key, named) if hands_on => self.set_hands_on(key, named.as_ref(), errors),
            _ if hands_on => errors.push(
                &self.returns,
                "a `ControlFlow` answers a call or hands an argument on, which only a firstresult point does: add `#[extension_point(firstresult)]`, or give the type an alias to return it as a value",
            ),
            ModeArg::FirstResult(_, Some(named)) => errors.push(
                named,
                "only a point that returns a `ControlFlow` hands an argument on: return `ControlFlow<Answer, Argument>`, or write `firstresult` without a name",
            ),
            ModeArg::Collecting => {}
            ModeArg::FirstResult(..) if matches!(self.shape, Shape::Somes | Shape::TrySomes | Shape::TryValues) => {
                // A `Result` of an alias may contain an `Option`: the type checker decides.
                if self.shape == Shape::TryValues {
                    self.shape = Shape::TrySomes;
                }
                self.mode = Mode::FirstResult;
            }
            ModeArg::FirstResult(..) if self.shape == Shape::Units => errors.push(
                &self.ident,
                "a firstresult point must be able to abstain: return `Option<T>` or `Result<Option<T>, E>`",
            ),
            ModeArg::FirstResult(..) => errors.push(
                &self.returns,
                format!("a firstresult point must be able to abstain: return `Option<{returns}>` or `Result<Option<{returns}>, E>`; add `fallible` if this is an alias of a `Result` of an `Option`"),
            ),
            ModeArg::Historic(_) => {
                self.mode = Mode::Historic;
                for arg in &self.args {
                    arg.check_remembered(errors);
                }
                if Find::in_type(&self.returns).named.iter().any(|named| named.ident != "static") {
                    errors.push(
                        &self.returns,
                        "a historic call is replayed without its arguments, so that its result cannot borrow from them: return an owned value",
                    );
                }
            }
            ModeArg::Pipeline(key, named) => self.set_pipeline(key, named.as_ref(), errors),
        }
    }

    pub(super) fn set_reducer(&mut self, key: &Ident, reducer: &Type, mode: &ModeArg, errors: &mut Errors) {
        let mode = match mode {
            ModeArg::Collecting => None,
            ModeArg::FirstResult(mode, _) | ModeArg::Pipeline(mode, _) | ModeArg::Historic(mode) => {
                Some(mode)
            }
        };
        if let Some(mode) = mode {
            errors.push(
                key,
                format!("only a collecting point has items for a reducer: remove `{mode}` or `reduce`"),
            );
        } else if matches!(self.shape, Shape::Units | Shape::TryUnits) {
            errors.push(
                key,
                "this point returns nothing that a reducer could take: return a value, or remove `reduce`",
            );
        } else {
            self.reduce = Some(ungrouped(reducer));
        }
    }

    fn set_pipeline(&mut self, key: &Ident, named: Option<&syn::LitStr>, errors: &mut Errors) {
        let position = match named {
            None if self.args.is_empty() => {
                errors.push(
                    key,
                    "a pipeline threads an argument, but this point has none: add one, like `value: String`",
                );
                return;
            }
            None => 0,
            Some(named) => {
                let Some(position) = self.position(named, errors) else { return };
                position
            }
        };
        if matches!(self.shape, Shape::Units | Shape::TryUnits) {
            let arg = &self.args[position];
            if arg.passing.is_exclusive() {
                self.mode = Mode::PipelineInPlace;
            } else {
                let edited = self.args.iter().find(|arg| arg.passing.is_exclusive());
                let fix = in_place(arg, edited.filter(|_| named.is_none()), self.shape);
                errors.push(
                    &arg.written,
                    format!("a pipeline without a return value edits its argument in place: {fix}"),
                );
            }
            return;
        }
        let arg = &mut self.args[position];
        if arg.passing.is_exclusive() {
            errors.push(
                &self.returns,
                "a pipeline over a `&mut` argument returns `()` or `Result<(), E>`: remove the value, or take the argument without `&mut`",
            );
            return;
        }
        if is_borrow(&arg.ty) && Find::in_type(&self.returns).named.is_empty() {
            let (ident, item) = (&arg.ident, names::pretty(item(&self.returns, self.shape)));
            errors.push(
                &arg.written,
                format!("a pipeline hands on what an extension returns, which this point takes as a borrow: take `{ident}: {item}`"),
            );
            return;
        }
        let is_optional = head(&arg.ty).is_some_and(|(name, _)| name == "Option");
        let may_abstain = matches!(self.shape, Shape::Somes | Shape::TrySomes);
        let (own, value) = (arg.ty.to_token_stream().to_string(), value(&self.returns, self.shape));
        if is_optional && may_abstain && value.to_token_stream().to_string() == own {
            let written = names::pretty(&arg.written);
            let optional = format!("Option<{written}>");
            let returned = if self.shape.is_fallible() { format!("Result<{optional}, E>") } else { optional };
            errors.push(
                &self.returns,
                format!("`None` leaves the running value of a pipeline as it is, so that it cannot be the next value: return `{returned}`, or give `{written}` an alias and return that"),
            );
            return;
        }
        arg.passing = Passing::Threaded;
        self.mode = Mode::Pipeline(position);
    }

    /// Returns the position of the argument with this name. Reports that there is none.
    fn position(&self, named: &syn::LitStr, errors: &mut Errors) -> Option<usize> {
        let position = self.args.iter().position(|arg| names::plain(&arg.ident) == named.value());
        if position.is_none() {
            let names: Vec<_> =
                self.args.iter().map(|arg| format!("`{}`", names::plain(&arg.ident))).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            errors.push(named, format!("the point has no argument of this name: its arguments are {names}"));
        }
        position
    }

    /// Finds the argument that extensions hand on: the named one, or the first with the type in the `ControlFlow`.
    fn set_hands_on(&mut self, key: &Ident, named: Option<&syn::LitStr>, errors: &mut Errors) {
        let types = control_flow(&self.returns, self.shape).unwrap_or_default();
        let [_, handed] = types.as_slice() else {
            errors.push(
                &self.returns,
                "this `ControlFlow` hands no argument on: return `ControlFlow<Answer, Argument>`, or `Option<Answer>` if extensions take no argument by value",
            );
            return;
        };
        let is_owned = |arg: &Arg| !matches!(arg.ty, Type::Reference(_)) && !arg.passing.is_exclusive();
        let owned: Vec<usize> =
            (0..self.args.len()).filter(|&position| is_owned(&self.args[position])).collect();
        let text = handed.to_token_stream().to_string();
        let is_handed =
            |arg: &Arg| [&arg.written, &arg.ty].iter().any(|ty| ty.to_token_stream().to_string() == text);
        let position = match named {
            Some(named) => self.position(named, errors),
            None => match (self.args.iter().position(is_handed), owned.as_slice()) {
                // The names of one type may differ: the type checker decides.
                (Some(position), _) | (None, &[position]) => Some(position),
                (None, []) => {
                    errors.push(
                        handed,
                        format!("extensions hand on an argument that they take by value, but this point has none: add one of this type, like `value: {}`", names::pretty(handed)),
                    );
                    None
                }
                (None, _) => {
                    errors.push(
                        handed,
                        format!("no argument has this type by name: name the one that extensions hand on, like `#[extension_point({key} = \"{}\")]`", names::plain(&self.args[owned[0]].ident)),
                    );
                    None
                }
            },
        };
        let Some(position) = position else { return };
        let arg = &mut self.args[position];
        if arg.passing.is_exclusive() {
            errors.push(
                &arg.ty,
                "a `&mut` argument reaches every extension and is not handed on: take it by value, or return `Option<Answer>`",
            );
            return;
        }
        arg.passing = Passing::Threaded;
        self.mode = Mode::HandsOn(position);
    }
}

/// Reports options that have no effect for the point.
pub(super) fn check_options(args: &PointArgs, shape: Shape, errors: &mut Errors) {
    if let (Some(fallible), Shape::Units) = (&args.fallible, shape) {
        errors.push(fallible, "`fallible` means that the return type is a `Result`, but this point returns nothing: return a `Result`, or remove `fallible`");
    }
    if let (Some(on_failure), ModeArg::Historic(_)) = (&args.on_failure, &args.mode) {
        errors.push(
            &on_failure.key,
            "a historic call ends with its first failure and has no failure policy: remove `on_failure`",
        );
    }
}

/// Returns what a pipeline without a return value takes in the place of an argument that it cannot edit. `edited` is another
/// that it can.
fn in_place(arg: &Arg, edited: Option<&Arg>, shape: Shape) -> String {
    let Arg { ident, written, .. } = arg;
    let owned = match written {
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
            Type::Slice(slice) => format!("Vec<{}>", names::pretty(&slice.elem)),
            elem => names::pretty(elem),
        },
        other => names::pretty(other),
    };
    let returned = if shape.is_fallible() { format!("Result<{owned}, E>") } else { owned.clone() };
    let taken = format!("take `{ident}: &mut {owned}`");
    match (edited, written) {
        (Some(edited), _) => {
            let name = names::plain(&edited.ident);
            format!("{taken}, or name the argument that it edits: `pipeline = \"{name}\"`")
        }
        (None, Type::Reference(reference)) if is_object(&reference.elem) => taken,
        (None, Type::Reference(_)) => format!("{taken}, or take `{ident}: {owned}` and return `{returned}`"),
        (None, _) => format!("{taken}, or return `{returned}`"),
    }
}

/// Returns whether a type is a reference with a lifetime other than `'static`.
fn is_borrow(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.lifetime.as_ref().is_none_or(|each| each.ident != "static"))
}

/// Returns the item of a return type, as far as its tokens tell.
fn item(returns: &Type, shape: Shape) -> &Type {
    let first = |ty| head(ty).and_then(|(_, types)| types.first().copied());
    let inner = match shape {
        Shape::Somes | Shape::TryValues => first(returns),
        Shape::TrySomes => first(returns).and_then(first),
        Shape::Values | Shape::Units | Shape::TryUnits => None,
    };
    inner.unwrap_or(returns)
}

/// Returns the value of a return type, as far as its tokens tell: what a `Result` has.
fn value(returns: &Type, shape: Shape) -> &Type {
    match head(returns) {
        Some((_, types)) if shape.is_fallible() && !types.is_empty() => types[0],
        _ => returns,
    }
}
