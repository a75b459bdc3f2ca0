//! What a specs trait declares, validated.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, FnArg, GenericParam, ItemTrait, Lifetime, Pat, ReceiverKind, ReturnType, TraitItem,
    TraitItemFn, Type, Visibility, WhereClause, WherePredicate,
};

use crate::extension_point::args::{ModeArg, PointArgs, TraitArgs};
use crate::support::errors::Errors;
use crate::support::krate::Krate;
use crate::support::lifetimes::{Find, Name, head, is_unit, ungrouped};
use crate::support::names;

/// The specs a trait declares.
pub(crate) struct Specs {
    pub(crate) krate: Krate,
    pub(crate) project: Option<syn::LitStr>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    pub(crate) points: Vec<Point>,
    pub(crate) broken: Vec<Broken>,
}

/// A point whose mistakes leave nothing to go on with. It expands to something of the mistake's type,
/// on whose uses the compiler is silent.
pub(crate) struct Broken {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) mistake: syn::Error,
}

/// One point.
pub(crate) struct Point {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    /// The stem of the names of its generated types.
    pub(crate) stem: String,
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) where_clause: Option<WhereClause>,
    pub(crate) args: Vec<Arg>,
    pub(crate) returns: Type,
    pub(crate) shape: Shape,
    pub(crate) mode: Mode,
}

/// One argument of a point.
pub(crate) struct Arg {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) passing: Passing,
}

/// How an argument reaches several extensions.
pub(crate) enum Passing {
    /// `&T` and primitive values: as it is.
    Copy,
    /// `&mut T`: reborrowed.
    Reborrow,
    /// Any other value: cloned, except for the last extension.
    Give,
    /// The threaded argument of a pipeline.
    Threaded,
}

/// How the return type is read; the names are those of the library's readings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Values,
    Somes,
    Units,
    TryValues,
    TrySomes,
    TryUnits,
}

impl Shape {
    fn of(ty: &Type, fallible: bool) -> Self {
        if is_unit(ty) {
            return Self::Units;
        }
        let Some((name, types)) = head(ty) else {
            return if fallible { Self::TryValues } else { Self::Values };
        };
        if name == "Option" && !fallible {
            return Self::Somes;
        }
        if name != "Result" && !fallible {
            return Self::Values;
        }
        match types.first() {
            Some(ok) if is_unit(ok) => Self::TryUnits,
            Some(ok) if head(ok).is_some_and(|(name, _)| name == "Option") => Self::TrySomes,
            _ => Self::TryValues,
        }
    }

    pub(crate) fn is_fallible(self) -> bool {
        matches!(self, Self::TryValues | Self::TrySomes | Self::TryUnits)
    }

    pub(crate) fn ident(self) -> Ident {
        let name = match self {
            Self::Values => "Values",
            Self::Somes => "Somes",
            Self::Units => "Units",
            Self::TryValues => "TryValues",
            Self::TrySomes => "TrySomes",
            Self::TryUnits => "TryUnits",
        };
        format_ident!("{name}")
    }
}

/// How a point is dispatched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Collecting,
    FirstResult,
    /// Threads the argument at this position by value.
    Pipeline(usize),
    /// Edits an argument in place.
    PipelineInPlace,
    Historic,
}

impl Specs {
    pub(crate) fn new(args: TraitArgs, item: ItemTrait, errors: &mut Errors) -> Self {
        let generic = (!item.generics.params.is_empty()).then(|| {
            syn::Error::new_spanned(
                &item.generics.params,
                "specs cannot be generic: remove the parameters, or put them on the plugin types",
            )
        });
        if let Some(generic) = &generic {
            errors.add(generic.clone());
        }
        if let Some(unsafety) = &item.unsafety {
            errors.push(unsafety, "specs cannot be unsafe: remove `unsafe`");
        }
        if !item.supertraits.is_empty() {
            errors.push(
                &item.supertraits,
                "specs turn into a unit struct, which has no supertraits: remove them (plugins are `Send + Sync + 'static` anyway)",
            );
        }
        if let Some(bounds) = &item.generics.where_clause {
            errors.push(
                bounds,
                "specs turn into a unit struct, which has no bounds: remove the `where` clause",
            );
        }
        let mut points: Vec<Point> = Vec::new();
        let mut broken = Vec::new();
        let mut names: Vec<(Ident, bool)> = Vec::new();
        for each in item.items {
            match each {
                TraitItem::Fn(mut method) => {
                    let ident = method.sig.ident.clone();
                    let first = errors.len();
                    let args = PointArgs::take(&mut method.attrs, errors);
                    let conditional = method.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
                    if names.iter().any(|(other, other_conditional)| {
                        *other == ident && !(conditional && *other_conditional)
                    }) {
                        errors.push(&ident, format!("two points are called `{ident}`: rename one"));
                        continue;
                    }
                    names.push((ident.clone(), conditional));
                    let attributes = method.attrs.clone();
                    if let Some(generic) = &generic
                        && mentions(&method.sig, &item.generics)
                    {
                        broken.push(Broken { attributes, ident, mistake: generic.clone() });
                        continue;
                    }
                    let Some(mut point) = Point::new(method, &args, errors) else {
                        broken.push(Broken { attributes, ident, mistake: errors.take(first) });
                        continue;
                    };
                    while points.iter().any(|other| other.stem == point.stem) {
                        point.stem.push('_');
                    }
                    points.push(point);
                }
                other => {
                    errors
                        .push(other, "specs declare methods only: remove this, or move it out of the trait");
                }
            }
        }
        Self {
            krate: args.krate,
            project: args.project,
            attributes: item.attrs,
            visibility: item.vis,
            ident: item.ident,
            points,
            broken,
        }
    }
}

impl Point {
    /// The point a method declares; `None` if its mistakes leave nothing to go on with.
    fn new(method: TraitItemFn, args: &PointArgs, errors: &mut Errors) -> Option<Self> {
        let TraitItemFn { attrs, sig, default, .. } = method;
        if let Some(body) = default {
            errors.push(
                body,
                "a point has no body of its own: end the declaration with `;`, and register what is here as a `trylast` extension",
            );
        }
        if let Some(asyncness) = &sig.asyncness {
            errors.push(
                asyncness,
                "a point is neither sync nor async, its extensions are: write `fn`, and `async fn` in the plugins that need it",
            );
        }
        let qualifiers =
            [sig.constness.to_token_stream(), sig.safety.to_token_stream(), sig.abi.to_token_stream()];
        for qualifier in qualifiers.iter().filter(|qualifier| !qualifier.is_empty()) {
            errors.push(qualifier, format!("a point is a plain `fn`: remove `{qualifier}`"));
        }
        let mut usable = receiver(&sig, errors);
        for bound in lifetime_bounds(&sig.generics) {
            errors.push(
                bound,
                "the lifetimes of a point are independent of each other: remove this bound, and give one lifetime to the arguments that the return value borrows from",
            );
            usable = false;
        }
        for parameter in &sig.generics.params {
            if let GenericParam::Type(_) | GenericParam::Const(_) = parameter {
                errors.push(
                    parameter,
                    "a point cannot be generic, as its extensions are called through one object type: use a concrete type or `&dyn Trait`",
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
            match Arg::new(input, &mut name, errors) {
                Some(arg) => {
                    if inputs.iter().any(|other| other.ident == arg.ident) {
                        errors.push(
                            &input.pat,
                            format!(
                                "two arguments are called `{}`, by which extensions ask for them: rename one",
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

        let returns: Type = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => ungrouped(ty),
        };
        usable &= check_return(&returns, errors);
        let shape = Shape::of(&returns, args.fallible.is_some());
        let mut point = Self {
            attributes: attrs,
            stem: names::camel(&sig.ident),
            ident: sig.ident,
            lifetimes,
            where_clause: sig.generics.where_clause,
            args: inputs,
            returns,
            shape,
            mode: Mode::Collecting,
        };
        if let (Some(fallible), Shape::Units) = (&args.fallible, shape) {
            errors.push(fallible, "`fallible` says that the return type is a `Result`, but this point returns nothing; return one, or remove `fallible`");
        }
        let told = errors.len();
        point.set_mode(&args.mode, errors);
        point.check_borrows(errors);
        (usable && errors.len() == told).then_some(point)
    }

    fn set_mode(&mut self, mode: &ModeArg, errors: &mut Errors) {
        let returns = self.returns.to_token_stream();
        match mode {
            ModeArg::Collecting => {}
            ModeArg::FirstResult if matches!(self.shape, Shape::Somes | Shape::TrySomes | Shape::TryValues) => {
                // A `Result` of an alias may hold an `Option`: the type checker knows.
                if self.shape == Shape::TryValues {
                    self.shape = Shape::TrySomes;
                }
                self.mode = Mode::FirstResult;
            }
            ModeArg::FirstResult if self.shape == Shape::Units => errors.push(
                &self.ident,
                "a firstresult point must be able to abstain: return `Option<T>` or `Result<Option<T>, E>`",
            ),
            ModeArg::FirstResult => errors.push(
                &self.returns,
                format!("a firstresult point must be able to abstain: return `Option<{returns}>` or `Result<Option<{returns}>, E>`"),
            ),
            ModeArg::Historic => {
                self.mode = Mode::Historic;
                for arg in &self.args {
                    arg.check_remembered(errors);
                }
                if Find::in_type(&self.returns).named.iter().any(|named| named.ident != "static") {
                    errors.push(
                        &self.returns,
                        "a historic call is replayed when its arguments are gone, so its result cannot borrow from them: return an owned value",
                    );
                }
            }
            ModeArg::Pipeline(key, named) => self.set_pipeline(key, named.as_ref(), errors),
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
                let Some(position) =
                    self.args.iter().position(|arg| names::plain(&arg.ident) == named.value())
                else {
                    let names: Vec<_> = self.args.iter().map(|arg| format!("`{}`", arg.ident)).collect();
                    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                    errors.push(
                        named,
                        format!("the point has no argument of this name; its arguments are: {names}"),
                    );
                    return;
                };
                position
            }
        };
        let arg = &mut self.args[position];
        let ty = arg.ty.to_token_stream();
        if matches!(self.shape, Shape::Units | Shape::TryUnits) {
            if matches!(arg.passing, Passing::Reborrow) {
                self.mode = Mode::PipelineInPlace;
            } else {
                let ident = &arg.ident;
                errors.push(
                    &arg.ty,
                    format!("a pipeline that returns nothing edits its argument in place: take `{ident}: &mut {ty}`, or return `{ty}`"),
                );
            }
            return;
        }
        if matches!(arg.passing, Passing::Reborrow) {
            errors.push(
                &self.returns,
                "a pipeline over a `&mut` argument edits it in place and returns `()` or `Result<(), E>`; to thread a value, take it without `&mut`",
            );
            return;
        }
        arg.passing = Passing::Threaded;
        self.mode = Mode::Pipeline(position);
    }

    /// Refuses a return type that borrows what several extensions need at once.
    fn check_borrows(&self, errors: &mut Errors) {
        if matches!(self.mode, Mode::Pipeline(_)) {
            return;
        }
        let borrowed = Find::in_type(&self.returns).named;
        for arg in &self.args {
            let Type::Reference(reference) = &arg.ty else { continue };
            if let (Some(_), Some(lifetime)) = (reference.mutability, &reference.lifetime)
                && borrowed.contains(lifetime)
            {
                errors.push(
                    &self.returns,
                    format!("an outcome cannot borrow from the `&mut` argument `{}`, which every extension borrows in turn; borrow from a `&` argument, or return an owned value", arg.ident),
                );
            }
        }
    }
}

/// Whether a method has the receiver that points have; tells what is wrong with it.
fn receiver(sig: &syn::Signature, errors: &mut Errors) -> bool {
    match sig.receiver() {
        None => {
            let at = sig.paren_token.span.join();
            errors.add(syn::Error::new(at, format!("a point takes `&self`: write `fn {}(&self, …)`", sig.ident)));
        }
        Some(receiver) => match &receiver.kind {
            ReceiverKind::Reference(_, _, None) => {}
            _ => errors.push(receiver, "a point takes `&self`, as plugins are shared; keep what changes in a lock or an atomic of the plugin"),
        },
    }
    true
}

/// What makes one lifetime of a point outlive another.
fn lifetime_bounds(generics: &syn::Generics) -> Vec<TokenStream> {
    let declared = generics.lifetimes().filter(|each| !each.bounds.is_empty()).map(ToTokens::to_token_stream);
    let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let clauses = clauses.filter(|each| matches!(each, WherePredicate::Lifetime(_)));
    declared.chain(clauses.map(ToTokens::to_token_stream)).collect()
}

/// Whether a return type can be used; tells what is wrong with it.
fn check_return(returns: &Type, errors: &mut Errors) -> bool {
    if contains_impl(returns) {
        errors.push(returns, "a point cannot return `impl Trait`: name a type, like `Box<dyn Trait>`");
        return false;
    }
    if names_self(returns, errors) {
        return false;
    }
    if Find::in_type(returns).elided {
        errors.push(
            returns,
            "a return value cannot borrow from the plugin: name the lifetime of the argument it borrows from (`fn pick<'a>(&self, from: &'a str) -> &'a str`), or return an owned value",
        );
        return false;
    }
    true
}

impl Arg {
    fn new(input: &syn::PatType, name: &mut Name, errors: &mut Errors) -> Option<Self> {
        for attribute in &input.attrs {
            errors.push(attribute, "an argument of a point takes no attributes; put it on the method");
        }
        let ident = match &*input.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => names::field(&pat.ident),
            other => {
                errors.push(other, "an argument of a point needs a name, by which extensions ask for it");
                return None;
            }
        };
        if contains_impl(&input.ty) {
            errors.push(
                &input.ty,
                "an argument of a point cannot be `impl Trait`, as extensions are called through one object type: use a concrete type or `&dyn Trait`",
            );
            return None;
        }
        if names_self(&input.ty, errors) {
            return None;
        }
        let mut ty = ungrouped(&input.ty);
        name.visit_type_mut(&mut ty);
        let passing = match &ty {
            Type::Reference(reference) if reference.mutability.is_some() => Passing::Reborrow,
            Type::Reference(_) => Passing::Copy,
            other if is_primitive(other) => Passing::Copy,
            _ => Passing::Give,
        };
        Some(Self { ident, ty, passing })
    }

    /// Refuses an argument that cannot be kept for later plugins.
    fn check_remembered(&self, errors: &mut Errors) {
        if matches!(self.passing, Passing::Reborrow) {
            errors.push(
                &self.ty,
                "a historic argument is remembered, so it cannot be `&mut`: take it by `&` or by value",
            );
            return;
        }
        if let Some(lifetime) =
            Find::in_type(self.remembered()).named.into_iter().find(|named| named.ident != "static")
        {
            errors.add(syn::Error::new(
                if lifetime.ident.to_string().starts_with("__") { self.ty.span() } else { lifetime.span() },
                "a historic argument is remembered, so it cannot hold a borrow: take a type that owns what it holds",
            ));
        }
    }

    /// The type whose owned form is remembered: `T` of `&T` and of `Option<&T>`.
    pub(crate) fn remembered(&self) -> &Type {
        self.reference().or_else(|| self.optional_reference()).unwrap_or(&self.ty)
    }

    /// `T` of a `&T`.
    pub(crate) fn reference(&self) -> Option<&Type> {
        borrowed(&self.ty)
    }

    /// `T` of an `Option<&T>`.
    pub(crate) fn optional_reference(&self) -> Option<&Type> {
        match head(&self.ty)? {
            (name, types) if name == "Option" => borrowed(types.first()?),
            _ => None,
        }
    }
}

/// `T` of a `&T` that must be owned to outlive the call.
fn borrowed(ty: &Type) -> Option<&Type> {
    let Type::Reference(reference) = ty else { return None };
    let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    (reference.mutability.is_none() && !is_static).then_some(&*reference.elem)
}

/// Whether a type names `Self`, which no type of the specs stands for; tells that.
fn names_self(ty: &Type, errors: &mut Errors) -> bool {
    let found = mention(ty.to_token_stream(), &|word| word == "Self");
    if let Some(found) = &found {
        errors.push(
            found,
            "a point cannot name `Self`, as every plugin is another type: name a type, or take `&dyn Trait`",
        );
    }
    found.is_some()
}

/// Whether a signature mentions a parameter of its trait.
fn mentions(sig: &syn::Signature, generics: &syn::Generics) -> bool {
    let is_parameter = |word: &Ident| {
        generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident == *word,
            GenericParam::Const(parameter) => parameter.ident == *word,
            GenericParam::Lifetime(parameter) => parameter.lifetime.ident == *word,
        })
    };
    mention(sig.to_token_stream(), &is_parameter).is_some()
}

/// The first word among `tokens` that is looked for.
fn mention(tokens: TokenStream, is_wanted: &impl Fn(&Ident) -> bool) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) => is_wanted(&word).then_some(word),
        TokenTree::Group(group) => mention(group.stream(), is_wanted),
        _ => None,
    })
}

fn contains_impl(ty: &Type) -> bool {
    mention(ty.to_token_stream(), &|word| word == "impl").is_some()
}

fn is_primitive(ty: &Type) -> bool {
    const PRIMITIVE: &[&str] = &[
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    matches!(ty, Type::Path(path) if path.qself.is_none()
        && path.path.get_ident().is_some_and(|ident| PRIMITIVE.iter().any(|name| ident == name)))
}

/// `'a, 'b,` of a list of lifetimes.
pub(crate) fn list(lifetimes: &[Lifetime]) -> TokenStream {
    quote!(#(#lifetimes,)*)
}
