use pluginkit as pk;
use pluginkit::prelude::*;
#[extension_point]
pub trait Specs {
    fn b(&self, x: &str, y: u8) -> String;
}
pub struct P;
#[extension]
impl Specs for P {
    #[extension(wrapper)]
    fn b<'n>(&self, x: &str, y: u8, next: Next<'n>) -> Vec<String> {
        next.run(x, y)
    }
}
pub struct Q;
#[extension]
impl<'n> Specs for Q {
    #[extension(wrapper)]
    fn b(&self, next: pk::prelude::Next<'n>) -> Vec<String> {
        next.run()
    }
}
pub struct R;
#[extension]
impl Specs for R {
    #[extension(wrapper)]
    async fn b<'n>(&self, x: &str, y: u8, next: Next<'n>) -> Vec<String> {
        next.run(x, y).await
    }
}
pub struct S;
#[extension]
impl Specs for S {
    #[extension(wrapper)]
    async fn b<'n>(&self, next: Next<'n>) -> Vec<String> {
        next.run().await
    }
}
pub struct L;
#[extension(local)]
impl Specs for L {
    #[extension(wrapper)]
    fn b<'n>(&self, x: &str, y: u8, next: Next<'n>) -> Vec<String> {
        next.run(x, y)
    }
}
pub struct L2<'n>(pub &'n str);
#[extension(local)]
impl<'n> Specs for L2<'n> {
    #[extension(wrapper)]
    fn b(&self, next: Next<'_>) -> Vec<String> {
        let _ = self.0;
        next.run()
    }
}
#[plugin(id = "f", extends = Specs::b)]
#[extension(wrapper)]
pub fn f<'n>(x: &str, y: u8, next: Next<'n>) -> Vec<String> {
    next.run(x, y)
}
