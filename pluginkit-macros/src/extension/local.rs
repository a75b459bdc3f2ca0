//! The expansion of an impl block under `#[extension(local)]`, for local managers.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::extension::bind::{Site, arguments, condition, options};
use crate::extension::expand::{Checks, block_key, checks, type_name};
use crate::extension::model::{Block, Method, Next, This};
use crate::extension::parameters::{generic_block, static_types};
use crate::support::attributes::{allow, carried};
use crate::support::krate::Runtime;
use crate::support::names::{self, local};

pub(super) fn block(block: &Block) -> TokenStream {
    let Block { krate, item, specs, methods, .. } = block;
    let Some(specs) = specs else { return quote!(#item) };
    let (rt, runtime) = (Runtime, krate.runtime());
    let ty = &item.self_ty;
    let (carried, allow, key, binder) = (carried(&item.attrs), allow(), block_key(block), local("binder"));
    let statements = methods.iter().map(|method| Binding::new(method, block, &binder).statement());
    let mut generics = block.generics.clone();
    generics.params.insert(0, syn::parse_quote!('__p));
    generics.make_where_clause().predicates.push(syn::parse_quote!(Self: '__p));
    generics.make_where_clause().predicates.extend(static_types(&block.generics, specs));
    let (generics, _, bounds) = generics.split_for_impl();
    let Checks { before: checks, within: checks_here } = checks(block, specs, &quote!());
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
    let generic_block = block.is_for_all_types().then(|| generic_block(&rt, ty, specs, false));
    quote! {
        #item

        #krate::__local_extension! {
            #(#carried)*
            #allow
            const _: () = {
                #runtime
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
                #generic_block
            };
        }
    }
}

/// One method and the parts of its statement.
struct Binding<'b> {
    method: &'b Method,
    site: Site<'b>,
    rt: Runtime,
    binder: &'b Ident,
    options: TokenStream,
    this: Ident,
    args: Ident,
    next: Ident,
}

impl<'b> Binding<'b> {
    fn new(method: &'b Method, block: &'b Block, binder: &'b Ident) -> Self {
        let krate = &block.krate;
        let (this, args, next) = (local("this"), local("args"), local("next"));
        let options = options(&method.args, &method.ident, krate);
        Self { method, site: Site::of(method, block), rt: Runtime, binder, options, this, args, next }
    }

    /// Returns the statement that adds the method to the binder.
    fn statement(&self) -> TokenStream {
        let statement = match &self.method.next {
            None => self.extension(),
            Some(next) => self.wrapper(next),
        };
        self.site.framed(self.method, &statement)
    }

    /// Returns the call of the method on the borrowed plugin, with `rest` as its last argument.
    fn call(&self, rest: &TokenStream) -> TokenStream {
        let Self { site, rt, method, this, args, .. } = self;
        let (lent, point) = (local("lent"), &site.declared);
        let (lend, plugin) = match method.receiver {
            This::Exclusive => {
                (quote!(let mut #lent = #this.lend_mut(#rt::local_info(#point));), quote!(&mut *#lent,))
            }
            This::Absent => (quote!(let _ = #this;), quote!()),
            This::Reference | This::ArcReference | This::Arc => {
                (quote!(let #lent = #this.lend(#rt::local_info(#point));), quote!(&*#lent,))
            }
        };
        let (path, arguments) = (&site.callee, arguments(method, args));
        let call = quote_spanned!(self.method.returned()=> #path(#plugin #(#arguments,)* #rest));
        quote!(#lend #call)
    }

    /// Returns the predicate of the method as the last argument, and the function of the binder that takes it.
    fn condition(&self, stem: &str) -> (TokenStream, Ident) {
        let Self { method, site, rt, this, args, .. } = self;
        let (when, suffix) = condition(method, site, rt, this, args);
        (when, format_ident!("{stem}{suffix}"))
    }

    fn extension(&self) -> TokenStream {
        let Self { site, binder, options, this, args, .. } = self;
        let (point, call) = (&site.point, self.call(&quote!()));
        let (when, name) = self.condition("extension");
        quote!(#binder.#name(#point, #options, |#this, #args| { let _ = &#args; #call } #when);)
    }

    fn wrapper(&self, Next { written, bound, .. }: &Next) -> TokenStream {
        let Self { method, site, rt, binder, options, this, args, next, .. } = self;
        let (when, name) = self.condition("wrapper");
        let call = self.call(&quote!(#next));
        let body = if *bound {
            let wrapper = names::located("wrapper", self.method.returned());
            // The arguments go to the rest of the call.
            quote! {
                let #wrapper = #rt::on_next(|#next| { #call });
                #rt::rest_of_call(#next.run_with(#args)).wrapped(#wrapper)
            }
        } else {
            quote!(let _ = &#args; #call)
        };
        let wrapped = site.wrapped(rt, &method.target);
        quote! {
            // Uses the name that the user imported.
            let _ = |_: #written| ();
            #binder.#name(#wrapped, #options, |#this, #args, #next| { #body } #when);
        }
    }
}
