//! The construction of a plugin: by a function, from its settings, or by `Default`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::plugin::args::PluginArgs;

/// Returns the function `__construct`, which gives the constructor of a `__Plugin`, if there is one.
pub(crate) fn of_type(args: &PluginArgs) -> TokenStream {
    let krate = &args.krate;
    let rt = quote!(#krate::__private);
    let construct = quote!(fn __construct() -> ::core::option::Option<#rt::Construct>);
    let make = quote! {
        fn __make(
            __settings: &#rt::Settings<'_>,
        ) -> ::core::result::Result<#rt::Made, #rt::BuildError>
    };
    match (&args.config, &args.build) {
        (None, None) => quote! {
            #construct {
                use #rt::build::{ByDefault as _, ByNobody as _};
                (&#rt::build::Probe::<__Plugin, ()>::new()).construct()
            }
        },
        (None, Some(build)) => {
            let call = quote_spanned!(at(build)=> #rt::build::built::<__Plugin, _>(__settings, #build));
            quote! {
                #make { #call }
                #construct { ::core::option::Option::Some(#rt::Construct::new(__make)) }
            }
        }
        (Some(config), build) => {
            let body = match build {
                Some(build) => quote_spanned! {at(build)=>
                    #rt::build::configured::<__Plugin, #config, _>(__settings, #build)
                },
                None => quote_spanned! {at(config)=>
                    use #rt::build::{BesideSettings as _, FromSettings as _};
                    (&#rt::build::Probe::<__Plugin, #config>::new()).way().make::<__Plugin, #config>(__settings)
                },
            };
            // Reported at the option, if this build has no settings.
            let if_config = quote_spanned!(config.span()=> #krate::__if_config!);
            quote! {
                #if_config {
                    #make { #body }
                    #construct {
                        ::core::option::Option::Some(#krate::__with_schema! {
                            [#rt::Construct::new(__make)] [|| {
                                use #rt::build::{Described as _, Undescribed as _};
                                (&#rt::build::Probe::<(), #config>::new()).schema()
                            }]
                        })
                    }
                }
            }
        }
    }
}

/// Returns the place of an option, with the names of the expansion: a `macro_rules!` may have written the option.
fn at(option: &impl Spanned) -> Span {
    option.span().resolved_at(Span::call_site())
}
