//! [`Handover`]: a return value that answers a call, or hands an argument on.
#![forbid(unsafe_code)]

use std::ops::ControlFlow;

use crate::base::sealed::Sealed;

/// `ControlFlow<Answer, Argument>`: the answer of a call, or the argument for the next extension.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `ControlFlow`",
    label = "an extension of this point answers with `Break`, or hands an argument on with `Continue`",
    note = "return `ControlFlow<Answer, Argument>` or `Result<ControlFlow<Answer, Argument>, E>`"
)]
pub trait Handover: Sealed {
    /// The answer, which ends the call.
    type Answer;
    /// The argument, which goes to the next extension.
    type Argument;

    /// Returns it as a `ControlFlow`.
    fn into_flow(self) -> ControlFlow<Self::Answer, Self::Argument>;
    /// Returns it from a `ControlFlow`.
    fn of(flow: ControlFlow<Self::Answer, Self::Argument>) -> Self;
}

impl<B, C> Sealed for ControlFlow<B, C> {}

impl<B, C> Handover for ControlFlow<B, C> {
    type Answer = B;
    type Argument = C;

    #[inline]
    fn into_flow(self) -> Self {
        self
    }

    #[inline]
    fn of(flow: Self) -> Self {
        flow
    }
}
