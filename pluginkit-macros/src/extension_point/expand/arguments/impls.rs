//! The path of the arguments to extensions and wrappers, for a point that is expanded in full.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Mode, list};
use crate::support::lifetimes::{Find, head};
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the path of the arguments of a call to extensions and wrappers.
    pub(crate) fn arguments_impls(&self) -> TokenStream {
        let Self { point, rt, shape, returns, outcome, .. } = self;
        let (kind, declared) = (self.path("Point"), self.declared());
        let lifetimes = list(&point.lifetimes);
        let bounds = self.all_bounds();
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.path("Extension");
        let error_text = self.error_text(&quote!(error_text), returns, &quote!(returned_error));
        let keep = self.keep();
        let threaded = match point.mode.running() {
            Some(position) => {
                let Arg { ident, .. } = &point.args[position];
                // The checks assert that this is the type of the argument.
                let item = quote!(<#shape as #rt::Returns<#returns>>::Item);
                let item = match point.mode {
                    Mode::HandsOn(_) => quote!(<#item as #rt::Handover>::Argument),
                    _ => item,
                };
                let (threaded, spare) = self.running(&quote!(self.#ident));
                quote! {
                    #[automatically_derived]
                    impl<#lifetimes #declared> #rt::ThreadedArguments<#item> for #held #bounds {
                        #[inline]
                        fn threaded(&mut self) -> &mut ::core::option::Option<#item> {
                            #threaded
                        }
                        fn spare(&self) -> ::core::option::Option<#item> {
                            use #rt::spare::{IsClone as _, IsNotClone as _};
                            #spare
                        }
                    }
                }
            }
            None => TokenStream::new(),
        };
        let wraps = {
            let (wrapper_type, next_type) = (self.path("Wrapper"), self.ident("Next"));
            let moves = self.moves(&quote!(self));
            let error_text = self.error_text(&quote!(outcome_error_text), outcome, &quote!(error));
            quote! {
                #[automatically_derived]
                impl<#lifetimes #declared> #rt::WrapArguments<#kind, #outcome> for #held #bounds {
                    #[inline]
                    fn accepts_wrapper(&self, #wrapper: &dyn #wrapper_type) -> ::core::primitive::bool {
                        #wrapper.accepts(#(#peeks),*)
                    }
                    #[inline]
                    fn wrap(self, #wrapper: &dyn #wrapper_type, #next: #rt::Rest<'_, #kind>) -> #outcome {
                        #wrapper.wrap(#next_type(#next), #(#moves),*)
                    }
                    #error_text
                }
            }
        };
        quote! {
            #[automatically_derived]
            impl<#lifetimes #declared> #rt::Arguments<#kind, #returns> for #held #bounds {
                #[inline]
                fn accepts(&self, #extension: &dyn #extension_type) -> ::core::primitive::bool {
                    #extension.accepts(#(#peeks),*)
                }
                #[inline]
                fn call(&mut self, #extension: &dyn #extension_type, #last: ::core::primitive::bool) -> #returns {
                    #extension.call(#(#gives),*)
                }
                #error_text
                #keep
            }
            #threaded
            #wraps
        }
    }

    /// Returns the path of the arguments of an async call to extensions and wrappers.
    pub(crate) fn async_arguments_impls(&self) -> TokenStream {
        let Self { point, rt, returns, outcome, .. } = self;
        let slot = local("slot");
        let (kind, declared) = (self.path("Point"), self.declared());
        let lifetimes = list(&point.lifetimes);
        let bounds = self.all_bounds();
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.path("AsyncExtension");
        let concurrently = self.is_concurrent().then(|| {
            let clones = self.clones(&quote!(self));
            quote! {
                fn call_concurrently<'__w>(
                    &self,
                    #extension: &'__w dyn #extension_type,
                    #slot: #rt::FutureSlot<'__w, #returns>,
                ) -> #rt::ExtensionFuture<'__w, #returns>
                where
                    Self: '__w,
                {
                    #extension.call(#slot, #(#clones),*)
                }
            }
        });
        let offload = self.offload();
        let wraps = {
            let (wrapper_type, next_type) = (self.path("AsyncWrapper"), self.ident("AsyncNext"));
            let moves = self.moves(&quote!(self));
            quote! {
                #[automatically_derived]
                impl<#lifetimes #declared> #rt::AsyncWrapArguments<#kind, #outcome> for #held #bounds {
                    fn accepts_async_wrapper(&self, #wrapper: &dyn #wrapper_type) -> ::core::primitive::bool {
                        #wrapper.accepts(#(#peeks),*)
                    }
                    fn wrap_async<'__w>(
                        self,
                        #wrapper: &'__w dyn #wrapper_type,
                        #next: #rt::AsyncRest<'__w, #kind>,
                    ) -> #rt::ExtensionFuture<'__w, #outcome>
                    where
                        Self: '__w,
                    {
                        #wrapper.wrap(#next_type(#next), #(#moves),*)
                    }
                }
            }
        };
        quote! {
            #[automatically_derived]
            impl<#lifetimes #declared> #rt::AsyncArguments<#kind, #returns> for #held #bounds {
                fn accepts_async(&self, #extension: &dyn #extension_type) -> ::core::primitive::bool {
                    #extension.accepts(#(#peeks),*)
                }
                #[inline]
                fn call_async<'__s>(
                    &'__s mut self,
                    #extension: &'__s dyn #extension_type,
                    #slot: #rt::FutureSlot<'__s, #returns>,
                    #last: ::core::primitive::bool,
                ) -> #rt::ExtensionFuture<'__s, #returns> {
                    #extension.call(#slot, #(#gives),*)
                }
                #concurrently
                #offload
            }
            #wraps
        }
    }

    /// Returns the functions that keep an error until the call ends, unless it borrows, as far as tokens tell.
    fn keep(&self) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        let error = match head(&point.returns) {
            Some((name, types)) if name == "Result" && types.len() == 2 => types[1],
            _ => &point.returns,
        };
        let borrows = Find::in_type(error).named.iter().any(|named| named.ident != "static");
        if borrows || !point.shape.is_fallible() {
            return TokenStream::new();
        }
        let [returned, error, boxed, held] = ["returned", "error", "boxed", "held"].map(local);
        let kept = quote!(::std::boxed::Box<dyn ::core::any::Any + ::core::marker::Send>);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        quote! {
            fn keep(#returned: #returns) -> ::core::result::Result<#kept, #returns> {
                use #rt::describe::{IsSend as _, IsNotSend as _};
                if #reading::returned_error(&#returned).is_none() {
                    return ::core::result::Result::Err(#returned);
                }
                let mut #boxed = #rt::describe::Boxed(::core::result::Result::err(#reading::split(#returned)));
                let #held = (&mut &mut #boxed).kept();
                #boxed.or_back(#held).map_err(#reading::failed)
            }
            fn kept(#error: #kept) -> ::core::option::Option<#returns> {
                #rt::describe::kept::<#shape, #returns>(#error)
            }
        }
    }

    /// Returns a function `name` that describes the error that `Returns::$error` finds in a `ty`.
    fn error_text(&self, name: &TokenStream, ty: &TokenStream, error: &TokenStream) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        if !point.shape.is_fallible() {
            return TokenStream::new();
        }
        let (value, found) = (local("value"), local("error"));
        quote! {
            fn #name(#value: &#ty) -> ::core::option::Option<::std::string::String> {
                use #rt::describe::{ByDebug as _, ByDisplay as _, ByType as _};
                let #found = <#shape as #rt::Returns<#returns>>::#error(#value)?;
                ::core::option::Option::Some((&&&#rt::describe::Describe(#found)).text())
            }
        }
    }
}
