//~ ERROR: this `next` has no `clone`: the rest of the call takes a `Draft` by value, which is not `Clone`
//~ ERROR: this `next` has no `clone`: the rest of the call takes a `Draft` by value, which is not `Clone`

use pluginkit::prelude::*;

pub struct Draft(pub u32);

#[extension_point]
pub trait Specs {
    #[extension_point(pipeline)]
    fn transform(&self, draft: Draft) -> Draft;

    #[extension_point(pipeline)]
    fn shorten(&self, text: String) -> String;
}

pub struct Retry;

#[extension(wrapper)]
impl Specs for Retry {
    fn transform(&self, next: Next<'_>) -> Draft {
        let _ = next.clone().run();
        next.run()
    }

    fn shorten(&self, next: Next<'_>) -> String {
        let _ = next.clone().run();
        next.run()
    }
}

pub struct AsyncRetry;

#[extension(wrapper)]
impl Specs for AsyncRetry {
    async fn transform(&self, next: Next<'_>) -> Draft {
        let _ = next.clone().run().await;
        next.run().await
    }

    async fn shorten(&self, next: Next<'_>) -> String {
        let _ = next.clone().run().await;
        next.run().await
    }
}
