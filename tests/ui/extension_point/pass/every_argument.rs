#![deny(warnings)]

use std::borrow::Cow;
use std::rc::Rc;

use pluginkit::prelude::*;

pub struct Context<'a, 'b>(&'a str, &'b mut Vec<u8>);

#[derive(Clone)]
pub struct Data<'a>(&'a str);

pub trait Sink {
    fn put(&mut self, byte: u8);
}

#[extension_point]
pub trait Specs {
    fn references(&self, a: &u8, b: &mut u8, c: &str, d: &[u8], e: &dyn Sink, f: &mut dyn Sink);
    fn options(&self, a: Option<&u8>, b: &mut Option<&mut u8>, c: Option<&str>);
    fn contexts(&self, a: &Context<'_, '_>, b: &mut Context<'_, '_>, c: &mut Vec<Box<dyn Sink>>);
    fn owned(&self, a: u8, b: String, c: (u8, String), d: [u8; 3], e: Data<'_>, f: Cow<'_, str>, g: Rc<u8>);
    fn functions(&self, a: fn(&u8) -> &u8, b: &dyn Fn(&str) -> Option<&str>, c: &dyn for<'x> Fn(&'x u8) -> &'x u8);
    fn borrows<'a, 'b>(&self, a: &'a [&'b str], b: Data<'b>) -> Vec<&'b str>;
    fn functions_out(&self) -> Result<Box<dyn Fn(&u8) -> u8>, String>;
    #[extension_point(firstresult)]
    fn first_borrow<'a>(&self, a: &'a Data<'a>) -> Result<Option<&'a str>, Data<'a>>;
    #[extension_point(pipeline)]
    fn thread<'a>(&self, data: Data<'a>, other: &str) -> Data<'a>;
    #[extension_point(pipeline)]
    fn thread_option<'a>(&self, data: Data<'a>) -> Option<Data<'a>>;
    #[extension_point(pipeline)]
    fn thread_reference<'a>(&self, text: &'a str) -> &'a str;
    #[extension_point(historic)]
    fn remember(&self, a: &'static str, b: Cow<'static, str>, c: Option<&str>, d: u8) -> &'static str;
}

pub struct Plugin;

#[extension]
impl Specs for Plugin {
    fn contexts(&self, b: &mut Context<'_, '_>, a: &Context<'_, '_>) {
        b.1.push(a.0.len() as u8);
    }

    fn owned(&self, e: Data<'_>, g: Rc<u8>) {
        assert_eq!(e.0.len(), usize::from(*g));
    }

    fn borrows<'b>(&self, b: Data<'b>) -> Vec<&'b str> {
        vec![b.0]
    }

    #[extension(wrapper)]
    fn thread<'a>(&self, data: Data<'a>, other: &str, next: Next<'_>) -> Data<'a> {
        next.run(data, other)
    }

    #[extension(target = "thread")]
    fn first_half<'a>(&self, data: Data<'a>) -> Data<'a> {
        Data(&data.0[..data.0.len() / 2])
    }
}
