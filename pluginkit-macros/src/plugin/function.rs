//! `#[plugin]` on a function: a plugin with one extension or wrapper.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{FnArg, Generics, ItemFn, Pat, Path};

use crate::extension::args::MethodArgs;
use crate::extension::bind::{Owner, Site, bind};
use crate::extension::compare;
use crate::extension::model::{Around, Method};
use crate::plugin::args::PluginArgs;
use crate::plugin::expand::metadata;
use crate::support::attributes::{allow, carried};
use crate::support::editor;
use crate::support::errors::Errors;
use crate::support::krate::Runtime;
use crate::support::names::{self, local};

/// Returns the expansion of a function. It takes the attribute `#[extension(…)]` off the function.
pub(crate) fn plugin(args: &PluginArgs, item: &mut ItemFn, errors: &mut Errors) -> TokenStream {
    let mut options = MethodArgs::take(&mut item.attrs, &MethodArgs::default(), errors);
    if let Some(target) = options.target.take() {
        errors.push(
            &target,
            "a function names its point in `#[plugin(extends = Specs::fetch)]`: remove `target`",
        );
    }
    if let Some(helper) = options.helper.take() {
        errors.push(&helper, "a function that is a plugin is its extension: remove `helper`");
    }
    let is_plain = has_no_types(item, errors) && has_names(item, errors);
    let (Some(id), Some(extends)) = (&args.id, &args.extends) else { return TokenStream::new() };
    if !is_plain {
        return TokenStream::new();
    }
    let krate = &args.krate;
    let (rt, runtime) = (Runtime, krate.runtime());
    let specs = specs(extends);
    if options.wrapper && specs.is_none() {
        errors.push(extends, "a wrapper needs the specs of its point: write `extends = Specs::fetch`");
        return TokenStream::new();
    }
    options.target =
        extends.segments.last().map(|last| syn::LitStr::new(&names::plain(&last.ident), last.ident.span()));
    let around = Around { krate, specs: specs.as_ref(), specs_are_generic: false, local: false };
    let Some(method) = Method::of(&[], &mut item.sig, options, &around, errors) else {
        return TokenStream::new();
    };
    if let (Some(specs), false) = (&specs, editor::is_running()) {
        compare::outcome(&around, specs, &Generics::default(), &method, &mut item.sig);
    }
    // An editor would have to evaluate the comparison to know the type.
    let compared = if editor::is_running() {
        quote!(true)
    } else {
        compare::function(krate, &method, extends, specs.as_ref())
    };
    let metadata = metadata(args, id);
    let ident = &item.sig.ident;
    let name = names::plain(ident);
    let carried = carried(&item.attrs);
    let allow = allow();
    let binder = local("binder");
    let site = Site {
        krate,
        declared: extends.to_token_stream(),
        compared: TokenStream::new(),
        point: quote!(#rt::passed::<__COMPARED, _>(#extends)),
        callee: ident.to_token_stream(),
        specs: specs.as_ref(),
        specs_are_generic: false,
        owner: Owner::Nothing,
    };
    let statement = bind(&method, &site, &binder);
    quote! {
        #(#carried)*
        #allow
        const _: () = {
            #runtime
            const __COMPARED: ::core::primitive::bool = #compared;
            #[allow(deprecated)]
            fn __metadata() -> #krate::__private::PluginMetadata {
                #metadata
            }
            struct __Function;
            #[automatically_derived]
            impl #krate::Plugin for __Function {
                fn metadata() -> #krate::__private::PluginMetadata {
                    __metadata()
                }
            }
            fn __bind(#binder: &mut #rt::Binder<#rt::build::Function>) {
                #statement
            }
            fn __make(
                __settings: &#rt::Settings<'_>,
            ) -> ::core::result::Result<#rt::Made, #rt::BuildError> {
                #rt::build::function(__settings, __metadata(), __bind)
            }
            // A deprecated point warns where the function is bound.
            #[allow(deprecated)]
            fn __construct() -> ::core::option::Option<#rt::Construct> {
                ::core::option::Option::Some(#rt::Construct::new(__make).of(#rt::build::project_of(#rt::passed::<__COMPARED, _>(#extends))))
            }
            #rt::inventory::submit! {
                #rt::PluginStub::new::<__Function>(
                    #name,
                    ::core::module_path!(),
                    (::core::file!(), ::core::line!(), ::core::column!()),
                )
                .constructed(&(__construct as fn() -> ::core::option::Option<#rt::Construct>))
            }
        };
    }
}

/// Returns the path of the specs in the path of a point.
fn specs(point: &Path) -> Option<Path> {
    let count = point.segments.len().checked_sub(1).filter(|count| *count > 0)?;
    let segments = point.segments.iter().take(count).cloned().collect();
    Some(Path { segments, ..point.clone() })
}

/// Returns whether a function has no type parameters, and reports the first.
fn has_no_types(item: &ItemFn, errors: &mut Errors) -> bool {
    let first = item.sig.generics.type_params().next();
    if let Some(parameter) = first {
        errors.push(
            parameter,
            "a function that is a plugin cannot have type parameters: write the types of the point",
        );
    }
    first.is_none()
}

/// Returns whether all arguments of a function have names, and reports the others.
fn has_names(item: &ItemFn, errors: &mut Errors) -> bool {
    let mut is_right = true;
    for input in &item.sig.inputs {
        match input {
            FnArg::Typed(typed) => {
                let fix = match &*typed.pat {
                    Pat::Ident(_) => continue,
                    Pat::Wild(_) => {
                        "a function takes arguments by their names, and may leave them out: remove this parameter, or write `_` and the name from the point, like `_topic`"
                    }
                    _ => "an argument is identified by its name: write the name from the point",
                };
                errors.push(&typed.pat, fix);
                is_right = false;
            }
            FnArg::Receiver(receiver) => {
                errors.push(
                    receiver,
                    "a function that is a plugin cannot have a receiver: put `#[plugin]` on the type",
                );
                is_right = false;
            }
        }
    }
    is_right
}
