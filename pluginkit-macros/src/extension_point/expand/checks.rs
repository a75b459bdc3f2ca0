//! Assertions that only the type checker can evaluate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::outcome::written_return;
use crate::extension_point::model::{Arg, Mode, Passing, Point, Shape, Specs, control_flow, list};
use crate::support::editor;
use crate::support::krate::Runtime;
use crate::support::lifetimes::{Find, distinct, names as lifetimes_of, without_lifetimes};
use crate::support::names::{local, relocated};

/// Returns the path of the reading, like `__pluginkit::Values`.
pub(super) fn shape_path(point: &Point, rt: &Runtime) -> TokenStream {
    let shape = point.shape.ident();
    quote!(#rt::#shape)
}

/// Returns the type of the reducer, which is an error if the checks fail.
pub(super) fn reducer(specs: &Specs, point: &Point) -> Option<TokenStream> {
    let reducer = point.reduce.as_ref()?;
    Some(if is_checked(specs, point) { quote!(__Reducer) } else { quote!(#reducer) })
}

/// Returns whether the checks of a point include that of its reducer, so that its type depends on them.
fn is_checked(specs: &Specs, point: &Point) -> bool {
    let names_no_lifetime = |ty: &Type| Find::in_type(ty).named.iter().all(|named| named.ident == "static");
    let is_apart = |ty: &Type| specs.parameters.are_in(ty);
    let is_of_constant = |reducer: &Type| names_no_lifetime(reducer) && !is_apart(reducer);
    point.reduce.as_ref().is_some_and(is_of_constant) && !is_apart(&point.returns) && !editor::is_running()
}

/// Returns the assertions about the types of a point that a constant can evaluate.
pub(super) fn checks(specs: &Specs, point: &Point, rt: &Runtime) -> Vec<TokenStream> {
    let returns = without_lifetimes(&point.returns);
    let shape = shape_path(point, rt);
    let is_apart = |ty: &Type| specs.parameters.are_in(ty);
    let mut checks = Vec::new();
    if editor::is_running() {
        // The compiler reports what the checks find. An editor would have to evaluate them to know the types.
        return checks;
    }
    if let Mode::Pipeline(position) = point.mode {
        let threaded = &point.args[position].ty;
        let (is_apart, threaded) = (is_apart(threaded), without_lifetimes(threaded));
        if !is_apart && !specs.parameters.are_in(&returns) {
            checks.push(quote!(#rt::check::pipeline_return_type::<#returns, #shape, #threaded>();));
        }
        if !is_apart && matches!(point.shape, Shape::Somes | Shape::TrySomes) {
            checks.push(quote!(#rt::check::cloned_argument::<#threaded>();));
        }
    } else if let Mode::HandsOn(position) = point.mode {
        let handed = &point.args[position].ty;
        if !is_apart(handed) && !is_apart(&returns) {
            let handed = without_lifetimes(handed);
            checks.push(quote!(#rt::check::handing_return_type::<#returns, #shape, #handed>();));
        }
    } else if !matches!(point.shape, Shape::Values | Shape::Units) && !is_apart(&returns) {
        checks.push(quote!(#rt::check::return_type::<#returns, #shape>();));
    }
    if let Some(reducer) = &point.reduce
        && !is_apart(reducer)
        && !is_apart(&returns)
    {
        let reducer = without_lifetimes(reducer);
        checks.push(quote!(#rt::check::reducer::<#reducer, #returns, #shape>();));
    }
    for arg in point.args.iter().filter(|arg| !is_apart(&arg.ty)) {
        if point.mode == Mode::Historic {
            let remembered = without_lifetimes(arg.remembered());
            checks.push(quote!(#rt::check::remembered_argument::<#remembered>();));
        } else if matches!(arg.passing, Passing::Give) {
            let ty = without_lifetimes(&arg.ty);
            checks.push(quote!(#rt::check::cloned_argument::<#ty>();));
        }
    }
    checks
}

/// Returns the name of the function that checks an argument.
fn function_name(kind: &str, index: usize) -> Ident {
    local(&format!("{kind}_{index}"))
}

impl Expansion<'_> {
    /// Returns the reading of the return type, which is an error if the checks fail, and the functions with the other checks.
    pub(super) fn checks(&self) -> TokenStream {
        let Self { specs, point, rt, .. } = self;
        let checks = checks(specs, point, rt);
        let apart = self.functions();
        if checks.is_empty() {
            return apart;
        }
        let shape = shape_path(point, rt);
        let reducer = point.reduce.iter().filter(|_| is_checked(specs, point)).map(
            |reducer| quote!(type __Reducer = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#reducer>>::Type;),
        );
        let reducer = quote!(#(#reducer)*);
        quote! {
            #apart
            const __CHECKS: ::core::primitive::bool = {
                #(#checks)*
                true
            };
            type __Shape = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#shape>>::Type;
            #reducer
        }
    }

    /// Returns whether the type of an argument names a parameter of the specs, which a constant cannot.
    pub(super) fn is_apart(&self, arg: &Arg) -> bool {
        self.specs.parameters.are_in(&arg.ty)
    }

    /// Returns the functions that check arguments whose types name parameters of the specs.
    ///
    /// Each is the only place that needs what it checks, so that a mistake is told once.
    fn functions(&self) -> TokenStream {
        let mut functions = TokenStream::new();
        for (index, arg) in self.point.args.iter().enumerate().filter(|(_, arg)| self.is_apart(arg)) {
            let (rt, span) = (&self.rt, arg.written.span());
            let value = local("value");
            let is_historic = self.point.mode == Mode::Historic;
            let is_borrowed = arg.reference().or(arg.optional_reference()).is_some();
            if is_historic && is_borrowed {
                let (ty, owned) = (arg.remembered(), arg.owned());
                let body = match ty {
                    Type::Slice(_) => quote_spanned!(span=> #rt::remembered::<#ty>(#value)),
                    _ => quote_spanned!(span=> #rt::remembered_value::<#ty>(#value)),
                };
                let name = function_name("remember", index);
                functions.extend(self.checking(&name, &[ty], &quote!(#value: &#ty), &quote!(#owned), &body));
            }
            if self.is_cloned(arg) {
                let ty = &arg.ty;
                let body = if is_historic && !is_borrowed {
                    quote_spanned!(span=> #rt::remembered_value::<#ty>(#value))
                } else {
                    quote_spanned!(span=> #rt::cloned::<#ty>(#value))
                };
                let name = function_name("clone", index);
                functions.extend(self.checking(&name, &[ty], &quote!(#value: &#ty), &quote!(#ty), &body));
            }
        }
        if let Some(position) = self.runs_apart() {
            let Self { point, rt, shape, returns, .. } = self;
            let (ty, slot) = (&point.args[position].ty, local("slot"));
            let item = quote!(<#shape as #rt::Returns<#returns>>::Item);
            let (item, running) = match point.mode {
                Mode::HandsOn(_) => (quote!(<#item as #rt::Handover>::Argument), quote!(check::handed)),
                _ => (item, quote!(running)),
            };
            let (span, told) = (point.returns.span(), item.clone());
            let told = relocated(told, Span::mixed_site().located_at(span));
            let body = quote_spanned!(span=> #rt::#running::<#told, #ty>(#slot));
            let option = quote!(::core::option::Option);
            let returned = quote!(&mut #option<#item>);
            let name = function_name("running", position);
            let parameter = quote!(#slot: &mut #option<#ty>);
            functions.extend(self.checking(&name, &[ty, &point.returns], &parameter, &returned, &body));
        }
        functions
    }

    /// Returns a function with the lifetimes of these types.
    fn checking(
        &self,
        name: &Ident,
        types: &[&Type],
        parameter: &TokenStream,
        returned: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let (declared, bounds) = (self.declared(), self.bounds());
        let lifetimes = list(&distinct(types.iter().flat_map(|ty| lifetimes_of(ty)).collect()));
        quote! {
            #[inline]
            fn #name<#lifetimes #declared>(#parameter) -> #returned #bounds {
                #body
            }
        }
    }

    /// Returns whether extensions get clones of an argument.
    fn is_cloned(&self, arg: &Arg) -> bool {
        match arg.passing {
            Passing::Give => true,
            Passing::Threaded => self.threads_copies(),
            _ => false,
        }
    }

    /// Returns the position of the threaded argument, if only the type checker knows whether extensions return its type.
    pub(super) fn runs_apart(&self) -> Option<usize> {
        let Point { mode, args, returns, shape, .. } = self.point;
        let position = mode.running()?;
        let arg = &args[position];
        if !self.is_apart(arg) && !self.specs.parameters.are_in(returns) {
            return None;
        }
        let text = |tokens: TokenStream| tokens.to_string();
        let item = match mode {
            Mode::HandsOn(_) => control_flow(returns, *shape)
                .and_then(|types| types.get(1).map(|handed| text(handed.to_token_stream()))),
            _ => written_return(returns, *shape).map(|written| text(written.item)),
        };
        (item != Some(text(arg.ty.to_token_stream()))).then_some(position)
    }

    /// Returns the function that checks an argument, with the parameters of the specs.
    pub(super) fn function(&self, kind: &str, index: usize) -> TokenStream {
        let (name, parameters) = (function_name(kind, index), self.names());
        quote!(#name::<#parameters>)
    }
}
