//! The expansion of an impl block under `#[extension(local)]`, for local managers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::extension::bind::{arguments, options};
use crate::extension::expand::{block_key, type_name};
use crate::extension::model::{Block, Method, Next, This, wraps};
use crate::support::attributes::{allow, carried};
use crate::support::names::{self, local};

pub(super) fn block(block: &Block) -> TokenStream {
    let Block { krate, item, specs, methods, .. } = block;
    let Some(specs) = specs else { return quote!(#item) };
    let rt = quote!(#krate::__private);
    let ty = &item.self_ty;
    let (carried, allow, key, binder) = (carried(&item.attrs), allow(), block_key(block), local("binder"));
    let statements = methods.iter().map(|method| Binding::new(method, block, &binder).statement());
    let mut generics = block.generics.clone();
    generics.params.insert(0, syn::parse_quote!('__p));
    generics.make_where_clause().predicates.push(syn::parse_quote!(Self: '__p));
    if block.specs_are_generic {
        let tokens = quote!(#specs);
        let types = block.generics.type_params().filter(|each| names::mentions(&tokens, &each.ident));
        let types: Vec<_> = types.map(|each| each.ident.clone()).collect();
        let bounds = generics.make_where_clause();
        bounds
            .predicates
            .extend(types.iter().map(|ident| -> syn::WherePredicate { syn::parse_quote!(#ident: 'static) }));
    }
    let (generics, _, bounds) = generics.split_for_impl();
    let (checks, checks_here) = if block.specs_are_generic {
        // A constant cannot name the parameters of the block.
        (quote!(), quote_spanned!(specs.span()=> #rt::check::specs::<#specs>();))
    } else {
        let checks = quote! {
            const __CHECKS: ::core::primitive::bool = {
                #rt::check::specs::<#specs>();
                true
            };
            type __Specs = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#specs>>::Type;
        };
        (checks, quote!())
    };
    let stub = (!block.is_generic()).then(|| {
        let name = type_name(ty);
        quote! {
            #rt::inventory::submit! {
                #rt::LocalStub::new::<#ty, #specs, #key>(
                    #name,
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                )
            }
        }
    });
    quote! {
        #item

        #krate::__local_extension! {
            #(#carried)*
            #allow
            const _: () = {
                #checks
                #[automatically_derived]
                impl #generics #rt::LocalExtends<'__p, #specs, #key> for #ty #bounds {
                    fn extend_local(#binder: &mut #rt::LocalBinder<'__p, Self>) {
                        #checks_here
                        let _ = &#binder;
                        #(#statements)*
                    }
                }
                #stub
            };
        }
    }
}

/// One method and the parts of its statement.
struct Binding<'b> {
    method: &'b Method,
    block: &'b Block,
    rt: TokenStream,
    binder: &'b Ident,
    point: TokenStream,
    this: Ident,
    args: Ident,
    next: Ident,
}

impl<'b> Binding<'b> {
    fn new(method: &'b Method, block: &'b Block, binder: &'b Ident) -> Self {
        let krate = &block.krate;
        let target = &method.target;
        let point = match &block.specs {
            // An alias cannot name the parameters of the block.
            Some(specs) if block.specs_are_generic => quote_spanned!(target.span()=> <#specs>::#target),
            _ => quote_spanned!(target.span()=> <__Specs>::#target),
        };
        let (this, args, next) = (local("this"), local("args"), local("next"));
        Self { method, block, rt: quote!(#krate::__private), binder, point, this, args, next }
    }

    /// Returns the statement that adds the method to the binder.
    fn statement(&self) -> TokenStream {
        let Self { point, method, .. } = self;
        let carried = carried(&method.attributes);
        let statement = match &method.next {
            None => self.extension(),
            Some(next) => self.wrapper(next),
        };
        quote! {
            #(#carried)*
            {
                // A deprecated point warns here. A deprecated method does not.
                let _ = #point;
                #[allow(deprecated)]
                {
                    #statement
                }
            }
        }
    }

    /// Returns the span for a type mismatch of the outcome: the return type in the source.
    fn returns(&self) -> Span {
        Span::mixed_site().located_at(self.method.returns)
    }

    /// Returns the call of the method on the borrowed plugin, with `rest` as its last argument.
    fn call(&self, rest: &TokenStream) -> TokenStream {
        let Self { rt, method, this, args, point, .. } = self;
        let lent = local("lent");
        let (lend, plugin) = match method.receiver {
            This::Exclusive => {
                (quote!(let mut #lent = #this.lend_mut(#rt::local_info(#point));), quote!(&mut *#lent,))
            }
            This::Absent => (quote!(let _ = #this;), quote!()),
            This::Reference | This::ArcReference | This::Arc => {
                (quote!(let #lent = #this.lend(#rt::local_info(#point));), quote!(&*#lent,))
            }
        };
        let (ident, arguments) = (&method.ident, arguments(method, args));
        let path = quote_spanned!(ident.span()=> <Self>::#ident);
        let call = quote_spanned!(self.returns()=> #path(#plugin #(#arguments,)* #rest));
        quote!({ let _ = &#args; #lend #call })
    }

    fn extension(&self) -> TokenStream {
        let Self { block, binder, point, method, this, args, .. } = self;
        let options = options(&method.args, &method.ident, &block.krate);
        let ((when, suffix), call) = (self.condition(), self.call(&quote!()));
        let name = format_ident!("extension{suffix}");
        quote!(#binder.#name(#point, #options, |#this, #args| #call #when);)
    }

    fn wrapper(&self, Next { written, bound }: &Next) -> TokenStream {
        let Self { block, rt, binder, point, method, this, args, next, .. } = self;
        let options = options(&method.args, &method.ident, &block.krate);
        let (when, suffix) = self.condition();
        let name = format_ident!("wrapper{suffix}");
        let mut call = self.call(&quote!(#next));
        if *bound {
            let wrapper = names::located("wrapper", self.returns());
            // The arguments go to the rest of the call.
            let bare = self.bare_call();
            call = quote!({
                let #wrapper = #rt::on_next(|#next| #bare);
                #rt::rest_of_call(#next.run_with(#args)).wrapped(#wrapper)
            });
        }
        let wrapped = match &block.specs {
            Some(specs) if !block.specs_are_generic => {
                let wraps = wraps(rt, specs, &method.target);
                quote!(#rt::passed::<#wraps, _>(#point))
            }
            _ => quote!(#point),
        };
        quote! {
            // Uses the name that the user imported.
            let _ = |_: #written| ();
            #binder.#name(#wrapped, #options, |#this, #args, #next| #call #when);
        }
    }

    /// Returns the call of a wrapper that takes no arguments.
    fn bare_call(&self) -> TokenStream {
        let Self { next, args, .. } = self;
        let call = self.call(&quote!(#next));
        // A binding of its own: the closure must not borrow the arguments.
        quote!({ let #args = (); #call })
    }

    /// Returns the predicate of the method as the last argument, and the suffix of the function that takes it.
    fn condition(&self) -> (TokenStream, &'static str) {
        let Self { rt, method, this, args, point, .. } = self;
        let Some(when) = &method.args.when else { return (TokenStream::new(), "") };
        let path = &when.path;
        let peeked: Vec<_> = match &when.named {
            Some(named) => named.iter().map(names::field).collect(),
            None => method.parameters.iter().map(|parameter| parameter.field.clone()).collect(),
        };
        let span = syn::spanned::Spanned::span(path);
        let peeked =
            peeked.iter().rev().fold(quote!(()), |rest, field| quote_spanned!(span=> (#args.#field, #rest)));
        let lent = local("lent");
        let ask = quote_spanned!(span=> #rt::ask_local_predicate(#path, &*#lent, #peeked));
        let closure = quote!(|#this, #args| {
            let _ = &#args;
            let #lent = #this.lend(#rt::local_info(#point));
            #ask
        });
        (quote!(, #closure), "_when")
    }
}
