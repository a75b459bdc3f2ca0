use pluginkit::prelude::*;

pub trait Runtime: Send + Sync + 'static {
    const NAME: &'static str;
}

pub struct Wry;

impl Runtime for Wry {
    const NAME: &'static str = "wry";
}

#[extension_point(project = "app")]
pub trait Plugin<R: Runtime, const N: usize = 2> {
    fn initialize(&self, runtime: &R, args: [u8; N]) -> String;
}

#[plugin(id = "plain", extends = Plugin::<Wry>::initialize)]
pub fn plain(runtime: &Wry, args: [u8; 2]) -> String {
    let _ = runtime;
    format!("{}{}", Wry::NAME, args[0])
}

#[plugin(id = "short", extends = crate::Plugin<Wry, 3>::initialize)]
pub fn short(args: [u8; 3]) -> String {
    args[0].to_string()
}

#[plugin(id = "around", extends = Plugin<Wry>::initialize)]
#[extension(wrapper)]
pub async fn around(next: Next<'_>) -> Vec<String> {
    next.run().await
}
