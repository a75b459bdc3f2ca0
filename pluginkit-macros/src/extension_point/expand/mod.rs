//! The expansion of a specs trait: a unit struct, and a few types per point.
//!
//! Almost every point implements its [`signature`], and the library does the rest. A point whose arguments have lifetimes
//! within their types also implements the objects of its closures: `wide`. The following points are expanded in full:
//! `extensions`, `wrappers`, `arguments` and `asynchronous`.
//!
//! | a point that is expanded in full | example |
//! |---|---|
//! | the return value borrows from an argument | `fn pick<'a>(&self, from: &'a str) -> &'a str` |
//! | lifetimes within one type, of which one may have to outlive the other | `walker: &mut Walker<'_, '_>`, `cx: &mut &Ctx<'_>` |
//! | more than two different lifetimes within types | `a: &A<'_>, b: &B<'_>, c: &C<'_>` |
//! | a `&mut` whose lifetime is also within another type | `word: &'a mut String, cx: &Ctx<'a>` |
//! | a bound between lifetimes of which one is within a type | `fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &Ctx<'b>)` |
//! | a `for<'x>` in a type | `visit: &dyn for<'x> Fn(&'x str)` |

mod arguments;
mod around;
mod asynchronous;
mod calls;
mod checks;
mod compare;
mod default_body;
mod extensions;
mod local;
mod signature;
mod wide;
mod wrappers;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, WhereClause};

use crate::extension_point::expand::checks::{checks, reducer, shape_path};
use crate::extension_point::model::{Arg, Broken, Mode, Point, Shape, Specs, list};
use crate::support::attributes::allow;
use crate::support::lifetimes::{head, names as lifetimes_of, with_lifetimes};
use crate::support::{editor, names};

/// Returns the specs struct and all its points.
pub(crate) fn specs(specs: &Specs) -> TokenStream {
    let Specs { krate, attributes, visibility, ident, parameters, .. } = specs;
    let (path, generics, bounds) = (specs.path(), parameters.of_impl(), parameters.bounds(None));
    let project = match &specs.project {
        Some(project) => quote!(::core::option::Option::Some(#project)),
        None => quote!(::core::option::Option::None),
    };
    let version = match &specs.version {
        Some(version) => quote!(::core::option::Option::Some(#version)),
        None => quote!(::core::option_env!("CARGO_PKG_VERSION")),
    };
    let name = names::plain(ident);
    let cfgs = cfgs(attributes);
    let list = names::local("points");
    let declarations = specs.points.iter().map(|point| {
        let cfgs = self::cfgs(&point.attributes);
        let hash = names::point_key(&point.ident);
        let default = default_body::added(specs, point, &list);
        let add = quote!(#list.add::<<#path as #krate::__private::HasPoint<#hash>>::Point>(););
        quote!(#(#cfgs)* { #add #default })
    });
    let async_declarations = specs.points.iter().map(|point| {
        let cfgs = self::cfgs(&point.attributes);
        let hash = names::point_key(&point.ident);
        let default = default_body::added(specs, point, &list);
        let add = quote!(#list.add_async::<<#path as #krate::__private::HasPoint<#hash>>::Point>(););
        quote!(#(#cfgs)* { #add #default })
    });
    let points = specs.points.iter().map(|point| Expansion::new(specs, point).point());
    let broken = specs.broken.iter().map(|point| broken(specs, point));
    let allow = allow();
    let definition = definition(specs);
    let value = parameters.marker().map(|_| {
        quote! {
            impl #generics #path #bounds {
                /// The specs as a value.
                #visibility const SPECS: Self = Self(::core::marker::PhantomData);
            }
        }
    });
    let impls = quote! {
            #[automatically_derived]
            impl #generics ::core::clone::Clone for #path #bounds {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }
            #[automatically_derived]
            impl #generics ::core::marker::Copy for #path #bounds {}
            #[automatically_derived]
            impl #generics ::core::fmt::Debug for #path #bounds {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str(#name)
                }
            }
            #[automatically_derived]
            impl #generics #krate::__private::Specs for #path #bounds {
                const NAME: &'static ::core::primitive::str = #name;
                const PROJECT: ::core::option::Option<&'static ::core::primitive::str> = #project;
                const VERSION: ::core::option::Option<&'static ::core::primitive::str> = #version;
                const MODULE: &'static ::core::primitive::str = ::core::module_path!();
                fn declare(#list: &mut #krate::__private::Points) {
                    let _ = &#list;
                    #(#declarations)*
                }
            }
            #krate::__if_async! {
                #[automatically_derived]
                impl #generics #krate::__private::AsyncSpecs for #path #bounds {
                    fn declare_async(#list: &mut #krate::__private::Points) {
                        let _ = &#list;
                        #(#async_declarations)*
                    }
                }
            }
            #value
    };
    let (declared, impls) = if editor::is_running() {
        (declared(specs), editor::placed(impls, specs.place))
    } else {
        let named = compare::named(specs);
        (TokenStream::new(), quote!(#impls #named))
    };
    quote! {
        #definition

        #(#cfgs)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            #declared
            #impls
            #(#points)*
            #(#broken)*
        };
    }
}

/// Returns the declarations of the source as a trait, which an editor shows and completes like any other.
fn declared(specs: &Specs) -> TokenStream {
    let points = specs.points.iter().map(|point| {
        let expansion = Expansion::new(specs, point);
        let cfgs = cfgs(&point.attributes);
        let (lifetimes, parameters) = expansion.shown();
        let (name, returns, bounds) =
            (format_ident!("__{}", point.ident), &point.returns, &point.where_clause);
        let head = editor::placed(quote!(fn #name<#lifetimes>), point.place);
        quote!(#(#cfgs)* #head(&self, #(#parameters),*) -> #returns #bounds;)
    });
    let (generics, bounds) = (specs.parameters.of_impl(), specs.parameters.bounds(None));
    quote!(trait __Declared #generics #bounds { #(#points)* })
}

/// Returns the definition of the struct of specs.
fn definition(specs: &Specs) -> TokenStream {
    let Specs { attributes, visibility, ident, parameters, .. } = specs;
    // Nobody adds fields to specs.
    let allow = quote!(#[allow(clippy::exhaustive_structs)]);
    let Some(marker) = parameters.marker() else {
        return quote! {
            #(#attributes)*
            #allow
            #visibility struct #ident;
        };
    };
    let (generics, bounds) = (parameters.of_struct(), parameters.bounds(None));
    quote! {
        #(#attributes)*
        #allow
        #visibility struct #ident #generics(#marker) #bounds;
    }
}

/// Returns a point that consists of its mistake.
///
/// A `compile_error!` in the position of a type gives a type about which the compiler reports nothing more.
fn broken(specs: &Specs, point: &Broken) -> TokenStream {
    let (Specs { krate, visibility, parameters, .. }, Broken { attributes, ident, mistake }) = (specs, point);
    let (specs, generics, bounds) = (specs.path(), parameters.of_impl(), parameters.bounds(None));
    let cfgs = cfgs(attributes);
    let hash = names::point_key(ident);
    let mistake = mistake.to_compile_error();
    quote! {
        #(#cfgs)*
        const _: () = {
            type __Mistake = [(); { #mistake }];
            impl #generics #specs #bounds {
                #(#attributes)*
                #visibility const #ident: __Mistake = loop {};
            }
            #[automatically_derived]
            impl #generics #krate::__private::HasPoint<#hash> for #specs #bounds {
                type Point = __Mistake;
                type Args<'__a> = __Mistake;
                type Return<'__a> = __Mistake;
                type Outcome<'__a> = __Mistake;
            }
        };
    }
}

/// Returns the `#[cfg]`s among `attributes`.
fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

/// Returns the success of an outcome, and the outcome.
///
/// The types are those of the source where tokens tell them, else associated types of the `reading`.
fn outcome(
    specs: &Specs,
    point: &Point,
    reading: &TokenStream,
    rt: &TokenStream,
) -> (TokenStream, TokenStream) {
    let success = |item: &TokenStream, all: &TokenStream| match (point.mode, reducer(specs, point)) {
        (_, Some(reducer)) => quote!(#rt::Reduced<#reducer, #item>),
        (Mode::Collecting | Mode::PipelineInPlace | Mode::Historic, None) => quote!(#all),
        (Mode::FirstResult, None) => quote!(::core::option::Option<#item>),
        (Mode::Pipeline(_) | Mode::HandsOn(_), None) => quote!(#item),
    };
    let Some(WrittenReturn { item, error }) = written_return(&point.returns, point.shape) else {
        let success = success(&quote!(#reading::Item), &quote!(#reading::All));
        return (success.clone(), quote!(#reading::Lift<#success>));
    };
    let all = match point.shape {
        Shape::Units | Shape::TryUnits => quote!(()),
        _ => quote!(::std::vec::Vec<#item>),
    };
    let success = success(&item, &all);
    match error {
        None => (success.clone(), success),
        Some(error) => (success.clone(), quote!(::core::result::Result<#success, #error>)),
    }
}

/// The parts of a return type, as its tokens tell them.
struct WrittenReturn {
    /// The item of one extension.
    item: TokenStream,
    error: Option<TokenStream>,
}

/// Returns the parts of the return type `ty`; `None` for an alias.
fn written_return(ty: &syn::Type, shape: Shape) -> Option<WrittenReturn> {
    let value = match shape {
        Shape::Values => return Some(WrittenReturn { item: quote!(#ty), error: None }),
        Shape::Units => return Some(WrittenReturn { item: quote!(()), error: None }),
        Shape::Somes => {
            let (_, types) = head(ty).filter(|(name, types)| *name == "Option" && types.len() == 1)?;
            let item = types[0];
            return Some(WrittenReturn { item: quote!(#item), error: None });
        }
        Shape::TryValues | Shape::TrySomes | Shape::TryUnits => {
            head(ty).filter(|(name, types)| *name == "Result" && types.len() == 2)?.1
        }
    };
    let (value, error) = (value[0], value[1]);
    let item = match shape {
        Shape::TrySomes => {
            let (_, types) = head(value).filter(|(name, types)| *name == "Option" && types.len() == 1)?;
            let item = types[0];
            quote!(#item)
        }
        _ => quote!(#value),
    };
    Some(WrittenReturn { item, error: Some(quote!(#error)) })
}

/// The types of one result: as a point yields it alone, its success, and its error.
///
/// They are those of the source where tokens tell them, else associated types of the `reading`.
fn each(point: &Point, reading: &TokenStream) -> [TokenStream; 3] {
    let Some(WrittenReturn { item, error }) = written_return(&point.returns, point.shape) else {
        let [item, value, error] = ["Item", "Value", "Error"].map(|name| format_ident!("{name}"));
        return [quote!(#reading::Lift<#reading::#item>), quote!(#reading::#value), quote!(#reading::#error)];
    };
    let value = match point.shape {
        Shape::Somes | Shape::TrySomes => quote!(::core::option::Option<#item>),
        _ => item.clone(),
    };
    match error {
        None => [item, value, quote!(::core::convert::Infallible)],
        Some(error) => [quote!(::core::result::Result<#item, #error>), value, error],
    }
}

/// The lifetimes and parameters of a method that keeps its arguments.
pub(crate) struct Kept {
    /// `'a, 'b: 'a,`
    pub(crate) declared: TokenStream,
    /// `'a, 'b,`
    pub(crate) used: TokenStream,
    /// `topic: &'a str, …`
    pub(crate) parameters: Vec<TokenStream>,
    /// The types of the arguments.
    pub(crate) types: Vec<syn::Type>,
}

/// One point and the common parts of its expansion.
pub(crate) struct Expansion<'s> {
    pub(crate) specs: &'s Specs,
    pub(crate) point: &'s Point,
    /// `krate::__private`.
    pub(crate) rt: TokenStream,
    pub(crate) shape: TokenStream,
    /// The return type of one extension.
    pub(crate) returns: TokenStream,
    /// The success of an outcome.
    pub(crate) success: TokenStream,
    /// The outcome of a call.
    pub(crate) outcome: TokenStream,
    /// One result of `iter`.
    pub(crate) result: TokenStream,
    /// The success of one result.
    pub(crate) value: TokenStream,
    /// The error of one result.
    pub(crate) error: TokenStream,
}

impl<'s> Expansion<'s> {
    fn new(specs: &'s Specs, point: &'s Point) -> Self {
        let krate = &specs.krate;
        let rt = quote!(#krate::__private);
        let checked = !checks(specs, point, &rt).is_empty();
        let shape = if checked { quote!(__Shape) } else { shape_path(point, &rt) };
        let ty = &point.returns;
        let returns = quote!(#ty);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        let (success, outcome) = outcome(specs, point, &reading, &rt);
        let [result, value, error] = each(point, &reading);
        Self { specs, point, rt, shape, returns, success, outcome, result, value, error }
    }

    /// Returns the name of a generated type of the point.
    pub(crate) fn ident(&self, kind: &str) -> Ident {
        let span = Span::mixed_site().located_at(self.point.ident.span());
        format_ident!("{}{kind}", self.point.stem, span = span)
    }

    /// Returns the path of a generated type of the point, like `InitializePoint<R,>`.
    pub(crate) fn path(&self, kind: &str) -> TokenStream {
        let (ident, arguments) = (self.ident(kind), self.specs.parameters.of_path());
        quote!(#ident #arguments)
    }

    /// Returns the parameters of an `impl` without others: `<R: Runtime + 'static,>`, or nothing.
    pub(crate) fn of_impl(&self) -> Option<TokenStream> {
        self.specs.parameters.of_impl()
    }

    /// Returns the parameters among others of an `impl`: `R: Runtime + 'static,`.
    pub(crate) fn declared(&self) -> TokenStream {
        self.specs.parameters.declared()
    }

    /// Returns the parameters in a list of arguments after a lifetime: `R,`.
    pub(crate) fn names(&self) -> TokenStream {
        self.specs.parameters.names()
    }

    /// Returns the `where` clause of an `impl`: the bounds of the specs.
    pub(crate) fn bounds(&self) -> Option<WhereClause> {
        self.specs.parameters.bounds(None)
    }

    /// Returns the predicates of the specs, for a `where` clause with others.
    pub(crate) fn predicates(&self) -> TokenStream {
        let predicates = self.bounds().map(|bounds| bounds.predicates);
        quote!(#predicates)
    }

    /// Returns the `where` clause of an `impl` with the lifetimes of the point: the bounds of the specs and of the point.
    pub(crate) fn all_bounds(&self) -> Option<WhereClause> {
        self.specs.parameters.bounds(self.point.where_clause.as_ref())
    }

    /// The name of a generated method, which compilers and editors show where the point is declared.
    pub(crate) fn method(&self, name: &str) -> Ident {
        if editor::is_running() {
            // An editor goes there only if the name is one of the source.
            return Ident::new(name, self.point.place);
        }
        Ident::new(name, Span::mixed_site().located_at(self.point.ident.span()))
    }

    /// `topic: &'__0 str, …`
    pub(crate) fn parameters(&self) -> Vec<TokenStream> {
        let parameter = |Arg { ident, ty, .. }: &Arg| quote!(#ident: #ty);
        self.point.args.iter().map(parameter).collect()
    }

    /// Returns the lifetimes and parameters of a method that users see, as in the source where possible.
    pub(crate) fn shown(&self) -> (TokenStream, Vec<TokenStream>) {
        let is_named = |lifetime: &syn::Lifetime| !lifetime.ident.to_string().starts_with("__");
        let returns_borrow = !lifetimes_of(&self.point.returns).is_empty();
        if returns_borrow || self.point.lifetimes.iter().any(is_named) {
            return (list(&self.point.lifetimes), self.parameters());
        }
        let parameter = |Arg { ident, written, .. }: &Arg| quote!(#ident: #written);
        (TokenStream::new(), self.point.args.iter().map(parameter).collect())
    }

    /// Returns the lifetimes, parameters and argument types of a method that keeps its arguments.
    ///
    /// Where possible, one lifetime serves for all references, so that `use<…>` can name it.
    pub(crate) fn kept(&self) -> Kept {
        let Point { args, lifetimes, .. } = self.point;
        let (used, types) = match &self.point.signature {
            Some(signature) => {
                // Users see these names.
                let name = |lifetime: &syn::Lifetime| match lifetime.ident.to_string().strip_prefix("__") {
                    Some(plain) => syn::Lifetime::new(&format!("'{plain}"), lifetime.span()),
                    None => lifetime.clone(),
                };
                let types = signature.types.iter().map(|ty| with_lifetimes(ty, &name)).collect();
                (signature.lifetimes().iter().map(name).collect(), types)
            }
            None => (lifetimes.clone(), args.iter().map(|arg| arg.ty.clone()).collect()),
        };
        let declared = match (&self.point.signature, used.split_first()) {
            (Some(_), Some((first, within))) => quote!(#first, #(#within: #first,)*),
            _ => list(&used),
        };
        let parameters = args.iter().zip(&types).map(|(Arg { ident, .. }, ty)| quote!(#ident: #ty)).collect();
        let (used, names) = (list(&used), self.names());
        Kept { declared, used: quote!(#used #names), parameters, types }
    }

    /// `topic, …`
    pub(crate) fn arguments(&self) -> Vec<&Ident> {
        self.point.args.iter().map(|arg| &arg.ident).collect()
    }

    /// `FetchArgs<&'__0 str, …>`
    pub(crate) fn args_type(&self) -> TokenStream {
        let (args, witness) = (self.ident("Args"), self.witness());
        let types = self.point.args.iter().map(|arg| &arg.ty);
        quote!(#args<#(#types,)* #witness>)
    }

    /// `for<'__0> Fn(…, FetchArgs<&'__0 str>, …) -> String + Send + Sync + 'static`
    fn closure(&self, before: &TokenStream, after: &TokenStream, output: &TokenStream) -> TokenStream {
        let lifetimes = list(&self.point.lifetimes);
        let args = self.args_type();
        quote! {
            for<#lifetimes> ::core::ops::Fn(#before #args #after) -> #output
                + ::core::marker::Send + ::core::marker::Sync + 'static
        }
    }

    fn point(&self) -> TokenStream {
        let Self { specs, point, rt, .. } = self;
        let (ident, visibility) = (specs.path(), &specs.visibility);
        let (name, kind, hash) = (&point.ident, self.path("Point"), names::point_key(&point.ident));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let defined = self.ident("Point");
        let (definition, value) = match specs.parameters.marker() {
            None => (quote!(;), quote!(#defined)),
            Some(marker) => {
                (quote!(#generics(#marker) #bounds;), quote!(#defined(::core::marker::PhantomData)))
            }
        };
        let cfgs = cfgs(&point.attributes);
        let (attributes, documentation) = (&point.attributes, self.documentation());
        let (checks, args, default_body) = (self.checks(), self.args(), self.default_body());
        let (types, hidden) = (self.compared(), self.hidden_lifetimes());
        let rest = match &point.signature {
            Some(signature) => self.signature(signature),
            None => self.in_full(),
        };
        // In an editor, the declaration in the source stands for the constant, and for nothing else. The constant is the
        // last item, because an unfinished declaration changes the length of its documentation.
        let is_editor = editor::is_running();
        let place = |tokens| if is_editor { editor::placed(tokens, point.place) } else { tokens };
        let (head, bounds_of, of, is) = (
            place(quote!(impl #generics #ident)),
            place(quote!(#bounds)),
            place(quote!(#kind)),
            place(quote!(#value)),
        );
        let constant = quote! {
            #head #bounds_of {
                #(#attributes)*
                #[doc = ""]
                #[doc = #documentation]
                #visibility const #name: #of = #is;
            }
        };
        let (first, last) = if is_editor { (None, Some(constant)) } else { (Some(constant), None) };
        let items = place(quote! {
                #hidden
                #visibility struct #defined #definition
                #[automatically_derived]
                impl #generics ::core::clone::Clone for #kind #bounds {
                    #[inline]
                    fn clone(&self) -> Self {
                        *self
                    }
                }
                #[automatically_derived]
                impl #generics ::core::marker::Copy for #kind #bounds {}
                #[automatically_derived]
                impl #generics ::core::fmt::Debug for #kind #bounds {
                    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        ::core::fmt::Display::fmt(<Self as #rt::PointTypes>::INFO, f)
                    }
                }
                #[automatically_derived]
                impl #generics #rt::HasPoint<#hash> for #ident #bounds {
                    type Point = #kind;
                    #types
                }

                #checks
                #args
                #default_body
                #rest
        });
        quote! {
            #(#cfgs)*
            const _: () = {
                #first
                #items
                #last
            };
        }
    }

    /// Returns the generated documentation of the point: its declaration, its mode, and the outcome of a call.
    fn documentation(&self) -> String {
        let Self { point, outcome, .. } = self;
        let declaration = &point.declaration;
        let default = if point.default.is_some() { " with a default body" } else { "" };
        let mode = format!("{}{default}", point.mode.name());
        if let Some(reducer) = &point.reduce {
            let reducer = names::pretty(reducer);
            return format!(
                "`{declaration}`, {mode}: a call returns what the reducer `{reducer}` makes of the results."
            );
        }
        // The outcome of an alias has no name that users know.
        if written_return(&point.returns, point.shape).is_none() {
            return format!("`{declaration}`, {mode}.");
        }
        let mut outcome = names::pretty(outcome);
        for path in ["::std::vec::", "::core::option::", "::core::result::"] {
            outcome = outcome.replace(path, "");
        }
        match outcome.as_str() {
            "()" => format!("`{declaration}`, {mode}: a call returns nothing."),
            outcome => format!("`{declaration}`, {mode}: a call returns `{outcome}`."),
        }
    }

    /// `const INFO: …`
    fn info(&self) -> TokenStream {
        let Self { specs, point, .. } = self;
        let krate = &specs.krate;
        let (specs_name, point_name) = (names::plain(&specs.ident), names::plain(&point.ident));
        let mode = format_ident!(
            "{}",
            match point.mode {
                Mode::Collecting => "Collecting",
                Mode::FirstResult | Mode::HandsOn(_) => "FirstResult",
                Mode::Pipeline(_) | Mode::PipelineInPlace => "Pipeline",
                Mode::Historic => "Historic",
            }
        );
        let arguments = point.args.iter().map(|arg| names::plain(&arg.ident));
        let instance = (!specs.parameters.is_empty()).then(|| {
            let specs = specs.path();
            quote!(.of_instance::<#specs>())
        });
        let policy = point.on_failure.map(|policy| {
            let policy = format_ident!("{policy}");
            quote!(.with_failure_policy(#krate::__private::FailurePolicy::#policy))
        });
        let default = point.default.is_some().then(|| quote!(.with_default_body()));
        quote! {
            const INFO: &'static #krate::__private::PointInfo = &#krate::__private::PointInfo::new(
                #specs_name,
                #point_name,
                #krate::__private::Mode::#mode,
                &[#(#arguments),*],
            )#policy #default #instance;
        }
    }

    /// Returns the full expansion of a point without a [`signature`](Self::signature).
    fn in_full(&self) -> TokenStream {
        let Self { specs, rt, .. } = self;
        let (ident, generics, bounds) = (specs.path(), self.of_impl(), self.bounds());
        let (kind, extension) = (self.path("Point"), self.path("Extension"));
        let wrapper = self.path("Wrapper");
        let info = self.info();
        let extensions = self.extensions();
        let asynchronous = self.asynchronous();
        let wrappers = self.wrappers();
        let (caller, local_caller) = (self.caller(), self.local_caller());
        let (handed, work) = (self.arguments_impls(), self.work_objects());
        quote! {
            #[automatically_derived]
            impl #generics #rt::PointTypes for #kind #bounds {
                type Specs = #ident;
                type Extension = dyn #extension;
                type Wrapper = dyn #wrapper;
                #info
            }
            #extensions
            #wrappers
            #handed
            #work
            #asynchronous

            #caller
            #local_caller
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::extension_point::expand;

    #[test]
    fn the_documentation_of_a_point_has_its_declaration_its_mode_and_the_outcome_of_a_call() {
        let specs = quote! {
            trait Specs {
                fn fetch(&self, topic: &str) -> String;
                #[extension_point(firstresult)]
                fn pick(&self) -> Result<Option<u8>, std::io::Error>;
                #[extension_point(pipeline)]
                fn transform(&self, text: String) -> String;
                #[extension_point(historic)]
                fn announce(&self);
                fn alias(&self) -> io::Result<u8>;
                fn greeting(&self) -> u8 { 1 }
                #[extension_point(reduce = reduce::All)]
                fn all(&self) -> bool;
            }
        };
        let expansion = expand(quote!(), &specs).to_string();
        for documentation in [
            "`fn fetch(&self, topic: &str) -> String`, collecting: a call returns `Vec<String>`.",
            "`fn pick(&self) -> Result<Option<u8>, std::io::Error>`, firstresult: a call returns `Result<Option<u8>, std::io::Error>`.",
            "`fn transform(&self, text: String) -> String`, pipeline: a call returns `String`.",
            "`fn announce(&self)`, historic: a call returns nothing.",
            "`fn alias(&self) -> io::Result<u8>`, collecting.",
            "`fn greeting(&self) -> u8`, collecting with a default body: a call returns `Vec<u8>`.",
            "`fn all(&self) -> bool`, collecting: a call returns what the reducer `reduce::All` makes of the results.",
        ] {
            assert!(expansion.contains(documentation), "`{documentation}` is not in {expansion}");
        }
    }
}
