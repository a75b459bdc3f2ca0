//! The 103 hooks of Rspack, a bundler: async hooks in series, with bail and with waterfall, and two sync ones.
//!
//! Each set is what one of its parts lets plugins extend. A series is a collecting point of `Result<()>`, a bail a
//! firstresult one, a waterfall a pipeline. A hook that edits a value edits its `&mut` argument.

mod beside;
mod calls;
mod compilation;
mod modules;
mod output;
mod plugins;
mod types;

use beside::{Federation, Rsdoctor, SyncHooks};
use compilation::{Compilations, Compilers};
use modules::{
    ConcatenatedModules, ContextModuleFactory, ExternalModules, NormalModuleFactory, NormalModules,
};
use output::{CssModules, Html, JavascriptModules, RealContentHash, Runtime};
