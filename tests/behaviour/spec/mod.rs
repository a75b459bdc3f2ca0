//! Extension points under one kind of manager.

mod generics;
mod options;
