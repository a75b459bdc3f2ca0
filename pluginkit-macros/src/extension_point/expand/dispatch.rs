//! The loop of the mode of a point.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::checks::reducer;
use crate::extension_point::model::{Mode, Shape};

impl Expansion<'_> {
    /// Returns the name of the loop of the mode.
    pub(super) fn dispatch(&self) -> Ident {
        if self.point.reduce.is_some() {
            return format_ident!("reduce");
        }
        format_ident!(
            "{}",
            match self.point.mode {
                Mode::Collecting | Mode::PipelineInPlace | Mode::Historic => "collect",
                Mode::FirstResult => "first",
                Mode::HandsOn(_) => "hand_on",
                Mode::Pipeline(_) if self.threads_copies() => "thread_optional",
                Mode::Pipeline(_) => "thread",
            }
        )
    }

    /// Returns the type parameters of the loop of the mode, without that of the arguments.
    pub(super) fn dispatch_types(&self) -> TokenStream {
        let Self { specs, point, shape, returns, .. } = self;
        let reducer = reducer(specs, point).into_iter();
        quote!(#(#reducer,)* #shape, #returns)
    }

    /// Returns whether extensions may abstain, so that they get a copy of the threaded argument.
    pub(super) fn threads_copies(&self) -> bool {
        !matches!(self.point.shape, Shape::Values | Shape::TryValues)
    }

    /// Returns whether extensions of the point can run concurrently.
    pub(super) fn is_concurrent(&self) -> bool {
        self.point.mode == Mode::Collecting && !self.is_exclusive()
    }
}
