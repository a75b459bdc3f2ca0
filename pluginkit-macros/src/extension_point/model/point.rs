//! One point, validated.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Block, FnArg, GenericParam, Lifetime, ReceiverKind, ReturnType, TraitItemFn, Type,
    WhereClause, WherePredicate,
};

use crate::extension_point::args::PointArgs;
use crate::extension_point::model::arg::{Arg, instead_of_generic};
use crate::extension_point::model::checks::check_return;
use crate::extension_point::model::default_body::check_default;
use crate::extension_point::model::mode::{Mode, check_options};
use crate::extension_point::model::shape::{Shape, control_flow};
use crate::extension_point::model::signature::{Relation, Signature};
use crate::support::attributes::in_two_places;
use crate::support::errors::Errors;
use crate::support::lifetimes::{Name, elided_as_in, ungrouped};
use crate::support::names;

/// One point.
pub(crate) struct Point {
    pub(crate) attributes: Vec<Attribute>,
    /// The declaration in the source, for documentation.
    pub(crate) declaration: String,
    /// The place of `fn`.
    pub(crate) place: Span,
    pub(crate) ident: Ident,
    /// The stem of the names of its generated types.
    pub(crate) stem: String,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) where_clause: Option<WhereClause>,
    /// The bounds between lifetimes. They are part of the `where` clause of a point without a signature.
    pub(crate) relations: Vec<Relation>,
    pub(crate) args: Vec<Arg>,
    pub(crate) returns: Type,
    pub(crate) shape: Shape,
    pub(crate) mode: Mode,
    /// The default body.
    pub(crate) default: Option<Block>,
    /// The reducer of a collecting point.
    pub(crate) reduce: Option<Type>,
    /// The name of the failure policy in the library.
    pub(crate) on_failure: Option<&'static str>,
    /// The types of its signature; `None` for a point that the library cannot pass on by its signature.
    pub(crate) signature: Option<Signature>,
}

impl Point {
    /// Returns the point of a method; `None` if its mistakes leave nothing to expand.
    pub(super) fn new(method: TraitItemFn, args: &PointArgs, errors: &mut Errors) -> Option<Self> {
        let TraitItemFn { attrs, sig, default, .. } = method;
        let default = default.filter(|body| check_default(body, &args.mode, errors));
        if let Some(asyncness) = &sig.asyncness {
            errors.push(
                asyncness,
                "a point cannot be async, but its extensions can: write `fn` here, and `async fn` in plugins",
            );
        }
        let qualifiers =
            [sig.constness.to_token_stream(), sig.safety.to_token_stream(), sig.abi.to_token_stream()];
        for qualifier in qualifiers.iter().filter(|qualifier| !qualifier.is_empty()) {
            errors.push(qualifier, format!("a point is a plain `fn`: remove `{qualifier}`"));
        }
        let mut usable = receiver(&sig, errors);
        for parameter in &sig.generics.params {
            if let GenericParam::Type(_) | GenericParam::Const(_) = parameter {
                errors.push(
                    parameter,
                    format!(
                        "a point cannot be generic, because all extensions have one object type: {}",
                        instead_of_generic(&bounds_of(parameter, &sig.generics)),
                    ),
                );
                usable = false;
            }
        }

        let mut name = Name::default();
        let mut lifetimes: Vec<Lifetime> =
            sig.generics.lifetimes().map(|each| each.lifetime.clone()).collect();
        let mut inputs: Vec<Arg> = Vec::new();
        for input in sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(input) => Some(input),
            FnArg::Receiver(_) => None,
        }) {
            match Arg::new(input, inputs.len(), &mut name, errors) {
                Some(arg) => {
                    if inputs.iter().any(|other| other.ident == arg.ident) {
                        errors.push(
                            &input.pat,
                            format!(
                                "two arguments are called `{}`: rename one, because extensions refer to them by name",
                                arg.ident
                            ),
                        );
                        usable = false;
                    }
                    inputs.push(arg);
                }
                None => usable = false,
            }
        }
        lifetimes.append(&mut name.named);

        let mut returns: Type = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => ungrouped(ty),
        };
        let as_written = returns.clone();
        let types = control_flow(&as_written, Shape::of(&as_written, args.fallible.is_some()));
        let handed = types.as_ref().and_then(|types| types.get(1).copied());
        if let Some(threaded) = args.mode.threaded(&inputs, handed) {
            elided_as_in(&mut returns, &threaded.ty);
        }
        usable &= check_return(&returns, &inputs, errors);
        let shape = Shape::of(&returns, args.fallible.is_some());
        let declaration = names::pretty(&sig);
        // Those of lints are also for the default body.
        let attributes = if default.is_some() { in_two_places(attrs) } else { attrs };
        let mut point = Self {
            attributes,
            declaration,
            place: sig.fn_token.span,
            stem: names::camel(&sig.ident),
            ident: sig.ident,
            lifetimes,
            relations: Relation::all(&sig.generics),
            where_clause: sig.generics.where_clause,
            args: inputs,
            returns,
            shape,
            mode: Mode::Collecting,
            default,
            reduce: None,
            on_failure: args.on_failure.as_ref().map(|on_failure| on_failure.policy),
            signature: None,
        };
        point.signature = Signature::new(&point.args, &point.lifetimes, &point.returns, &point.relations);
        point.set_relations();
        check_options(args, shape, errors);
        let told = errors.len();
        point.set_mode(&args.mode, errors);
        if let Some((key, reducer)) = &args.reduce {
            point.set_reducer(key, reducer, &args.mode, errors);
        }
        point.check_borrows(errors);
        point.check_exclusive(errors);
        (usable && errors.len() == told).then_some(point)
    }

    /// Returns whether `word` is the name of one of its generated types.
    pub(crate) fn generates(&self, word: &Ident) -> bool {
        let word = names::plain(word);
        word.strip_prefix(&self.stem).is_some_and(|kind| KINDS.contains(&kind))
    }
}

/// The ends of the names of generated types.
const KINDS: &[&str] = &[
    "Args",
    "AsyncCaller",
    "AsyncExtension",
    "AsyncNext",
    "AsyncWork",
    "AsyncWrapper",
    "Caller",
    "Event",
    "Extension",
    "LocalCaller",
    "Next",
    "Point",
    "Work",
    "Wrapper",
];

/// Checks that a method has the receiver of points, and reports mistakes.
fn receiver(sig: &syn::Signature, errors: &mut Errors) -> bool {
    match sig.receiver() {
        None => {
            let at = sig.paren_token.span.join();
            errors.add(syn::Error::new(at, format!("a point takes `&self`: write `fn {}(&self, …)`", sig.ident)));
        }
        Some(receiver) => match &receiver.kind {
            ReceiverKind::Reference(_, _, None) => {}
            _ => errors.push(receiver, "a point takes `&self`, because plugins are shared: write `&self`, and keep mutable state in a lock or an atomic"),
        },
    }
    true
}

/// Returns the bounds of a parameter, those of the `where` clause included.
fn bounds_of(parameter: &GenericParam, generics: &syn::Generics) -> TokenStream {
    let mut bounds = parameter.to_token_stream();
    if let GenericParam::Type(parameter) = parameter {
        let is_about = |ty: &Type| matches!(ty, Type::Path(path) if path.path.is_ident(&parameter.ident));
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let WherePredicate::Type(predicate) = predicate
                && is_about(&predicate.bounded_ty)
            {
                predicate.to_tokens(&mut bounds);
            }
        }
    }
    bounds
}
