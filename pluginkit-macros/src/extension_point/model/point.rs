//! One point, validated.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Block, FnArg, GenericParam, Lifetime, ReceiverKind, ReturnType, Token, TraitItemFn, Type,
    WhereClause, WherePredicate,
};

use crate::extension_point::args::{ModeArg, PointArgs};
use crate::extension_point::model::arg::{Arg, Passing, contains_impl, instead_of_generic, names_self};
use crate::extension_point::model::default_body::check_default;
use crate::extension_point::model::shape::{Mode, Shape, control_flow};
use crate::support::attributes::in_two_places;
use crate::support::errors::Errors;
use crate::support::lifetimes::{
    Find, Name, distinct, elided_as_in, encloses_another, exclusive_reference, head, inner_lifetimes,
    names as lifetimes_of, ungrouped, with_lifetimes,
};
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

impl Point {
    /// Returns whether `word` is the name of one of its generated types.
    pub(crate) fn generates(&self, word: &Ident) -> bool {
        let word = names::plain(word);
        word.strip_prefix(&self.stem).is_some_and(|kind| KINDS.contains(&kind))
    }
}

/// The types of the arguments with the lifetimes of a signature.
///
/// `'__a` is the lifetime of references, which shrinks for each extension. `'__b` and `'__c` are lifetimes within types.
pub(crate) struct Signature {
    pub(crate) types: Vec<Type>,
    /// The number of lifetimes within types.
    inner: usize,
}

impl Signature {
    /// The most lifetimes within types.
    const MOST: usize = 2;

    fn new(args: &[Arg], lifetimes: &[Lifetime], returns: &Type, relations: &[Relation]) -> Option<Self> {
        let inner: Option<Vec<_>> = args.iter().map(|arg| inner_lifetimes(&arg.ty)).collect();
        let inner = distinct(inner?.concat());
        let exclusive = |arg: &Arg| exclusive_reference(&arg.ty)?.lifetime.clone();
        // The bound lifetimes of a `for<'x>` are not those of the point.
        if inner.len() > Self::MOST
            || !inner.iter().all(|each| lifetimes.contains(each))
            || args.iter().filter_map(exclusive).any(|each| inner.contains(&each))
            || !lifetimes_of(returns).is_empty()
            || args.iter().any(|arg| encloses_another(&arg.ty, &inner))
            // References shrink to one lifetime, which every other outlives.
            || relations.iter().any(|relation| inner.contains(&relation.shorter))
        {
            return None;
        }
        let name = |lifetime: &Lifetime| {
            let name = match inner.iter().position(|each| each == lifetime) {
                None if lifetime.ident == "static" => return lifetime.clone(),
                None => "'__a",
                Some(0) => "'__b",
                Some(_) => "'__c",
            };
            Lifetime::new(name, Span::mixed_site())
        };
        let types = args.iter().map(|arg| with_lifetimes(&arg.ty, &name)).collect();
        Some(Self { types, inner: inner.len() })
    }

    /// Returns whether there are lifetimes within types.
    pub(crate) fn is_wide(&self) -> bool {
        self.inner > 0
    }

    /// Returns the lifetimes that the types name, and `'__a` if there are lifetimes within types.
    pub(crate) fn lifetimes(&self) -> Vec<Lifetime> {
        let mut all: Vec<_> = self.types.iter().flat_map(lifetimes_of).collect();
        if self.is_wide() {
            all.push(Lifetime::new("'__a", Span::mixed_site()));
        }
        let mut lifetimes = distinct(all);
        lifetimes.sort();
        lifetimes
    }
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

    /// Keeps the bounds between lifetimes where the lifetimes are those of the source.
    fn set_relations(&mut self) {
        if let Some(clause) = &mut self.where_clause {
            let predicates = std::mem::take(&mut clause.predicates);
            let is_of_types = |each: &WherePredicate| !matches!(each, WherePredicate::Lifetime(_));
            clause.predicates = predicates.into_iter().filter(is_of_types).collect();
        }
        if self.signature.is_some() {
            return;
        }
        for Relation { longer, shorter } in &self.relations {
            let clause = self.where_clause.get_or_insert_with(|| syn::parse_quote!(where));
            clause.predicates.push(syn::parse_quote!(#longer: #shorter));
        }
    }

    fn set_mode(&mut self, mode: &ModeArg, errors: &mut Errors) {
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

    fn set_reducer(&mut self, key: &Ident, reducer: &Type, mode: &ModeArg, errors: &mut Errors) {
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

    /// Rejects a `&'a mut Ctx<'a>`, which is lent for as long as its value lives.
    fn check_exclusive(&self, errors: &mut Errors) {
        for arg in self.args.iter().filter(|arg| arg.passing != Passing::Threaded) {
            let Some(reference) = exclusive_reference(&arg.ty) else { continue };
            let Some(lifetime) = &reference.lifetime else { continue };
            // The lifetime of a trait object shrinks with that of the reference.
            if !is_object(&ungrouped(&reference.elem))
                && lifetime.ident != "static"
                && lifetimes_of(&reference.elem).contains(lifetime)
            {
                errors.push(
                    &arg.written,
                    format!("this lends the value for as long as the value lives, so that only one extension could have it: leave out the first lifetime, like `&mut {}`", names::pretty(&reference.elem)),
                );
            }
        }
    }

    /// Rejects a return type that borrows from an argument that all extensions need.
    fn check_borrows(&self, errors: &mut Errors) {
        if self.mode.running().is_some() {
            return;
        }
        let borrowed = Find::in_type(&self.returns).named;
        for arg in &self.args {
            if let Some(reference) = exclusive_reference(&arg.ty)
                && let Some(lifetime) = &reference.lifetime
                && borrowed.contains(lifetime)
            {
                errors.push(
                    &self.returns,
                    format!("an outcome cannot borrow from the `&mut` argument `{}`, because every extension borrows it in turn: borrow from a `&` argument, or return an owned value", arg.ident),
                );
            }
        }
    }
}

/// Reports options that have no effect for the point.
fn check_options(args: &PointArgs, shape: Shape, errors: &mut Errors) {
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

/// Returns whether a type is a trait object.
fn is_object(ty: &Type) -> bool {
    matches!(ty, Type::TraitObject(_) | Type::Paren(_))
}

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

/// A bound `'longer: 'shorter` between two lifetimes of a point.
pub(crate) struct Relation {
    pub(crate) longer: Lifetime,
    pub(crate) shorter: Lifetime,
}

impl Relation {
    /// Returns the bounds between lifetimes of a method.
    fn all(generics: &syn::Generics) -> Vec<Self> {
        let declared = generics.lifetimes().map(|each| (&each.lifetime, &each.bounds));
        let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let clauses = predicates.filter_map(|each| match each {
            WherePredicate::Lifetime(each) => Some((&each.lifetime, &each.bounds)),
            _ => None,
        });
        let each = |(longer, bounds): (&Lifetime, &Punctuated<Lifetime, Token![+]>)| {
            let relation = |shorter: &Lifetime| Self { longer: longer.clone(), shorter: shorter.clone() };
            bounds.iter().map(relation).collect::<Vec<_>>()
        };
        declared.chain(clauses).flat_map(each).collect()
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

/// Returns whether a return type is valid, and reports its mistakes.
fn check_return(returns: &Type, args: &[Arg], errors: &mut Errors) -> bool {
    if contains_impl(returns) {
        errors.push(returns, "a point cannot return `impl Trait`: name a type, like `Box<dyn Trait>`");
        return false;
    }
    if names_self(returns, errors) {
        return false;
    }
    let lent: Vec<_> = args.iter().flat_map(|arg| lifetimes_of(&arg.ty)).collect();
    if let Some(other) = lifetimes_of(returns).iter().find(|lifetime| !lent.contains(lifetime)) {
        errors.push(
            other,
            "no argument has this lifetime, so that no extension can return it: name the lifetime of an argument, or return an owned value",
        );
        return false;
    }
    if Find::in_type(returns).elided {
        errors.push(
            returns,
            "a return value cannot borrow from the plugin: name the lifetime of an argument (`fn pick<'a>(&self, from: &'a str) -> &'a str`), or return an owned value",
        );
        return false;
    }
    true
}
