//! What a specs trait turns into: a unit struct and, per point, a handful of types over the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, LitInt};

use crate::extension_point::calls;
use crate::extension_point::model::{Arg, Broken, Mode, Passing, Point, Shape, Specs, list};
use crate::support::lifetimes::without_lifetimes;
use crate::support::names;

/// The specs struct and all its points.
pub(crate) fn specs(specs: &Specs) -> TokenStream {
    let Specs { krate, attributes, visibility, ident, .. } = specs;
    let project = match &specs.project {
        Some(project) => quote!(::core::option::Option::Some(#project)),
        None => quote!(::core::option::Option::None),
    };
    let name = names::plain(ident);
    let cfgs = cfgs(attributes);
    let list = names::local("points");
    let declarations = specs.points.iter().map(|point| {
        let cfgs = self::cfgs(&point.attributes);
        let hash = hash(&point.ident);
        quote!(#(#cfgs)* #list.add::<<#ident as #krate::__private::HasPoint<#hash>>::Point>();)
    });
    let points = specs.points.iter().map(|point| Expansion::new(specs, point).point());
    let broken = specs.broken.iter().map(|point| broken(specs, point));
    let allow = allow();
    quote! {
        #(#attributes)*
        #visibility struct #ident;

        #(#cfgs)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            #[automatically_derived]
            impl ::core::clone::Clone for #ident {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }
            #[automatically_derived]
            impl ::core::marker::Copy for #ident {}
            #[automatically_derived]
            impl ::core::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str(#name)
                }
            }
            #[automatically_derived]
            impl #krate::__private::Specs for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                const PROJECT: ::core::option::Option<&'static ::core::primitive::str> = #project;
                fn declare(#list: &mut #krate::__private::Points) {
                    let _ = &#list;
                    #(#declarations)*
                }
            }
            #(#points)*
            #(#broken)*
        };
    }
}

/// A point that is only its mistake: a `compile_error!` where a type is expected gives a type about
/// which nothing else is told.
fn broken(specs: &Specs, point: &Broken) -> TokenStream {
    let (Specs { krate, visibility, ident: specs, .. }, Broken { attributes, ident, mistake }) =
        (specs, point);
    let cfgs = cfgs(attributes);
    let hash = hash(ident);
    let mistake = mistake.to_compile_error();
    quote! {
        #(#cfgs)*
        const _: () = {
            type __Mistake = [(); { #mistake }];
            impl #specs {
                #(#attributes)*
                #visibility const #ident: __Mistake = loop {};
            }
            #[automatically_derived]
            impl #krate::__private::HasPoint<#hash> for #specs {
                type Point = __Mistake;
            }
        };
    }
}

/// The lints that generated code does not heed: it is not the user's to mend.
pub(crate) fn allow() -> TokenStream {
    quote! {
        #[allow(
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::restriction,
            dead_code,
            missing_debug_implementations,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            private_bounds,
            private_interfaces,
            single_use_lifetimes,
            unreachable_pub,
            unused_lifetimes,
            unused_mut,
            unused_qualifications,
            unused_variables
        )]
    }
}

/// The `#[cfg]`s among `attributes`.
fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

/// The key by which `HasPoint` knows a point.
pub(crate) fn hash(ident: &Ident) -> LitInt {
    LitInt::new(&format!("{}u64", names::hash(&names::plain(ident))), Span::call_site())
}

/// One point on its way to tokens.
pub(crate) struct Expansion<'s> {
    pub(crate) specs: &'s Specs,
    pub(crate) point: &'s Point,
    /// `krate::__private`.
    pub(crate) rt: TokenStream,
    pub(crate) shape: TokenStream,
    /// What one extension returns.
    pub(crate) returns: TokenStream,
    /// The success of an outcome.
    pub(crate) success: TokenStream,
    /// What a call returns.
    pub(crate) outcome: TokenStream,
}

/// `krate::__private::Values`, or what else the return type looks like.
fn shape_path(point: &Point, rt: &TokenStream) -> TokenStream {
    let shape = point.shape.ident();
    quote!(#rt::#shape)
}

/// Assertions of what only the type checker knows, on the user's own types.
fn checks(point: &Point, rt: &TokenStream) -> Vec<TokenStream> {
    let returns = without_lifetimes(&point.returns);
    let shape = shape_path(point, rt);
    let mut checks = Vec::new();
    if let Mode::Pipeline(position) = point.mode {
        let threaded = without_lifetimes(&point.args[position].ty);
        checks.push(quote!(#rt::check::carries::<#returns, #shape, #threaded>();));
        if matches!(point.shape, Shape::Somes | Shape::TrySomes) {
            checks.push(quote!(#rt::check::given::<#threaded>();));
        }
    } else if !matches!(point.shape, Shape::Values | Shape::Units) {
        checks.push(quote!(#rt::check::reads::<#returns, #shape>();));
    }
    for arg in &point.args {
        if point.mode == Mode::Historic {
            let remembered = without_lifetimes(arg.remembered());
            checks.push(quote!(#rt::check::remembered::<#remembered>();));
        } else if matches!(arg.passing, Passing::Give) {
            let ty = without_lifetimes(&arg.ty);
            checks.push(quote!(#rt::check::given::<#ty>();));
        }
    }
    checks
}

impl<'s> Expansion<'s> {
    fn new(specs: &'s Specs, point: &'s Point) -> Self {
        let krate = &specs.krate;
        let rt = quote!(#krate::__private);
        let checked = !checks(point, &rt).is_empty();
        let shape = if checked { quote!(__Shape) } else { shape_path(point, &rt) };
        let ty = &point.returns;
        let returns = quote!(#ty);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        let success = match point.mode {
            Mode::Collecting | Mode::PipelineInPlace | Mode::Historic => quote!(#reading::All),
            Mode::FirstResult => quote!(::core::option::Option<#reading::Item>),
            Mode::Pipeline(_) => quote!(#reading::Item),
        };
        let outcome = quote!(#reading::Lift<#success>);
        Self { specs, point, rt, shape, returns, success, outcome }
    }

    /// The name of a generated type of the point.
    pub(crate) fn ident(&self, kind: &str) -> Ident {
        let span = Span::mixed_site().located_at(self.point.ident.span());
        format_ident!("__{}{kind}", self.point.stem, span = span)
    }

    /// `topic: &'__0 str, …`
    pub(crate) fn parameters(&self) -> Vec<TokenStream> {
        let parameter = |Arg { ident, ty, .. }: &Arg| quote!(#ident: #ty);
        self.point.args.iter().map(parameter).collect()
    }

    /// `topic, …`
    pub(crate) fn arguments(&self) -> Vec<&Ident> {
        self.point.args.iter().map(|arg| &arg.ident).collect()
    }

    /// `__FetchArgs<&'__0 str, …>`
    fn args_type(&self) -> TokenStream {
        let args = self.ident("Args");
        let types = self.point.args.iter().map(|arg| &arg.ty);
        quote!(#args<#(#types),*>)
    }

    /// `for<'__0> Fn(…, __FetchArgs<&'__0 str>, …) -> String + Send + Sync + 'static`
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
        let (ident, visibility) = (&specs.ident, &specs.visibility);
        let (name, kind) = (&point.ident, self.ident(""));
        let (extension, calls) = (self.ident("Extension"), self.ident("Calls"));
        let (specs_name, point_name, hash) = (names::plain(ident), names::plain(name), hash(name));
        let mode = format_ident!(
            "{}",
            match point.mode {
                Mode::Collecting => "Collecting",
                Mode::FirstResult => "FirstResult",
                Mode::Pipeline(_) | Mode::PipelineInPlace => "Pipeline",
                Mode::Historic => "Historic",
            }
        );
        let krate = &specs.krate;
        let arguments = point.args.iter().map(|arg| names::plain(&arg.ident));
        let wrapper = if point.mode == Mode::Historic {
            quote!(#rt::NoWrapper)
        } else {
            let wrapper = self.ident("Wrapper");
            quote!(dyn #wrapper)
        };
        let cfgs = cfgs(&point.attributes);
        let attributes = &point.attributes;
        let handle = names::local("handle");
        let checks = self.checks();
        let args = self.args();
        let extensions = self.extensions();
        let asynchronous = self.async_extensions();
        let wrappers = if point.mode == Mode::Historic { TokenStream::new() } else { self.wrappers() };
        let methods = calls::methods(self);
        quote! {
            #(#cfgs)*
            const _: () = {
                impl #ident {
                    #(#attributes)*
                    #visibility const #name: #kind = #kind;
                }

                #visibility struct #kind;
                #[automatically_derived]
                impl ::core::clone::Clone for #kind {
                    #[inline]
                    fn clone(&self) -> Self {
                        *self
                    }
                }
                #[automatically_derived]
                impl ::core::marker::Copy for #kind {}
                #[automatically_derived]
                impl ::core::fmt::Debug for #kind {
                    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        ::core::fmt::Display::fmt(<Self as #rt::ExtensionPoint>::INFO, f)
                    }
                }
                #[automatically_derived]
                impl #rt::HasPoint<#hash> for #ident {
                    type Point = #kind;
                }
                #[automatically_derived]
                impl #rt::ExtensionPoint for #kind {
                    type Specs = #ident;
                    type Extension = dyn #extension;
                    type Wrapper = #wrapper;
                    type Calls = #calls;
                    const INFO: &'static #krate::PointInfo = &#krate::PointInfo::new(
                        #specs_name,
                        #point_name,
                        #krate::Mode::#mode,
                        &[#(#arguments),*],
                    );
                }

                #checks
                #args
                #extensions
                #asynchronous
                #wrappers

                #visibility struct #calls(#rt::Handle<#kind>);
                #[automatically_derived]
                impl #rt::Calls<#kind> for #calls {
                    fn new(#handle: #rt::Handle<#kind>) -> Self {
                        Self(#handle)
                    }
                    #[inline]
                    fn handle(&self) -> &#rt::Handle<#kind> {
                        &self.0
                    }
                }
                #methods
            };
        }
    }

    /// The reading of the return type: an error, if the checks fail.
    fn checks(&self) -> TokenStream {
        let Self { point, rt, .. } = self;
        let checks = checks(point, rt);
        if checks.is_empty() {
            return TokenStream::new();
        }
        let shape = shape_path(point, rt);
        quote! {
            const __CHECKS: ::core::primitive::bool = {
                #(#checks)*
                true
            };
            type __Shape = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#shape>>::Type;
        }
    }

    /// The struct by which closures ask for arguments by name.
    fn args(&self) -> TokenStream {
        let visibility = &self.specs.visibility;
        let args = self.ident("Args");
        let fields = self.arguments();
        let types: Vec<_> = (0..fields.len()).map(|index| format_ident!("__{index}")).collect();
        quote! {
            #visibility struct #args<#(#types),*> {
                #(#visibility #fields: #types,)*
            }
        }
    }

    /// `fn accepts(…) -> bool`, as a declaration with a default or as an override.
    fn accepts(&self, body: &TokenStream) -> TokenStream {
        let Self { point, .. } = self;
        let lifetimes = list(&point.lifetimes);
        let parameters = point.args.iter().map(|Arg { ident, ty, .. }| quote!(#ident: &#ty));
        let bounds = &point.where_clause;
        quote! {
            fn accepts<#lifetimes>(&self, #(#parameters),*) -> ::core::primitive::bool #bounds {
                #body
            }
        }
    }

    /// The type of a predicate, and the override of `accepts` that asks it.
    fn predicate(&self) -> (TokenStream, TokenStream) {
        let args = self.ident("Args");
        let fields = self.arguments();
        let types = self.point.args.iter().map(|arg| &arg.ty);
        let lifetimes = list(&self.point.lifetimes);
        let ty = quote! {
            for<'__w, '__x, #lifetimes> fn(&'__w ::std::sync::Arc<__T>, #args<#(&'__x #types),*>) -> ::core::primitive::bool
        };
        let when = names::local("when");
        let accepts = self.accepts(&quote! {
            match &self.when {
                ::core::option::Option::Some(#when) => #when(&self.this, #args { #(#fields),* }),
                ::core::option::Option::None => true,
            }
        });
        (ty, accepts)
    }

    /// The object trait of extensions, and how closures become its objects.
    fn extensions(&self) -> TokenStream {
        let Self { specs, point, rt, returns, .. } = self;
        let visibility = &specs.visibility;
        let (kind, extension, args) = (self.ident(""), self.ident("Extension"), self.ident("Args"));
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.arguments();
        let method = self.closure(&quote!(&::std::sync::Arc<__T>,), &quote!(), returns);
        let function = self.closure(&quote!(), &quote!(), returns);
        let default = self.accepts(&quote!(true));
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (names::local("this"), names::local("call"), names::local("when"));
        quote! {
            #visibility trait #extension: ::core::marker::Send + ::core::marker::Sync {
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds;
                #default
            }
            #[automatically_derived]
            impl<__T, __F> #extension for #rt::Bound<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #method,
            {
                #[inline]
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    (self.call)(&self.this, #args { #(#fields),* })
                }
                #accepts
            }
            #[automatically_derived]
            impl<__T, __F> #rt::Bind<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #method,
            {
                type When = #when;
                fn bind(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> ::std::sync::Arc<dyn #extension> {
                    ::std::sync::Arc::new(#rt::Bound { this: #this, call: #call, when: #predicate })
                }
            }
            #[automatically_derived]
            impl<__F> #extension for #rt::BoundFn<__F>
            where
                __F: #function,
            {
                #[inline]
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    (self.0)(#args { #(#fields),* })
                }
            }
            #[automatically_derived]
            impl<__F> #rt::BindFn<__F> for #kind
            where
                __F: #function,
            {
                fn bind_fn(#call: __F) -> ::std::sync::Arc<dyn #extension> {
                    ::std::sync::Arc::new(#rt::BoundFn(#call))
                }
            }
        }
    }

    /// The object trait of async extensions, for builds that have them.
    fn async_extensions(&self) -> TokenStream {
        let Self { specs, point, rt, returns, .. } = self;
        let (visibility, krate) = (&specs.visibility, &specs.krate);
        let (kind, extension, args) = (self.ident(""), self.ident("AsyncExtension"), self.ident("Args"));
        let lifetimes = &point.lifetimes;
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.arguments();
        let args_type = self.args_type();
        let all = list(lifetimes);
        let (this, call) = (names::local("this"), names::local("call"));
        let closure = quote! {
            for<'__f, #all> ::core::ops::Fn(&'__f ::std::sync::Arc<__T>, #rt::AsyncArgs<'__f, #args_type>)
                -> #rt::BoxFuture<'__f, #returns> + ::core::marker::Send + ::core::marker::Sync + 'static
        };
        quote! {
            #krate::__if_async! {
                #visibility trait #extension: ::core::marker::Send + ::core::marker::Sync {
                    fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #(#parameters),*) -> #rt::BoxFuture<'__f, #returns> #bounds;
                }
                #[automatically_derived]
                impl #rt::AsyncExtensionPoint for #kind {
                    type AsyncExtension = dyn #extension;
                }
                #[automatically_derived]
                impl<__T, __F> #extension for #rt::BoundAsync<__T, __F>
                where
                    __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                    __F: #closure,
                {
                    fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #(#parameters),*) -> #rt::BoxFuture<'__f, #returns> #bounds {
                        (self.call)(&self.this, #rt::AsyncArgs::new(#args { #(#fields),* }))
                    }
                }
                #[automatically_derived]
                impl<__T, __F> #rt::BindAsync<__T, __F> for #kind
                where
                    __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                    __F: #closure,
                {
                    fn bind_async(#this: ::std::sync::Arc<__T>, #call: __F) -> ::std::sync::Arc<dyn #extension> {
                        ::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call })
                    }
                }
            }
        }
    }

    /// The object trait of wrappers, how closures become its objects, and `next`.
    fn wrappers(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, wrapper, next, args) =
            (self.ident(""), self.ident("Wrapper"), self.ident("Next"), self.ident("Args"));
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.arguments();
        let closure = self.closure(&quote!(&::std::sync::Arc<__T>,), &quote!(, #next<'_>), outcome);
        let default = self.accepts(&quote!(true));
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (names::local("this"), names::local("call"), names::local("when"));
        let rest = names::local("next");
        let run = calls::run(self);
        quote! {
            #visibility trait #wrapper: ::core::marker::Send + ::core::marker::Sync {
                fn wrap<#lifetimes>(&self, #rest: #next<'_>, #(#parameters),*) -> #outcome #bounds;
                #default
            }
            #[automatically_derived]
            impl<__T, __F> #wrapper for #rt::Bound<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                #[inline]
                fn wrap<#lifetimes>(&self, #rest: #next<'_>, #(#parameters),*) -> #outcome #bounds {
                    (self.call)(&self.this, #args { #(#fields),* }, #rest)
                }
                #accepts
            }
            #[automatically_derived]
            impl<__T, __F> #rt::BindWrapper<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                type When = #when;
                fn bind_wrapper(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> ::std::sync::Arc<dyn #wrapper> {
                    ::std::sync::Arc::new(#rt::Bound { this: #this, call: #call, when: #predicate })
                }
            }
            #[automatically_derived]
            impl #rt::Wrappable for #kind {
                type Next<'n> = #next<'n>;
            }

            /// The rest of the call that a wrapper runs around.
            #[must_use = "the rest of the call does not run unless `run` is called"]
            #visibility struct #next<'n>(#rt::RawNext<'n, #kind>);
            #run
        }
    }
}
