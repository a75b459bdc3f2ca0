//! The caller of a local manager.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::calls::{CallerType, Historic};
use crate::extension_point::expand::{Expansion, calls};
use crate::extension_point::model::Mode;

impl Expansion<'_> {
    /// Returns the caller of a local manager.
    pub(super) fn local_caller(&self) -> TokenStream {
        let Self { specs, rt, .. } = self;
        let (point, names) = (self.path("Point"), self.names());
        let (generics, bounds, caller) = (self.of_impl(), self.bounds(), self.ident("LocalCaller"));
        let callable = quote! {
            impl #generics #rt::LocalCallable for #point #bounds {
                type Caller<'__p> = #caller<'__p, #names>;
            }
        };
        let lifetime = quote!('__p,);
        let methods = if self.point.mode == Mode::Historic {
            let (declared, parameters) = self.shown();
            Historic { declared, parameters, captured: None, is_local: true }.calls(self)
        } else {
            let mut methods = calls::methods(self, &lifetime);
            methods.extend(self.around());
            methods
        };
        let of_local = CallerType {
            lifetime: Some(lifetime),
            documentation: format!(
                "The caller of `{}::{}` of a local manager.",
                specs.ident, self.point.ident
            ),
            handle: quote!(#rt::LocalHandle<'__p, #point>),
            callable,
            constructor: quote!(#rt::LocalPointCaller<'__p, #point>),
        };
        of_local.definition(self, &caller, &methods)
    }
}
