//! The options of an attribute: `key` and `key = value`, each at most once.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprArray, ExprCall, ExprLit, ExprPath, ExprUnary, Lit, LitInt, LitStr, Path, PathArguments,
    Result, Token, Type, TypeParamBound, UnOp, bracketed, parenthesized, token,
};

use crate::support::errors::Errors;
use crate::support::nesting;

/// One option.
pub(crate) struct Item {
    pub(crate) key: Ident,
    value: Option<Expr>,
    /// A mistake in the value, which was read all the same.
    mistake: Option<Error>,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let malformed = || input.error("expected an option, `name` or `name = value`");
        let key = input.call(Ident::parse_any).map_err(|_| malformed())?;
        let mut mistake = None;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            let value = || input.error(format!("expected the value of the option `{key}`"));
            let parsed = match key.to_string().as_str() {
                TYPED => parse_type(input),
                POINT if has_path(input) => parse_point(input),
                _ => parse_value(input, &mut mistake),
            };
            Some(ungrouped(parsed.map_err(|_| value())?))
        } else {
            None
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(format!(
                "expected `,` or `)` after the option `{key}`; options are `name` or `name = value`"
            )));
        }
        Ok(Self { key, value, mistake })
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

/// An element of a list of requirements.
pub(crate) enum Required {
    Plugin(LitStr),
    /// The type of a service.
    Service(Box<Type>),
}

/// The option whose value is a type.
const TYPED: &str = "reduce";

/// The option that takes an extension point.
const POINT: &str = "extends";

/// Returns whether the value is a path, with or without the `::` before the parameters of a type.
fn has_path(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Path>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,]))
}

/// Parses a path as an expression: `Specs<Wry>::fetch` is `Specs::<Wry>::fetch`.
fn parse_point(input: ParseStream<'_>) -> Result<Expr> {
    let mut path: Path = input.parse()?;
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_with(Default::default);
        }
    }
    Ok(Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path }))
}

/// Parses a type, which need not be an expression: `Extend<Vec<String>>`.
fn parse_type(input: ParseStream<'_>) -> Result<Expr> {
    Ok(Expr::Verbatim(input.parse::<Type>()?.into_token_stream()))
}

/// Parses a value: an expression, or a list that may have services like `service(dyn Store)`, which is no expression. A
/// missing comma in a list goes to `mistake`.
fn parse_value(input: ParseStream<'_>, mistake: &mut Option<Error>) -> Result<Expr> {
    fn list(input: ParseStream<'_>, mistake: &mut Option<Error>) -> Result<Expr> {
        let elements;
        let bracket_token = bracketed!(elements in input);
        let mut elems = Punctuated::new();
        while !elements.is_empty() {
            elems.push_value(element(&elements)?);
            if !elements.is_empty() && !elements.peek(Token![,]) {
                let missing = elements.error("a comma is missing before this element of the list");
                if !(elements.peek(Lit) || elements.peek(Ident::peek_any)) {
                    return Err(missing);
                }
                mistake.get_or_insert(missing);
                elems.push_punct(<Token![,]>::default());
            } else if !elements.is_empty() {
                elems.push_punct(elements.parse()?);
            }
        }
        Ok(Expr::Array(ExprArray { attrs: Vec::new(), bracket_token, elems }))
    }
    if input.peek(token::Bracket) && list(&input.fork(), &mut None).is_ok() {
        list(input, mistake)
    } else {
        element(input)
    }
}

/// Parses an expression. A call may have a `dyn` type as its argument.
fn element(input: ParseStream<'_>) -> Result<Expr> {
    fn with_type(input: ParseStream<'_>) -> Result<Expr> {
        let func = Box::new(Expr::Path(input.parse()?));
        let argument;
        let paren_token = parenthesized!(argument in input);
        argument.fork().parse::<Token![dyn]>()?;
        let argument = Expr::Verbatim(argument.parse()?);
        Ok(Expr::Call(ExprCall {
            attrs: Vec::new(),
            func,
            paren_token,
            args: [argument].into_iter().collect(),
        }))
    }
    if with_type(&input.fork()).is_ok() { with_type(input) } else { input.parse() }
}

/// Parses the options of an item in order. Duplicates are reported and left out.
pub(crate) fn parse(attributes: impl IntoIterator<Item = TokenStream>, errors: &mut Errors) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for tokens in attributes {
        if errors.ok(nesting::check(tokens.clone())).is_none() {
            continue;
        }
        // Options before a syntax error count.
        let mut mistakes = Vec::new();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match input.parse::<Item>() {
                    Ok(mut item) => {
                        mistakes.extend(item.mistake.take());
                        items.push(item);
                    }
                    Err(error) => {
                        input.parse::<TokenStream>()?;
                        return Err(error);
                    }
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        let parsed = parser.parse2(tokens);
        for mistake in mistakes {
            errors.add(mistake);
        }
        errors.ok(parsed);
    }
    let mut seen: Vec<Item> = Vec::new();
    for item in items {
        if seen.iter().any(|other| other.key == item.key) {
            errors.push(&item.key, format!("the option `{}` is given twice: remove one", item.key));
        } else {
            seen.push(item);
        }
    }
    seen
}

/// Returns whether an option is among `tokens`, even if they contain mistakes.
pub(crate) fn have(tokens: &TokenStream, option: &str) -> bool {
    parse([tokens.clone()], &mut Errors::default()).iter().any(|item| item.key == option)
}

/// Returns a value without the invisible groups of a `macro_rules!`.
fn ungrouped(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => ungrouped(*group.expr),
        Expr::Array(mut array) => {
            array.elems = array.elems.into_iter().map(ungrouped).collect();
            Expr::Array(array)
        }
        Expr::Unary(mut unary) => {
            unary.expr = Box::new(ungrouped(*unary.expr));
            Expr::Unary(unary)
        }
        Expr::Call(mut call) => {
            call.func = Box::new(ungrouped(*call.func));
            call.args = call.args.into_iter().map(ungrouped).collect();
            Expr::Call(call)
        }
        other => other,
    }
}

/// Returns the error for an unknown option, with the list of valid ones.
pub(crate) fn unknown(item: &Item, place: &str, valid: &[&str]) -> Error {
    let list = valid.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Error::new(item.key.span(), format!("unknown option `{}` {place}; the options are {list}", item.key))
}

impl Item {
    /// Asserts that the option has no value.
    pub(crate) fn flag(&self) -> Result<()> {
        match &self.value {
            None => Ok(()),
            Some(value) => Err(Error::new_spanned(
                value,
                format!("the option `{}` takes no value: write `{}`", self.key, self.key),
            )),
        }
    }

    /// Returns the value, if there is one.
    pub(crate) fn value(&self) -> Option<&Expr> {
        self.value.as_ref()
    }

    fn required(&self, example: &str) -> Result<&Expr> {
        self.value.as_ref().ok_or_else(|| {
            Error::new(self.key.span(), format!("the option `{}` needs a value, like `{example}`", self.key))
        })
    }

    /// Its value, a string.
    pub(crate) fn string(&self, example: &str) -> Result<LitStr> {
        string(self.required(example)?, example)
    }

    /// Its value, a string or a list of strings.
    pub(crate) fn strings(&self, example: &str) -> Result<Vec<LitStr>> {
        match self.required(example)? {
            Expr::Array(array) => array.elems.iter().map(|each| string(each, example)).collect(),
            other => Ok(vec![string(other, example)?]),
        }
    }

    /// Its value, the id of a plugin with its versions, a service, or a list of those. Elements that are neither are
    /// reported and left out.
    pub(crate) fn required_ones(&self, example: &str, errors: &mut Errors) -> Vec<Required> {
        let elements: Vec<&Expr> = match errors.ok(self.required(example)) {
            None => Vec::new(),
            Some(Expr::Array(array)) => array.elems.iter().collect(),
            Some(other) => vec![other],
        };
        elements.into_iter().filter_map(|element| errors.ok(required_one(element, example))).collect()
    }

    /// Its value, a service or a list of services. Elements that are none are reported and left out.
    pub(crate) fn services(&self, example: &str, errors: &mut Errors) -> Vec<Type> {
        let mut services = Vec::new();
        for element in self.required_ones(example, errors) {
            match element {
                Required::Service(service) => services.push(*service),
                Required::Plugin(name) => errors.push(&name, format!("expected a service, like `{example}`")),
            }
        }
        services
    }

    /// Its value, a whole number.
    pub(crate) fn integer(&self, example: &str) -> Result<i32> {
        let value = self.required(example)?;
        let wrong = || {
            Error::new_spanned(
                value,
                format!("expected a whole number in the range of an `i32`, like `{example}`"),
            )
        };
        let (sign, literal) = match value {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", integer_literal(expr)),
            other => ("", integer_literal(other)),
        };
        let literal = literal.ok_or_else(wrong)?;
        if !matches!(literal.suffix(), "" | "i32") {
            return Err(wrong());
        }
        format!("{sign}{}", literal.base10_digits()).parse().map_err(|_| wrong())
    }

    /// Returns the value, which must be a path.
    pub(crate) fn path(&self, example: &str) -> Result<Path> {
        let is_plain = |path: &Path| path.segments.iter().all(|segment| segment.arguments.is_none());
        match self.required(example)? {
            Expr::Path(path) if path.qself.is_none() && is_plain(&path.path) => Ok(path.path.clone()),
            other => Err(Error::new_spanned(other, format!("expected a path, like `{example}`"))),
        }
    }

    /// Returns the value: the path of an extension point, perhaps of generic specs.
    pub(crate) fn point(&self, example: &str) -> Result<Path> {
        match self.required(example)? {
            Expr::Path(path) if path.qself.is_none() => Ok(path.path.clone()),
            other => Err(Error::new_spanned(
                other,
                format!("expected the path of an extension point, like `{example}`"),
            )),
        }
    }

    /// Returns the value, which must be a type that a path names.
    pub(crate) fn ty(&self, example: &str) -> Result<Type> {
        let value = self.required(example)?;
        match syn::parse2(value.to_token_stream()) {
            Ok(ty @ Type::Path(_)) => Ok(ty),
            _ => Err(Error::new_spanned(value, format!("expected the path of a type, like `{example}`"))),
        }
    }

    /// Returns the value, which may be any expression.
    pub(crate) fn expression(&self, example: &str) -> Result<&Expr> {
        self.required(example)
    }
}

fn required_one(value: &Expr, example: &str) -> Result<Required> {
    let wrong = || {
        Error::new_spanned(
            value,
            format!("expected a string or a service like `service(dyn Store)`, as in `{example}`"),
        )
    };
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Ok(Required::Plugin(literal.clone())),
        Expr::Call(call) => match (&*call.func, call.args.first(), call.args.len()) {
            (Expr::Path(func), Some(service), 1) if func.path.is_ident("service") => {
                let service = service_type.parse2(service.to_token_stream()).map_err(|_| wrong())?;
                check_service(&service)?;
                Ok(Required::Service(Box::new(service)))
            }
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// Parses the type of a service, perhaps with a comma after it.
fn service_type(input: ParseStream<'_>) -> Result<Type> {
    let service = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    Ok(service)
}

/// Rejects a service with more bounds than its trait.
fn check_service(service: &Type) -> Result<()> {
    let Type::TraitObject(object) = service else { return Ok(()) };
    let mut traits = object.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(bound),
        _ => None,
    });
    let (Some(first), Some(_)) = (traits.next(), traits.next()) else { return Ok(()) };
    let first = first.to_token_stream().to_string().replace(" :: ", "::");
    Err(Error::new_spanned(
        service,
        format!("a service is one trait, without other bounds: write `service(dyn {first})`"),
    ))
}

fn string(value: &Expr, example: &str) -> Result<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Ok(literal.clone()),
        other => Err(Error::new_spanned(other, format!("expected a string, like `{example}`"))),
    }
}

fn integer_literal(value: &Expr) -> Option<&LitInt> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => Some(literal),
        _ => None,
    }
}
