//! One point: its type, its constant among the specs, and its documentation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::outcome::written_return;
use crate::extension_point::expand::{Expansion, cfgs};
use crate::extension_point::model::Mode;
use crate::support::{editor, names};

impl Expansion<'_> {
    pub(super) fn point(&self) -> TokenStream {
        let Self { specs, point, rt, .. } = self;
        let (ident, visibility) = (specs.path(), &specs.visibility);
        let (kind, hash) = (self.path("Point"), names::point_key(&point.ident));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let defined = self.ident("Point");
        let (definition, value) = match specs.parameters.marker() {
            None => (quote!(;), quote!(#defined)),
            Some(marker) => {
                (quote!(#generics(#marker) #bounds;), quote!(#defined(::core::marker::PhantomData)))
            }
        };
        let cfgs = cfgs(&point.attributes);
        let (attributes, empty, documentation) = (&point.attributes, "", self.documentation());
        let (checks, args, default_body) = (self.checks(), self.args(), self.default_body());
        let (types, hidden) = (self.compared(), self.hidden_lifetimes());
        let rest = match &point.signature {
            Some(signature) => self.signature(signature),
            None => self.in_full(),
        };
        // In an editor, the declaration in the source stands for the constant, and for nothing else. The constant is the
        // last item, because an unfinished declaration changes the length of its documentation.
        let is_editor = editor::is_running();
        let name = if is_editor { point.ident.clone() } else { names::silent(&point.ident) };
        let place = |tokens| if is_editor { editor::placed(tokens, point.place) } else { tokens };
        let (head, bounds_of, of, is) = (
            place(quote!(impl #generics #ident)),
            place(quote!(#bounds)),
            place(quote!(#kind)),
            place(quote!(#value)),
        );
        // An error about the constant shows the declaration of the point.
        let (declared, end) = if is_editor {
            (quote!(#visibility const), quote!(;))
        } else {
            let at = |tokens| names::spanned(tokens, name.span());
            (at(quote!(#visibility const)), at(quote!(;)))
        };
        let constant = quote! {
            #head #bounds_of {
                #(#attributes)*
                #[doc = #empty]
                #[doc = #documentation]
                #declared #name: #of = #is #end
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
    pub(super) fn info(&self) -> TokenStream {
        let Self { specs, point, rt, .. } = self;
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
            quote!(.with_failure_policy(#rt::FailurePolicy::#policy))
        });
        let default = point.default.is_some().then(|| quote!(.with_default_body()));
        quote! {
            const INFO: &'static #rt::PointInfo = &#rt::PointInfo::new(
                #specs_name,
                #point_name,
                #rt::Mode::#mode,
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
        let asynchronous = self.specs.krate.if_async(|| self.asynchronous());
        let wrappers = self.wrappers();
        let (caller, local_caller) = (self.caller(), self.specs.krate.if_local(|| self.local_caller()));
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
