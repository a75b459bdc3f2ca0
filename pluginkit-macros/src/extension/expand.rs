//! What an impl block turns into: an inherent block, and a registration that names its methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::extension::args::{Bucket, MethodArgs};
use crate::extension::model::{Block, Method, Next, Parameter, This, wraps};
use crate::extension_point::{allow, hash};
use crate::support::names::{self, local};

pub(crate) fn block(block: &Block) -> TokenStream {
    let Block { krate, item, specs, methods } = block;
    let Some(specs) = specs else { return quote!(#item) };
    let rt = quote!(#krate::__private);
    let ty = &item.self_ty;
    let carried = carried(&item.attrs);
    // Within one type, the first method of a block tells it from the others.
    let key = item.items.iter().find_map(|each| match each {
        syn::ImplItem::Fn(method) => Some(&method.sig.ident),
        _ => None,
    });
    let key = match key {
        Some(ident) if !block.is_generic() => hash(ident),
        _ => syn::LitInt::new("0u64", Span::call_site()),
    };
    let binder = local("binder");
    let statements = methods.iter().map(|method| bind(method, block, &binder));
    let allow = allow();
    let stub = (!block.is_generic()).then(|| {
        let name = type_name(ty);
        quote! {
            #rt::inventory::submit! {
                #rt::Stub::new::<__Plugin, #specs, #key>(
                    #name,
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                )
            }
        }
    });
    let mut generics = item.generics.clone();
    let check = if block.is_generic() {
        // Which of its types are plugins is found where one is registered.
        let bounds = generics.make_where_clause();
        bounds
            .predicates
            .push(syn::parse_quote!(Self: ::core::marker::Send + ::core::marker::Sync + 'static));
        quote!()
    } else {
        quote!(#rt::check::plugins_are_send_and_sync::<#ty>();)
    };
    // The impl is for the type itself: what another crate's checks come to, coherence cannot know.
    let alias = (!block.is_generic())
        .then(|| quote!(type __Plugin = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#ty>>::Type;));
    let checked = (!block.is_generic()).then(|| quote!(let #binder: &mut #rt::Binder<__Plugin> = #binder;));
    let (generics, _, bounds) = generics.split_for_impl();
    quote! {
        #item

        #(#carried)*
        #allow
        const _: () = {
            const __CHECKS: ::core::primitive::bool = {
                #rt::check::specs::<#specs>();
                #check
                true
            };
            type __Specs = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#specs>>::Type;
            #alias
            #[automatically_derived]
            impl #generics #rt::Extends<#specs, #key> for #ty #bounds {
                fn extend(#binder: &mut #rt::Binder<Self>) {
                    #checked
                    let _ = &#binder;
                    #(#statements)*
                }
            }
            #stub
        };
    }
}

/// The attributes that what is generated for an item shares with it.
fn carried(attributes: &[syn::Attribute]) -> Vec<&syn::Attribute> {
    let is_carried =
        |attribute: &&syn::Attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("allow");
    attributes.iter().filter(is_carried).collect()
}

/// The name plugins of this type get: the type without the path to it.
fn type_name(ty: &syn::Type) -> String {
    use quote::ToTokens;
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) if last.arguments.is_none() => names::plain(&last.ident),
            _ => ty.to_token_stream().to_string().replace(' ', ""),
        },
        _ => ty.to_token_stream().to_string().replace(' ', ""),
    }
}

fn bind(method: &Method, block: &Block, binder: &Ident) -> TokenStream {
    let Block { krate, specs, .. } = block;
    let rt = quote!(#krate::__private);
    let Method { ident, target, .. } = method;
    let carried = carried(&method.attributes);
    let (this, args, next) = (local("this"), local("args"), local("next"));
    let options = options(&method.args, ident, krate);
    let plugin = match method.receiver {
        This::Reference => quote!(&**#this,),
        This::ArcReference => quote!(#this,),
        This::Arc => quote!(::std::sync::Arc::clone(#this),),
        This::Absent => quote!(),
    };
    let arguments = arguments(method, &args);
    // A type mismatch of the outcome is told where the user wrote the return type.
    let call = |rest: TokenStream| {
        let span = Span::mixed_site().located_at(method.returns);
        let path = quote_spanned!(ident.span()=> <Self>::#ident);
        quote_spanned!(span=> #path(#plugin #(#arguments,)* #rest))
    };
    let point = quote_spanned!(target.span()=> <__Specs>::#target);
    let (when, suffix) = condition(method, &rt, &this, &args);
    let statement = match &method.next {
        None if method.is_async => {
            let method_name = quote::format_ident!("async_extension{suffix}");
            let body = call(quote!());
            let future = quote_spanned!(Span::mixed_site().located_at(method.returns)=>
                ::std::boxed::Box::pin(async move { let _ = &#args; #body.await })
            );
            quote! {
                #krate::__async_extension! {
                    #point,
                    #binder.#method_name(#point, #options, |#this, #args| {
                        let #args = #args.args;
                        #future
                    } #when);
                }
            }
        }
        None => {
            let method = quote::format_ident!("extension{suffix}");
            let body = call(quote!());
            quote!(#binder.#method(#point, #options, |#this, #args| #body #when);)
        }
        Some(Next { written, bound }) if method.is_async => {
            let name = quote::format_ident!("async_wrapper{suffix}");
            let body = call(quote!(#next));
            let wraps = specs.as_ref().map(|specs| wraps(&rt, specs, target));
            let prepare = if *bound {
                quote!(let #next = #rt::AsyncBoundNext::new(::std::boxed::Box::pin(#next.run_with(#args.args)));)
            } else {
                quote!(let #args = #args.args;)
            };
            let future = quote_spanned!(Span::mixed_site().located_at(method.returns)=>
                ::std::boxed::Box::pin(async move { #body.await })
            );
            quote! {
                let _ = |_: #written| ();
                #krate::__async_extension! {
                    #point,
                    #binder.#name(#rt::passed::<#wraps, _>(#point), #options, |#this, #args, #next| {
                        #prepare
                        #future
                    } #when);
                }
            }
        }
        Some(Next { written, bound }) => {
            let name = quote::format_ident!("wrapper{suffix}");
            let body = call(quote!(#next));
            let body = if *bound {
                let span = Span::mixed_site().located_at(method.returns);
                let wrapper = names::located("wrapper", span);
                quote!({
                    let #wrapper = #rt::on_next(|#next| #body);
                    #next.bind(#args, #wrapper)
                })
            } else {
                body
            };
            let wraps = specs.as_ref().map(|specs| wraps(&rt, specs, target));
            quote! {
                // Keeps the name that the user imported in use.
                let _ = |_: #written| ();
                #binder.#name(#rt::passed::<#wraps, _>(#point), #options, |#this, #args, #next| #body #when);
            }
        }
    };
    quote! {
        #(#carried)*
        {
            // A deprecated point warns here, and a deprecated method does not.
            let _ = #point;
            #[allow(deprecated)]
            {
                #statement
            }
        }
    }
}

/// The arguments that a method takes out of `args`.
fn arguments(method: &Method, args: &Ident) -> Vec<TokenStream> {
    let argument = |parameter: &Parameter| {
        let field = &parameter.field;
        let mut args = args.clone();
        args.set_span(Span::mixed_site().located_at(parameter.ty));
        quote!(#args.#field)
    };
    method.parameters.iter().map(argument).collect()
}

/// The predicate of a method as the last argument of its binding, and what its binding is called after.
fn condition(method: &Method, rt: &TokenStream, this: &Ident, args: &Ident) -> (TokenStream, &'static str) {
    let Some(when) = &method.args.when else { return (TokenStream::new(), "") };
    let path = &when.path;
    let peeked: Vec<_> = match &when.named {
        Some(named) => named.iter().map(names::field).collect(),
        None => method.parameters.iter().map(|parameter| parameter.field.clone()).collect(),
    };
    let span = syn::spanned::Spanned::span(path);
    let holds = quote_spanned!(span=> #rt::holds(#path, #this, (#(#args.#peeked,)*)));
    (quote!(, |#this, #args| { let _ = &#args; #holds }), "_when")
}

fn options(args: &MethodArgs, ident: &Ident, krate: &crate::support::krate::Krate) -> TokenStream {
    let name = names::plain(ident);
    let mut options = quote!(#krate::Options::new().method(#name));
    match args.bucket {
        Some(Bucket::First) => options.extend(quote!(.tryfirst())),
        Some(Bucket::Last) => options.extend(quote!(.trylast())),
        None => {}
    }
    if let Some(priority) = args.priority {
        options.extend(quote!(.priority(#priority)));
    }
    let (before, after) = (&args.before, &args.after);
    if !before.is_empty() {
        options.extend(quote!(.before(&[#(#before),*])));
    }
    if !after.is_empty() {
        options.extend(quote!(.after(&[#(#after),*])));
    }
    if args.optional {
        options.extend(quote!(.optional()));
    }
    if args.blocking {
        options.extend(quote!(.blocking()));
    }
    if let Some(timeout) = args.timeout {
        options.extend(quote!(.timeout(::core::time::Duration::from_nanos(#timeout))));
    }
    options
}
