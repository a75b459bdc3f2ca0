//! The extensions of an impl block, validated.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericParam, Generics, ImplItem, ImplItemFn, ItemImpl, Lifetime, LitStr, Pat, Path,
    PathArguments, Receiver, ReceiverKind, ReturnType, Signature, Type,
};

use crate::extension::args::{BlockArgs, Blocking, MethodArgs};
use crate::extension::parameters::{self, Moved, without_lifetimes};
use crate::extension::{compare, result, unnamed};
use crate::support::attributes::{block_lints, signature_lints};
use crate::support::checks;
use crate::support::errors::Errors;
use crate::support::krate::Krate;
use crate::support::lifetimes::{
    Find, borrowed, exclusive_reference, free_objects, head, optionally_borrowed, with_lifetimes,
};
use crate::support::{editor, names};

/// One impl block.
pub(crate) struct Block {
    pub(crate) krate: Krate,
    /// Whether the block is for local managers.
    pub(crate) local: bool,
    /// The block without the trait: an inherent block.
    pub(crate) item: ItemImpl,
    pub(crate) specs: Option<Path>,
    /// The parameters of the block. Its inherent block may have less.
    pub(crate) generics: Generics,
    /// Whether the specs name parameters of the block.
    pub(crate) specs_are_generic: bool,
    pub(crate) methods: Vec<Method>,
}

/// One extension or wrapper.
pub(crate) struct Method {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    /// The name of the method that a call runs: it has no parameters called `_`.
    pub(crate) called: Ident,
    /// The parameters of the block that it takes, like `::<R>`.
    pub(crate) arguments: Option<TokenStream>,
    /// The name of the point, with its span in the source.
    pub(crate) target: Ident,
    pub(crate) args: MethodArgs,
    pub(crate) receiver: This,
    pub(crate) parameters: Vec<Parameter>,
    /// The last parameter of a wrapper.
    pub(crate) next: Option<Next>,
    pub(crate) is_async: bool,
    /// The return type as the user wrote it.
    pub(crate) output: Type,
    pub(crate) returns: Span,
}

/// What surrounds a method or a function.
pub(crate) struct Around<'a> {
    pub(crate) krate: &'a Krate,
    pub(crate) specs: Option<&'a Path>,
    pub(crate) specs_are_generic: bool,
    /// Whether it is for a local manager.
    pub(crate) local: bool,
}

/// The receiver of a method.
#[derive(Clone, Copy)]
pub(crate) enum This {
    /// `&self`
    Reference,
    /// `self: &Arc<Self>`
    ArcReference,
    /// `self: Arc<Self>`
    Arc,
    /// `&mut self`, in a block for local managers.
    Exclusive,
    /// No receiver.
    Absent,
}

/// One argument of the point that a method takes.
pub(crate) struct Parameter {
    pub(crate) field: Ident,
    /// The type as the user wrote it.
    pub(crate) written: Type,
    pub(crate) ty: Span,
    pub(crate) kind: ParameterKind,
}

/// The kind of a parameter, which determines its owned form.
#[derive(Clone, Copy)]
pub(crate) enum ParameterKind {
    /// `&T`
    Borrowed,
    /// `Option<&T>`
    MaybeBorrowed,
    /// `&mut T` or `Option<&mut T>`
    Exclusive,
    /// Any other type.
    Value,
}

impl ParameterKind {
    fn of(ty: &Type) -> Self {
        if exclusive_reference(ty).is_some() {
            Self::Exclusive
        } else if borrowed(ty).is_some() {
            Self::Borrowed
        } else if optionally_borrowed(ty).is_some() {
            Self::MaybeBorrowed
        } else {
            Self::Value
        }
    }
}

/// The last parameter of a wrapper.
pub(crate) struct Next {
    /// The path that the user wrote, without the lifetime, which only the method has.
    pub(crate) written: Type,
    pub(crate) lifetime: Lifetime,
    /// Whether it carries the arguments, because the wrapper takes none.
    pub(crate) bound: bool,
}

impl Block {
    pub(crate) fn new(args: BlockArgs, mut item: ItemImpl, errors: &mut Errors) -> Self {
        let told = errors.len();
        if let Some(unsafety) = item.unsafety.take() {
            errors.push(unsafety, "an extension block cannot be unsafe: remove `unsafe`");
        }
        if let Some(polarity) = item.modifiers.polarity.take() {
            errors.push(polarity, "an extension block cannot be negative: remove `!`");
        }
        if let Some(defaultness) = item.modifiers.defaultness.take() {
            errors.push(defaultness, "an extension block cannot be `default`: remove `default`");
        }
        let specs = match item.trait_.take() {
            Some((mut path, _)) => {
                without_lifetimes(&mut path);
                Some(path)
            }
            None => {
                errors.push(
                    &item.self_ty,
                    "an extension block needs the specs that it extends: write `impl Specs for Plugin`",
                );
                None
            }
        };
        let mut generics = item.generics.clone();
        let moved = specs.as_ref().map(|_| Moved::take(&mut item.generics, &item.self_ty));
        let tokens = specs.to_token_stream();
        parameters::leave_to_methods(&mut generics, &item.generics);
        let specs_are_generic =
            generics.params.iter().any(|parameter| names::mentions_parameter(&tokens, parameter));
        let mut methods = Vec::new();
        let mut bodies = Vec::new();
        reject_duplicates(&mut item.items, errors);
        for each in &mut item.items {
            match each {
                ImplItem::Fn(method) => {
                    let extension = Method::new(method, specs.as_ref(), specs_are_generic, &args, errors);
                    let arguments = moved.as_ref().and_then(|moved| moved.lend(method));
                    let Some(mut extension) = extension else { continue };
                    extension.arguments = arguments;
                    if let (Some(specs), false) = (&specs, specs_are_generic || editor::is_running()) {
                        let (krate, local) = (&args.krate, args.local);
                        let around = Around { krate, specs: Some(specs), specs_are_generic, local };
                        compare::outcome(&around, specs, &generics, &extension, &mut method.sig);
                    }
                    if let Some(body) = unnamed::split(method, extension.arguments.as_ref()) {
                        extension.called = body.sig.ident.clone();
                        bodies.push(ImplItem::Fn(body));
                    }
                    methods.push(extension);
                }
                other => errors
                    .push(other, "an extension block has methods only: move this to another `impl` block"),
            }
        }
        if let Some(Blocking { word, .. }) = &args.methods.blocking
            && errors.len() == told
            && !methods.is_empty()
            && methods.iter().all(|method| method.args.blocking.is_none())
        {
            errors.push(
                word,
                format!("wrappers and `async fn`s do not run on the blocking pool, and this block has no other methods: remove `{word}`"),
            );
        }
        // An inherent block may contain these, so that their uses stay valid.
        item.items.retain(|each| matches!(each, ImplItem::Fn(_) | ImplItem::Const(_) | ImplItem::Macro(_)));
        item.items.append(&mut bodies);
        item.attrs.push(block_lints());
        Self { krate: args.krate, local: args.local, item, specs, generics, specs_are_generic, methods }
    }

    /// Returns whether the type is generic, so that `register` cannot find its block.
    pub(crate) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty() || Find::in_type(&self.item.self_ty).elided
    }

    /// Returns whether it is for all types of generic specs, though its type has no parameters.
    pub(super) fn is_for_all_types(&self) -> bool {
        parameters::are_of_specs_only(&self.generics, &self.item.self_ty)
    }
}

impl Method {
    /// Returns whether the method needs only a reference to the plugin, which then is the object itself.
    pub(super) fn is_by_reference(&self) -> bool {
        matches!(self.receiver, This::Reference | This::Absent)
            && !(self.next.is_some() || self.args.when.is_some() || self.args.blocking.is_some())
    }

    /// Returns the span for a type mismatch of the outcome: the return type in the source.
    pub(super) fn returned(&self) -> Span {
        Span::mixed_site().located_at(self.returns)
    }

    /// Returns the extension of a method; `None` if its mistakes leave nothing to expand.
    fn new(
        method: &mut ImplItemFn,
        specs: Option<&Path>,
        specs_are_generic: bool,
        block: &BlockArgs,
        errors: &mut Errors,
    ) -> Option<Self> {
        let args = MethodArgs::take(&mut method.attrs, &block.methods, errors);
        if args.helper.is_some() {
            return None;
        }
        let around = Around { krate: &block.krate, specs, specs_are_generic, local: block.local };
        let extension = Self::of(&method.attrs, &mut method.sig, args, &around, errors);
        method.attrs.push(signature_lints());
        extension
    }

    /// Returns the extension of a method or of a function; `None` if its mistakes leave nothing to expand.
    pub(crate) fn of(
        attributes: &[Attribute],
        sig: &mut Signature,
        mut args: MethodArgs,
        around: &Around<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let mut usable = is_plain(sig, errors);
        if around.local {
            args.reject_of_local(errors);
            if let Some(asyncness) = &sig.asyncness {
                errors.push(asyncness, "a local manager has no async calls: write a `fn`, let the point return a future that the host awaits, like `Pin<Box<dyn Future<Output = T>>>`, or use an `AsyncPluginManager`");
                usable = false;
            }
        }
        if let Some(Blocking { word, of_block }) = &args.blocking
            && (args.wrapper || sig.asyncness.is_some())
        {
            // A `blocking` of the whole block does not apply to these methods.
            if !of_block {
                let fix = if args.wrapper {
                    "a wrapper runs around the rest of the call and cannot move to the blocking pool: remove `blocking`"
                } else {
                    "an `async fn` is awaited and must not block: remove `blocking`, or write a `fn`"
                };
                errors.push(word, fix);
            }
            args.blocking = None;
        }
        let receiver = checked_receiver(sig, around.local, &mut usable, errors);
        let target = target(&sig.ident, args.target.as_ref(), errors)?;
        result::name(sig);
        let (parameters, next) = parameters(sig, args.wrapper, &mut usable, errors);
        if let Some(Blocking { word, .. }) = &args.blocking
            && let Some(exclusive) =
                parameters.iter().find(|parameter| matches!(parameter.kind, ParameterKind::Exclusive))
        {
            errors.add(syn::Error::new(
                exclusive.ty,
                format!("a `{word}` extension runs on another thread and cannot edit an argument of the caller: remove the parameter `{}`, or remove `{word}`", exclusive.field),
            ));
            usable = false;
        }
        if let Some(Blocking { word, .. }) = &args.blocking
            && let ReturnType::Type(_, ty) = &sig.output
            && borrows(ty)
        {
            errors.push(
                ty,
                format!("a `{word}` extension returns from another thread and cannot return a borrow: remove `{word}`"),
            );
            usable = false;
        }
        if args.wrapper && next.is_none() && usable {
            errors.push(
                &sig.ident,
                "a wrapper needs the rest of the call as its last parameter: add `next: Next<'_>`, and return the outcome of `next.run(…)`",
            );
            usable = false;
        }
        if let (Some(next), Some(specs)) = (&next, around.specs) {
            replace_next(sig, &target, specs, next, around);
        }
        let (output, returns) = match &sig.output {
            ReturnType::Default => (Type::Verbatim(quote_spanned!(sig.ident.span()=> ())), sig.ident.span()),
            ReturnType::Type(_, ty) => ((**ty).clone(), ty.span()),
        };
        usable.then(|| Self {
            attributes: attributes.to_vec(),
            ident: sig.ident.clone(),
            called: sig.ident.clone(),
            arguments: None,
            target,
            args,
            receiver,
            parameters,
            next,
            is_async: sig.asyncness.is_some(),
            output,
            returns,
        })
    }
}

/// Reports methods that are called like an earlier one, and takes them out. Methods with a `#[cfg]` may be in different builds.
fn reject_duplicates(items: &mut Vec<ImplItem>, errors: &mut Errors) {
    let mut seen: Vec<Ident> = Vec::new();
    items.retain(|item| {
        let ImplItem::Fn(method) = item else { return true };
        if method.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            return true;
        }
        let ident = &method.sig.ident;
        let is_first = !seen.contains(ident);
        if is_first {
            seen.push(ident.clone());
        } else {
            let point = names::plain(ident);
            errors.push(
                ident,
                format!("two methods are called `{point}`: rename one, and add `#[extension(target = \"{point}\")]` if both extend this point"),
            );
        }
        is_first
    });
}

/// Returns the receiver of a method. A mistake clears `usable`.
fn checked_receiver(sig: &Signature, local: bool, usable: &mut bool, errors: &mut Errors) -> This {
    let fix = match (sig.receiver().map(receiver), local) {
        (None, _) => return This::Absent,
        (Some(Some(receiver @ (This::Reference | This::Exclusive))), true) => return receiver,
        (Some(_), true) => {
            "a plugin of a local manager is borrowed for a call: take `&self`, `&mut self` or no receiver"
        }
        (Some(Some(This::Exclusive)), false) => {
            "plugins are shared: take `&self`, `self: &Arc<Self>`, `self: Arc<Self>` or no receiver, and keep mutable state in a lock or an atomic; a helper needs `#[extension(helper)]`; or use a local manager, whose plugins may take `&mut self`: `#[extension(local)]` on the block"
        }
        (Some(Some(receiver)), false) => return receiver,
        (Some(None), false) => {
            "plugins are shared: take `&self`, `self: &Arc<Self>`, `self: Arc<Self>` or no receiver, and keep mutable state in a lock or an atomic; a helper needs `#[extension(helper)]`"
        }
    };
    errors.push(sig.receiver(), fix);
    *usable = false;
    This::Reference
}

/// Returns whether a type has a lifetime other than `'static`, named or elided.
fn borrows(ty: &Type) -> bool {
    let found = Find::in_type(ty);
    found.elided || found.named.iter().any(|named| named.ident != "static")
}

/// Returns whether a method is a plain `fn` or `async fn`, and reports its mistakes.
fn is_plain(sig: &Signature, errors: &mut Errors) -> bool {
    let mut plain = true;
    let qualifiers = [sig.safety.to_token_stream(), sig.abi.to_token_stream()];
    for qualifier in qualifiers.iter().filter(|qualifier| !qualifier.is_empty()) {
        errors.push(qualifier, format!("an extension is a plain `fn` or `async fn`: remove `{qualifier}`; a helper needs `#[extension(helper)]`"));
        plain = false;
    }
    for parameter in sig.generics.params.iter().filter(|it| !matches!(it, GenericParam::Lifetime(_))) {
        errors.push(
            parameter,
            "an extension cannot be generic, because its point has concrete types: write the types of the point; a helper needs `#[extension(helper)]`",
        );
        plain = false;
    }
    plain
}

/// Returns the name of the point of a method.
fn target(method: &Ident, named: Option<&LitStr>, errors: &mut Errors) -> Option<Ident> {
    let Some(named) = named else { return Some(method.clone()) };
    let target = names::named(&named.value(), named.span());
    if target.is_none() {
        errors.push(named, "expected the name of an extension point, like `target = \"fetch\"`");
    }
    target
}

/// Returns the arguments that a method takes, and the `next` of a wrapper. A mistake clears `usable`.
fn parameters(
    sig: &mut Signature,
    wrapper: bool,
    usable: &mut bool,
    errors: &mut Errors,
) -> (Vec<Parameter>, Option<Next>) {
    let mut parameters = Vec::new();
    let mut next = None;
    let count = sig.inputs.len();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        if let Some(conditional) = input.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
            errors.push(
                conditional,
                "a call passes each parameter of an extension, so that none is conditional: write the method twice, each with a `#[cfg]`",
            );
            *usable = false;
        }
        let is_next = is_next(&input.ty);
        if wrapper && index + 1 == count && is_next {
            let (lifetime, elided) = (next_lifetime(&input.ty), Lifetime::new("'_", Span::call_site()));
            let written = with_lifetimes(&input.ty, &|_| elided.clone());
            next = Some(Next { written, lifetime, bound: parameters.is_empty() });
        } else if is_next {
            let fix = if wrapper {
                "`next` must be the last parameter of a wrapper: move it to the end"
            } else {
                "only a wrapper has a `next`: add `#[extension(wrapper)]`, or remove this parameter"
            };
            // The mistake becomes the type of the parameter, so that the compiler reports nothing about its uses.
            let mistake = syn::Error::new_spanned(&*input, fix).to_compile_error();
            *input.ty = syn::parse_quote!([(); { #mistake }]);
            *usable = false;
        } else if matches!(&*input.pat, Pat::Wild(_)) {
            // Calls leave it out.
        } else if let Some(ident) = parameter(&input.pat) {
            let kind = ParameterKind::of(&input.ty);
            if matches!(kind, ParameterKind::Exclusive) {
                free_objects(&mut input.ty);
            }
            let written = (*input.ty).clone();
            parameters.push(Parameter { field: names::field(ident), ty: input.ty.span(), written, kind });
        } else {
            errors.push(
                &input.pat,
                "a parameter of an extension needs the name of an argument of the point: write a name, `_`, or remove the parameter",
            );
            *usable = false;
        }
    }
    (parameters, next)
}

/// Replaces `Next<'_>` by the type of the point.
pub(super) fn replace_next(
    sig: &mut Signature,
    target: &Ident,
    specs: &Path,
    next: &Next,
    around: &Around<'_>,
) {
    let Around { krate, specs_are_generic, .. } = *around;
    let lifetime = &next.lifetime;
    let point = if editor::is_running() {
        let (rt, hash) = (quote!(#krate::__private), names::point_key(target));
        editor::placed(quote!(<#specs as #rt::HasPoint<#hash>>::Point), sig.fn_token.span)
    } else {
        point_of(krate, target, specs, specs_are_generic)
    };
    let ty: Type = if next.bound {
        let output = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        if sig.asyncness.is_some() {
            syn::parse_quote!(#krate::__private::AsyncBoundNext<#lifetime, #output, #point>)
        } else {
            syn::parse_quote!(#krate::__private::BoundNext<#lifetime, #output, #point>)
        }
    } else {
        let rt = quote!(#krate::__private);
        if sig.asyncness.is_some() {
            syn::parse_quote!(<#point as #rt::AsyncWrappable>::AsyncNext<#lifetime>)
        } else {
            syn::parse_quote!(<#point as #rt::Wrappable>::Next<#lifetime>)
        }
    };
    if let Some(FnArg::Typed(input)) = sig.inputs.last_mut() {
        *input.ty = ty;
    }
}

/// Returns the type of the point of this name, which has wrappers.
fn point_of(krate: &Krate, target: &Ident, specs: &Path, specs_are_generic: bool) -> TokenStream {
    let (rt, hash) = (quote!(#krate::__private), names::point_key(target));
    let wraps = wraps(&rt, specs, target);
    let checked = if specs_are_generic {
        // A constant cannot name the parameters of the block.
        return names::spanned(quote!(<#specs as #rt::HasPoint<#hash>>::Point), target.span());
    } else {
        quote!(<#rt::Checks<#wraps> as #rt::Passed<#specs>>::Type)
    };
    quote!(<#checked as #rt::HasPoint<#hash>>::Point)
}

/// Returns the check that a point of this name exists and has wrappers.
pub(crate) fn wraps(rt: &impl ToTokens, specs: &Path, target: &Ident) -> TokenStream {
    let (named, hash) = (named(rt, &specs.to_token_stream(), target), names::point_key(target));
    let point = quote!(<#named as #rt::HasPoint<#hash>>::Point);
    let wraps = checks::at(target, &names::spanned(point, target.span()), &quote!(#rt::Wrappable), "wraps");
    quote!({ let _ = || #wraps(); true })
}

/// Returns the type of specs, which is an error if they have no point of this name.
pub(crate) fn named(rt: &impl ToTokens, specs: &TokenStream, target: &Ident) -> TokenStream {
    let hash = names::point_key(target);
    let point = quote!(#rt::compare::NamedPoint<#specs, #hash, _, _, _>);
    let named = checks::of_parameter(rt, target, &compare::parameter(), &point, "named");
    let assertion = quote! {
        use #rt::compare::AnyPoint as _;
        let _ = || #named(<#specs>::__POINTS, #rt::compare::unnamed());
    };
    let holds = compare::holds(&assertion);
    quote!(<#rt::Checks<#holds> as #rt::Passed<#specs>>::Type)
}

/// Returns the name of a parameter.
fn parameter(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(&pat.ident),
        _ => None,
    }
}

/// Returns whether a type is `Next<'_>`, by any path.
pub(super) fn is_next(ty: &Type) -> bool {
    head(ty).is_some_and(|(name, types)| name == "Next" && types.is_empty())
}

/// Returns the lifetime of a `Next<'n>`.
fn next_lifetime(ty: &Type) -> Lifetime {
    let written = match ty {
        Type::Path(path) => path.path.segments.last().and_then(|last| match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().find_map(|argument| match argument {
                    syn::GenericArgument::Lifetime(lifetime) => Some(lifetime.clone()),
                    _ => None,
                })
            }
            _ => None,
        }),
        _ => None,
    };
    written.unwrap_or_else(|| Lifetime::new("'_", ty.span()))
}

fn receiver(receiver: &Receiver) -> Option<This> {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Some(This::Reference),
        ReceiverKind::Reference(..) => Some(This::Exclusive),
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) if reference.mutability.is_none() => match head(&reference.elem) {
                Some((name, _)) if name == "Arc" => Some(This::ArcReference),
                _ if reference.elem.to_token_stream().to_string() == "Self" => Some(This::Reference),
                _ => None,
            },
            other => head(other).filter(|(name, _)| *name == "Arc").map(|_| This::Arc),
        },
        _ => None,
    }
}
