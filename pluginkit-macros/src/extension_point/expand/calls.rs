//! The calls of a point: what its callers and its wrappers' `next` offer.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Mode, Passing, Shape, list};
use crate::support::names::local;

/// The text of an error of the point, as a closure.
pub(super) fn describe(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { point, rt, shape, returns, .. } = expansion;
    if !point.shape.is_fallible() {
        return quote!(#rt::no_error);
    }
    let error = local("error");
    quote! {
        |#error: &<#shape as #rt::Returns<#returns>>::Error| {
            use #rt::describe::{ByDebug as _, ByDisplay as _, ByType as _};
            (&&&#rt::describe::Describe(#error)).text()
        }
    }
}

/// The arguments as one extension after another gets them, and as predicates see them; `threaded` is
/// what stands for the threaded argument in each.
pub(super) struct Handing {
    /// Statements that make the arguments ready.
    pub(super) prepare: TokenStream,
    pub(super) call: Vec<TokenStream>,
    pub(super) peek: Vec<TokenStream>,
}

pub(super) fn hand(
    expansion: &Expansion<'_>,
    visit: &Ident,
    threaded: &(TokenStream, TokenStream),
) -> Handing {
    let Expansion { rt, shape, .. } = expansion;
    let mut handing = Handing { prepare: TokenStream::new(), call: Vec::new(), peek: Vec::new() };
    for Arg { ident, passing, .. } in &expansion.point.args {
        let (call, peek) = match passing {
            Passing::Copy => (quote!(#ident), quote!(&#ident)),
            Passing::Reborrow => (quote!(&mut *#ident), quote!(&#ident)),
            Passing::Give => {
                handing.prepare.extend(quote!(let mut #ident = ::core::option::Option::Some(#ident);));
                (
                    quote!(<#shape as #rt::Owns<_>>::give(#visit.is_last(), &mut #ident)),
                    quote!(#rt::peek(&#ident)),
                )
            }
            Passing::Threaded => threaded.clone(),
        };
        handing.call.push(call);
        handing.peek.push(peek);
    }
    handing
}

/// The closure that runs one extension and answers `None` if it is not admitted, after the
/// statements that make the arguments ready for it.
fn visitor(expansion: &Expansion<'_>) -> (TokenStream, TokenStream) {
    let (extension, visit) = (local("extension"), local("visit"));
    let Handing { prepare, call, peek } = hand(expansion, &visit, &(quote!(), quote!()));
    let kind = expansion.ident("Point");
    let rt = &expansion.rt;
    let closure = quote! {
        |#extension: &<#kind as #rt::ExtensionPoint>::Extension, #visit: #rt::Visit<'_>| {
            if !#visit.admits(|| #extension.accepts(#(#peek),*)) {
                return ::core::option::Option::None;
            }
            ::core::option::Option::Some(#extension.call(#(#call),*))
        }
    };
    (prepare, closure)
}

/// The dispatch over `extensions` that the mode asks for.
fn dispatch(expansion: &Expansion<'_>, extensions: &Ident) -> TokenStream {
    let Expansion { point, shape, returns, .. } = expansion;
    let describe = describe(expansion);
    let Mode::Pipeline(position) = point.mode else {
        let (prepare, visitor) = visitor(expansion);
        return match point.mode {
            Mode::FirstResult => {
                quote!({ #prepare #extensions.first::<#shape, #returns>(#describe, #visitor) })
            }
            _ => quote!({ #prepare #extensions.collect::<#shape, #returns>(#describe, #visitor) }),
        };
    };
    let (extension, visit, value) = (local("extension"), local("visit"), local("value"));
    let ident = &point.args[position].ident;
    if matches!(point.shape, Shape::Values | Shape::TryValues) {
        let Handing { prepare, call, peek } = hand(expansion, &visit, &(quote!(#value), quote!(&#value)));
        quote! {{
            #prepare
            #extensions.thread::<#shape, #returns>(#describe, #ident, |#extension, #visit, #value| {
                if !#visit.admits(|| #extension.accepts(#(#peek),*)) {
                    return ::core::result::Result::Err(#value);
                }
                ::core::result::Result::Ok(#extension.call(#(#call),*))
            })
        }}
    } else {
        let threaded = (quote!(::core::clone::Clone::clone(#value)), quote!(#value));
        let Handing { prepare, call, peek } = hand(expansion, &visit, &threaded);
        quote! {{
            #prepare
            #extensions.thread_optional::<#shape, #returns>(#describe, #ident, |#extension, #visit, #value| {
                if !#visit.admits(|| #extension.accepts(#(#peek),*)) {
                    return ::core::option::Option::None;
                }
                ::core::option::Option::Some(#extension.call(#(#call),*))
            })
        }}
    }
}

/// `next.run(…)`, and the `next` of a wrapper that leaves the arguments out.
pub(crate) fn run(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, shape, returns, success, outcome } = expansion;
    let visibility = &specs.visibility;
    let (next, args) = (expansion.ident("Next"), expansion.ident("Args"));
    let lifetimes = list(&point.lifetimes);
    let bounds = &point.where_clause;
    let parameters = expansion.parameters();
    let arguments = expansion.arguments();
    let types = point.args.iter().map(|arg| &arg.ty);
    let where_predicates = bounds.as_ref().map(|bounds| &bounds.predicates);
    let extensions = local("extensions");
    let dispatch = dispatch(expansion, &extensions);
    let describe = describe(expansion);
    let (rest, step, wrapper, parts) = (local("rest"), local("step"), local("wrapper"), local("parts"));
    quote! {
        impl<'__n> #next<'__n> {
            /// Runs the rest of the call and returns its outcome.
            #[inline]
            #visibility fn run<#lifetimes>(self, #(#parameters),*) -> #outcome #bounds {
                let mut #rest = self.0;
                loop {
                    match #rest.step() {
                        #rt::Step::Wrapper(#step) => {
                            if #step.declines(|#wrapper| #wrapper.accepts(#(&#arguments),*)) {
                                #rest = #step.skip();
                                continue;
                            }
                            return #step.around::<#shape, #returns, #success>(#describe, |#wrapper, #rest| {
                                #wrapper.wrap(#next(#rest), #(#arguments),*)
                            });
                        }
                        #rt::Step::Extensions(#extensions) => return #dispatch,
                    }
                }
            }

            /// Hands `wrapper` a `next` that passes the arguments on as they came.
            #[doc(hidden)]
            #visibility fn bind<#lifetimes __F>(
                self,
                #args { #(#arguments),* }: #args<#(#types),*>,
                #wrapper: #rt::WrapperReturning<#outcome, __F>,
            ) -> #outcome
            where
                __F: ::core::ops::FnOnce(#rt::BoundNext<'_, #outcome>) -> #outcome,
                #where_predicates
            {
                let mut #parts = ::core::option::Option::Some((self, #(#arguments,)*));
                let mut #rest = || {
                    let (#rest, #(#arguments,)*) = #rt::take(&mut #parts);
                    #rest.run(#(#arguments),*)
                };
                #wrapper.call(#rt::BoundNext::new(&mut #rest))
            }
        }
    }
}

/// `call` and its relatives.
pub(crate) fn methods(expansion: &Expansion<'_>) -> TokenStream {
    let point = expansion.point;
    let calls = expansion.ident("Calls");
    let methods = if point.mode == Mode::Historic {
        historic(expansion)
    } else {
        let mut methods = plain(expansion);
        if matches!(point.mode, Mode::Collecting) {
            methods.extend(iter(expansion));
        }
        if matches!(point.mode, Mode::Collecting | Mode::FirstResult) {
            methods.extend(settle(expansion));
        }
        methods
    };
    quote!(impl #calls { #methods })
}

fn plain(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, shape, returns, success, outcome } = expansion;
    let (visibility, krate) = (&specs.visibility, &specs.krate);
    let next = expansion.ident("Next");
    let lifetimes = list(&point.lifetimes);
    let bounds = &point.where_clause;
    let parameters = expansion.parameters();
    let arguments = expansion.arguments();
    let describe = describe(expansion);
    let (chain, rest) = (local("chain"), local("rest"));
    quote! {
        /// Calls the point and returns the outcome; a panic unwinds to the caller.
        #[inline]
        #visibility fn call<#lifetimes>(&self, #(#parameters),*) -> #outcome #bounds {
            let #chain = self.0.load();
            #chain.call::<#shape, #returns, #success>(#describe, |#rest| #next(#rest).run(#(#arguments),*))
        }

        /// Calls the point; a panic or an overrun is an error that names the plugin.
        #visibility fn try_call<#lifetimes>(
            &self,
            #(#parameters),*
        ) -> ::core::result::Result<#success, #krate::CallError<<#shape as #rt::Returns<#returns>>::Error>> #bounds {
            let #chain = self.0.load();
            #chain.try_call::<#shape, #returns, #success>(#describe, |#rest| #next(#rest).run(#(#arguments),*))
        }
    }
}

fn iter(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, shape, returns, .. } = expansion;
    let visibility = &specs.visibility;
    let lifetimes = list(&point.lifetimes);
    let bounds = &point.where_clause;
    let parameters = expansion.parameters();
    let describe = describe(expansion);
    let (prepare, visitor) = visitor(expansion);
    quote! {
        /// The results one by one: an extension runs when its result is asked for. Wrappers take no part.
        #visibility fn iter<#lifetimes>(
            &self,
            #(#parameters),*
        ) -> impl ::core::iter::Iterator<Item = #rt::Threaded<#shape, #returns>> + use<#lifetimes> #bounds {
            #prepare
            #rt::Iter::<#shape, #returns, _, _, _>::new(self.0.load_owned(), #describe, move #visitor)
        }
    }
}

fn settle(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, shape, returns, .. } = expansion;
    let (visibility, krate) = (&specs.visibility, &specs.krate);
    let lifetimes = list(&point.lifetimes);
    let bounds = &point.where_clause;
    let parameters = expansion.parameters();
    let describe = describe(expansion);
    let (prepare, visitor) = visitor(expansion);
    let enough = match point.mode {
        Mode::FirstResult => quote!(::core::option::Option::is_some),
        _ => quote!(|_| false),
    };
    quote! {
        /// Runs every extension by itself and says what became of each. Wrappers take no part.
        #visibility fn settle<#lifetimes>(
            &self,
            #(#parameters),*
        ) -> ::std::vec::Vec<#krate::Settled<
            <#shape as #rt::Returns<#returns>>::Value,
            <#shape as #rt::Returns<#returns>>::Error,
        >> #bounds {
            #prepare
            self.0.load().settle::<#shape, #returns>(#describe, #visitor, #enough)
        }
    }
}

fn historic(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, shape, returns, outcome, .. } = expansion;
    let visibility = &specs.visibility;
    let kind = expansion.ident("Point");
    let lifetimes = list(&point.lifetimes);
    let parameters = expansion.parameters();
    let describe = describe(expansion);
    let (prepare, visitor) = visitor(expansion);
    let (extension, visit, event, error, sink) =
        (local("extension"), local("visit"), local("event"), local("error"), local("sink"));

    let mut types = Vec::new();
    let mut snapshots = Vec::new();
    let mut recalled = Vec::new();
    for (index, arg) in point.args.iter().enumerate() {
        let ident = &arg.ident;
        let index = syn::Index::from(index);
        let remembered = arg.remembered();
        let keeps = quote!(<#shape as #rt::Keeps<#remembered>>);
        if arg.optional_reference().is_some() {
            types.push(quote!(::core::option::Option<#keeps::Owned>));
            snapshots.push(quote!(#ident.map(#keeps::remember)));
            recalled.push(quote!(#event.#index.as_ref().map(#keeps::recall)));
        } else if arg.reference().is_some() {
            types.push(quote!(#keeps::Owned));
            snapshots.push(quote!(#keeps::remember(#ident)));
            recalled.push(quote!(#keeps::recall(&#event.#index)));
        } else {
            let owns = quote!(<#shape as #rt::Owns<#remembered>>);
            types.push(quote!(#owns::Value));
            snapshots.push(quote!(#owns::clone(&#ident)));
            recalled.push(quote!(#owns::clone(&#event.#index)));
        }
    }
    let peeks: Vec<_> = recalled.iter().map(|value| quote!(&#value)).collect();
    let text = local("text");
    let box_error = if point.shape.is_fallible() {
        quote! {
            |#error: <#shape as #rt::Returns<#returns>>::Error| {
                use #rt::describe::{ByDebug as _, ByDisplay as _, BySource as _, ByText as _, ByType as _};
                let #text = (&&&#rt::describe::Describe(&#error)).text();
                match (&mut &mut #rt::describe::Boxed(::core::option::Option::Some(#error))).boxed() {
                    ::core::option::Option::Some(#error) => #error,
                    ::core::option::Option::None => ::core::convert::Into::into(#text),
                }
            }
        }
    } else {
        quote!(|#error| match #error {})
    };
    let remembered = quote! {
        #rt::Remembered {
            event: (#(#snapshots,)*),
            again: |#extension: &<#kind as #rt::ExtensionPoint>::Extension, #event: &(#(#types,)*), #visit: #rt::Visit<'_>| {
                if !#visit.admits(|| #extension.accepts(#(#peeks),*)) {
                    return ::core::option::Option::None;
                }
                ::core::option::Option::Some(#extension.call(#(#recalled),*))
            },
            box_error: #box_error,
            describe: #describe,
        }
    };
    quote! {
        /// Calls the extensions there are and remembers the call for plugins that come later.
        #visibility fn call_historic<#lifetimes>(&self, #(#parameters),*) -> #outcome {
            let #event = #remembered;
            #prepare
            self.0.call_historic::<#shape, #returns, _, _, _, _>(#event, #visitor)
        }

        /// Calls the extensions there are, hands each result to `results` when all have run, and
        /// remembers the call: a replay hands its results to `results` too.
        #visibility fn call_historic_with<#lifetimes>(
            &self,
            #(#parameters,)*
            #sink: impl ::core::ops::Fn(<#shape as #rt::Returns<#returns>>::Item)
                + ::core::marker::Send + ::core::marker::Sync + 'static,
        ) -> <#shape as #rt::Returns<#returns>>::Lift<()> {
            let #event = #remembered;
            #prepare
            self.0.call_historic_with::<#shape, #returns, _, _, _, _>(#event, #visitor, #sink)
        }

        #[doc(hidden)]
        #visibility fn call<#lifetimes __H>(&self, #(#parameters),*) -> #outcome
        where
            Self: #rt::Forgets<__H>,
        {
            ::core::unreachable!()
        }
    }
}
