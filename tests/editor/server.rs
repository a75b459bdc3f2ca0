//! Finds a `rust-analyzer` that can load a project.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A `rust-analyzer`, and the variables that it runs with.
pub(crate) struct Server {
    program: PathBuf,
    path: OsString,
    pub(crate) version: String,
}

/// Returns the first `rust-analyzer` in `PATH` that runs with the sources of its standard library, or what is missing.
pub(crate) fn find() -> Result<Server, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut reason = "there is no `rust-analyzer` in PATH".to_owned();
    for folder in std::env::split_paths(&path) {
        let program = folder.join("rust-analyzer");
        if !program.is_file() {
            continue;
        }
        // The compiler beside a server is the one that it was built for.
        let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
        let Ok(path) = std::env::join_paths(folders) else { continue };
        let mut server = Server { program, path, version: String::new() };
        match server.check() {
            Ok(version) => return Ok(Server { version, ..server }),
            Err(missing) => reason = format!("`{}` {missing}", server.program.display()),
        }
        server.version.clear();
    }
    Err(reason)
}

impl Server {
    /// Returns a command with the environment of the server.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("PATH", &self.path);
        // What `cargo test` sets would lead the server to another toolchain.
        for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "LD_LIBRARY_PATH"] {
            command.env_remove(variable);
        }
        command
    }

    /// Returns the command that starts the server.
    pub(crate) fn start(&self) -> Command {
        self.command(&self.program)
    }

    /// Returns the version, or what is missing.
    fn check(&self) -> Result<String, String> {
        let version = self.output(&self.program, &["--version"]).ok_or("does not run")?;
        let sysroot = self.output(Path::new("rustc"), &["--print", "sysroot"]).ok_or("has no `rustc`")?;
        let sysroot = Path::new(&sysroot);
        if !sysroot.join("lib/rustlib/src/rust/library/core").is_dir() {
            return Err(format!("has no sources of the standard library in `{}`", sysroot.display()));
        }
        let name = "rust-analyzer-proc-macro-srv";
        if !["libexec", "lib"].iter().any(|folder| sysroot.join(folder).join(name).is_file()) {
            return Err(format!("has no `{name}` in `{}`", sysroot.display()));
        }
        Ok(version)
    }

    fn output(&self, program: &Path, arguments: &[&str]) -> Option<String> {
        let output = self.command(program).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    }
}
