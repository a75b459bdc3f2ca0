//! The statement that adds one method to the binder.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Path;

use crate::extension::args::{Bucket, MethodArgs, Timeout};
use crate::extension::compare;
use crate::extension::model::{Block, Method, Next, Parameter, ParameterKind, This, wraps};
use crate::support::attributes::carried;
use crate::support::editor;
use crate::support::krate::{Krate, Runtime};
use crate::support::names::{self, local};

/// Where a method or a function is, and which point it extends.
pub(crate) struct Site<'s> {
    pub(crate) krate: &'s Krate,
    /// The expression that names the point in the source.
    pub(crate) declared: TokenStream,
    /// The statements that compare the types of the method with those of the point.
    pub(crate) compared: TokenStream,
    /// The expression of the point.
    pub(crate) point: TokenStream,
    /// The path of the method or function.
    pub(crate) callee: TokenStream,
    /// The specs of the point, if they are named.
    pub(crate) specs: Option<&'s Path>,
    pub(crate) specs_are_generic: bool,
    pub(crate) owner: Owner,
}

/// What a method or a function belongs to, from which its predicate takes the plugin.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    /// A plugin that calls share.
    Shared,
    /// A plugin of a local manager, which lends it to a call.
    Local,
    /// Nothing: a function has no plugin.
    Nothing,
}

impl<'s> Site<'s> {
    /// Returns the site of a method in a block.
    pub(super) fn of(method: &Method, block: &'s Block) -> Self {
        let (target, ident, parameters) = (&method.target, &method.called, &method.arguments);
        let declared = match &block.specs {
            // An alias cannot name the parameters of the block.
            Some(specs) if block.specs_are_generic => quote_spanned!(target.span()=> <#specs>::#target),
            _ => quote_spanned!(target.span()=> <__Specs>::#target),
        };
        let (point, compared) = if block.specs_are_generic && !editor::is_running() {
            compare::point(method, block, &declared)
        } else {
            (declared.clone(), TokenStream::new())
        };
        // A mistake in the call is at the place of the method.
        let parameters = parameters.clone().map(|each| names::relocated(each, ident.span()));
        Self {
            krate: &block.krate,
            declared,
            compared,
            point,
            callee: quote_spanned!(ident.span()=> <Self>::#ident #parameters),
            specs: block.specs.as_ref(),
            specs_are_generic: block.specs_are_generic,
            owner: if block.local { Owner::Local } else { Owner::Shared },
        }
    }

    /// Returns the statement that adds a method, under the attributes of the method.
    pub(super) fn framed(&self, method: &Method, statement: &TokenStream) -> TokenStream {
        let Self { declared, compared, .. } = self;
        let carried = carried(&method.attributes);
        quote! {
            #(#carried)*
            {
                // A deprecated point warns here. A deprecated method does not.
                let _ = #declared;
                #[allow(deprecated)]
                {
                    #compared
                    #statement
                }
            }
        }
    }

    /// Returns the point, checked to have wrappers.
    pub(super) fn wrapped(&self, rt: &impl ToTokens, target: &Ident) -> TokenStream {
        let point = &self.point;
        match self.specs {
            Some(specs) if !self.specs_are_generic => {
                let wraps = wraps(rt, specs, target);
                quote!(#rt::passed::<#wraps, _>(#point))
            }
            _ => quote!(#point),
        }
    }
}

/// Returns the statement that adds a method or a function to `binder`.
pub(crate) fn bind(method: &Method, site: &Site<'_>, binder: &Ident) -> TokenStream {
    let binding = Binding::new(method, site, binder);
    let statement = match &method.next {
        None if method.is_async => binding.async_extension(),
        None if method.args.blocking.is_some() => binding.blocking_extension(),
        None => binding.extension(),
        Some(next) if method.is_async => binding.async_wrapper(next),
        Some(next) => binding.wrapper(next),
    };
    site.framed(method, &statement)
}

/// One method and the parts of its statement.
struct Binding<'b> {
    method: &'b Method,
    site: &'b Site<'b>,
    rt: Runtime,
    binder: &'b Ident,
    point: &'b TokenStream,
    options: TokenStream,
    /// The predicate as the last argument, and the suffix of the function that takes it.
    when: TokenStream,
    suffix: &'static str,
    this: Ident,
    args: Ident,
    next: Ident,
}

impl<'b> Binding<'b> {
    fn new(method: &'b Method, site: &'b Site<'b>, binder: &'b Ident) -> Self {
        let (rt, krate) = (Runtime, site.krate);
        let (this, args, next) = (local("this"), local("args"), local("next"));
        let point = &site.point;
        let (when, suffix) = condition(method, site, &rt, &this, &args);
        let options = options(&method.args, &method.ident, krate);
        Self { method, site, rt, binder, point, options, when, suffix, this, args, next }
    }

    /// Returns the name of the function of the binder.
    fn name(&self, stem: &str) -> Ident {
        format_ident!("{stem}{}", self.suffix)
    }

    fn returns(&self) -> Span {
        self.method.returned()
    }

    /// Returns the call of the method, with `rest` as its last argument.
    fn call(&self, rest: &TokenStream) -> TokenStream {
        let Self { method, this, args, .. } = self;
        let plugin = match method.receiver {
            This::Reference if self.method.is_by_reference() => quote!(#this,),
            This::Reference => quote!(&**#this,),
            This::ArcReference => quote!(#this,),
            This::Arc => quote!(::core::clone::Clone::clone(#this),),
            This::Absent | This::Exclusive => quote!(),
        };
        let arguments = arguments(method, args);
        let path = &self.site.callee;
        quote_spanned!(self.returns()=> #path(#plugin #(#arguments,)* #rest))
    }

    fn extension(&self) -> TokenStream {
        let Self { binder, point, options, when, this, args, .. } = self;
        let call = self.call(&quote!());
        if self.method.is_by_reference() {
            return quote!(#binder.method(#point, #options, |#this, #args| #call););
        }
        let name = self.name("extension");
        quote!(#binder.#name(#point, #options, |#this, #args| #call #when);)
    }

    fn async_extension(&self) -> TokenStream {
        let Self { site, binder, point, options, when, this, args, .. } = self;
        let krate = site.krate;
        let stem = if self.method.is_by_reference() { "async_method" } else { "async_extension" };
        let (name, call) = (self.name(stem), self.call(&quote!()));
        let slot = names::located("slot", self.returns());
        let future = quote_spanned!(self.returns()=> #slot.put(#call));
        quote! {
            #krate::__async_extension! {
                #point,
                #binder.#name(#point, #options, |#this, #args, #slot| {
                    let _ = &#args;
                    #future
                } #when);
            }
        }
    }

    fn blocking_extension(&self) -> TokenStream {
        let Self { site, binder, point, options, when, this, args, .. } = self;
        let krate = site.krate;
        let (here, name, call) = (self.extension(), self.name("blocking_extension"), self.call(&quote!()));
        let there = krate.if_tokio(|| {
            let on_pool = self.on_pool();
            quote!(#binder.#name(#point, #options, |#this, #args| #call, |#this, #args, _| #on_pool #when #when);)
        });
        quote! {
            #there
            #krate::__unless_tokio! {
                #here
            }
        }
    }

    fn wrapper(&self, Next { written, bound, .. }: &Next) -> TokenStream {
        let Self { method, site, rt, binder, options, when, this, args, next, .. } = self;
        let name = self.name("wrapper");
        let mut call = self.call(&quote!(#next));
        if *bound {
            let wrapper = names::located("wrapper", self.returns());
            call = quote!({
                let #wrapper = #rt::on_next(|#next| #call);
                #rt::rest_of_call(#next.run_with(#args)).wrapped(#wrapper)
            });
        }
        let wrapped = site.wrapped(rt, &method.target);
        quote! {
            // Uses the name that the user imported.
            let _ = |_: #written| ();
            #binder.#name(#wrapped, #options, |#this, #args, #next| #call #when);
        }
    }

    fn async_wrapper(&self, Next { written, bound, .. }: &Next) -> TokenStream {
        let Self { method, site, rt, binder, point, options, when, this, args, next, .. } = self;
        let krate = site.krate;
        let (name, call) = (self.name("async_wrapper"), self.call(&quote!(#next)));
        let slot = names::located("slot", self.returns());
        let prepare = if *bound {
            let rest = names::located("rest", self.returns());
            let taken = names::located("taken", self.returns());
            quote! {
                let mut #rest = ::core::pin::pin!(#rt::AsyncBound::new(
                    #next,
                    #args,
                    |#next, #args| #next.run_with(#args),
                    |#next| #next.another(),
                    |#next, #taken| #next.run_again(#taken),
                ));
                let #next = #rt::AsyncBoundNext::new(::core::pin::Pin::as_mut(&mut #rest));
            }
        } else {
            quote!()
        };
        let future = quote_spanned!(self.returns()=> #slot.put(async move { #prepare #call.await }));
        let wrapped = site.wrapped(rt, &method.target);
        quote! {
            let _ = |_: #written| ();
            #krate::__async_extension! {
                #point,
                #binder.#name(#wrapped, #options, |#this, #args, #next, #slot| {
                    let _ = &#args;
                    #future
                } #when);
            }
        }
    }

    /// Returns the future that runs the method on the blocking pool with owned arguments.
    fn on_pool(&self) -> TokenStream {
        let Self { method, rt, this, args, .. } = self;
        let (mut owns, mut uses) = (Vec::new(), Vec::new());
        for (index, Parameter { field, ty, kind, .. }) in method.parameters.iter().enumerate() {
            let span = Span::mixed_site().located_at(*ty);
            let rt = names::spanned(quote!(#rt), span);
            let owned = names::located(&format!("owned_{index}"), span);
            let borrow = quote_spanned!(span=> ::core::borrow::Borrow::borrow);
            let mut located = args.clone();
            located.set_span(span);
            let argument = quote!(#located.#field);
            owns.push(match kind {
                ParameterKind::Borrowed => quote_spanned!(span=> let #owned = #rt::offload::own(#argument);),
                ParameterKind::MaybeBorrowed => {
                    quote_spanned!(span=> let #owned = ::core::option::Option::map(#argument, #rt::offload::own);)
                }
                ParameterKind::Value | ParameterKind::Exclusive => {
                    quote_spanned!(span=> let #owned = #rt::offload::moved(#argument);)
                }
            });
            uses.push(match kind {
                ParameterKind::Borrowed => quote_spanned!(span=> #borrow(&#owned)),
                ParameterKind::MaybeBorrowed => quote_spanned!(span=> #owned.as_ref().map(#borrow)),
                ParameterKind::Value | ParameterKind::Exclusive => quote_spanned!(span=> #owned),
            });
        }
        let plugin = match method.receiver {
            This::Reference => quote!(&*#this,),
            This::ArcReference => quote!(&#this,),
            This::Arc => quote!(#this,),
            This::Absent | This::Exclusive => quote!(),
        };
        let path = &self.site.callee;
        let offload = names::relocated(quote!(#rt::offload), self.returns());
        quote!({
            let _ = &#args;
            let #this = ::core::clone::Clone::clone(#this);
            #(#owns)*
            #offload(move || {
                let _ = &#this;
                #path(#plugin #(#uses),*)
            })
        })
    }
}

/// Returns the arguments that a method takes out of `args`.
pub(super) fn arguments(method: &Method, args: &Ident) -> Vec<TokenStream> {
    let argument = |parameter: &Parameter| {
        let field = &parameter.field;
        let mut args = args.clone();
        args.set_span(Span::mixed_site().located_at(parameter.ty));
        quote!(#args.#field)
    };
    method.parameters.iter().map(argument).collect()
}

/// Returns the predicate of a method as the last argument, and the suffix of the function that takes it.
pub(super) fn condition(
    method: &Method,
    site: &Site<'_>,
    rt: &impl ToTokens,
    this: &Ident,
    args: &Ident,
) -> (TokenStream, &'static str) {
    let Some(when) = &method.args.when else { return (TokenStream::new(), "") };
    let path = &when.path;
    let peeked: Vec<_> = match &when.named {
        Some(named) => named.iter().map(names::field).collect(),
        None => method.parameters.iter().map(|parameter| parameter.field.clone()).collect(),
    };
    let span = syn::spanned::Spanned::span(path);
    let peeked =
        peeked.iter().rev().fold(quote!(()), |rest, field| quote_spanned!(span=> (#args.#field, #rest)));
    let (lent, point) = (local("lent"), &site.declared);
    let (lend, ask) = match site.owner {
        Owner::Shared => (None, quote_spanned!(span=> #rt::ask_predicate(#path, #this, #peeked))),
        Owner::Local => (
            Some(quote!(let #lent = #this.lend(#rt::local_info(#point));)),
            quote_spanned!(span=> #rt::ask_local_predicate(#path, &*#lent, #peeked)),
        ),
        Owner::Nothing => (None, quote_spanned!(span=> #rt::ask_function(#path, #peeked))),
    };
    (quote!(, |#this, #args| { let _ = &#args; #lend #ask }), "_when")
}

pub(super) fn options(args: &MethodArgs, ident: &Ident, krate: &Krate) -> TokenStream {
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
        options.extend(quote!(.before([#(#before),*])));
    }
    if !after.is_empty() {
        options.extend(quote!(.after([#(#after),*])));
    }
    if args.optional {
        options.extend(quote!(.optional()));
    }
    if args.blocking.is_some() {
        options.extend(quote!(.blocking()));
    }
    if let Some(Timeout { nanoseconds, .. }) = args.timeout {
        options.extend(quote!(.timeout(::core::time::Duration::from_nanos(#nanoseconds))));
    }
    if let Some(versions) = &args.requires {
        options.extend(quote!(.requires(#versions)));
    }
    options
}
