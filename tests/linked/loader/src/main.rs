//! A program that loads the host as a library.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("the path of the library is missing")?;
    // SAFETY: the library is that of this workspace, whose initialization only fills the lists of its plugins.
    let library = unsafe { libloading::Library::new(path)? };
    // SAFETY: the function is declared so there.
    let report: libloading::Symbol<'_, extern "C" fn() -> i32> = unsafe { library.get(b"report")? };
    std::process::exit(report())
}
