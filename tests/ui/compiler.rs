//! Compiles one file against the library as this build has it.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// What rustc needs to compile against the library.
pub(crate) struct Compiler {
    rustc: OsString,
    /// `1.95.0`
    pub(crate) release: String,
    library: PathBuf,
    dependencies: BTreeSet<PathBuf>,
}

/// What rustc said of one file.
pub(crate) struct Verdict {
    pub(crate) accepted: bool,
    pub(crate) diagnostics: Vec<Value>,
}

/// The folder of this package, in which file names are short.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The compiler of this build, found once.
pub(crate) fn compiler() -> &'static Compiler {
    static COMPILER: OnceLock<Compiler> = OnceLock::new();
    COMPILER.get_or_init(Compiler::find)
}

impl Compiler {
    fn find() -> Self {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = Command::new(&rustc).arg("-vV").output().expect("rustc runs");
        let version = String::from_utf8(version.stdout).expect("rustc writes UTF-8");
        let release = version.lines().find_map(|line| line.strip_prefix("release: "));
        let release = release.expect("rustc names its release").to_owned();

        // The files that this test was compiled against: cargo may have built the library several times.
        let (mut library, mut dependencies) = (None, BTreeSet::new());
        for argument in pluginkit_tests_ui_arguments::rustc_arguments!() {
            if let Some(file) = argument.strip_prefix("pluginkit=") {
                library = Some(PathBuf::from(file).with_extension("rlib"));
            }
            if let Some(folder) = argument.strip_prefix("dependency=") {
                dependencies.insert(PathBuf::from(folder));
            }
        }
        Self { rustc, release, library: library.expect("cargo names the library's file"), dependencies }
    }

    /// A run of rustc that finds the library.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.rustc);
        command.arg("--extern").arg(format!("pluginkit={}", self.library.display()));
        for folder in &self.dependencies {
            command.arg("-L").arg(format!("dependency={}", folder.display()));
        }
        command
    }

    /// Compiles `file`, a path in the package. What `is_built` gets machine code, too.
    pub(crate) fn compile(&self, file: &Path, edition: &str, is_built: bool) -> Verdict {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
        let mut command = self.command();
        command
            .args(["--crate-type=lib", "--crate-name=case", "--error-format=json"])
            .arg(if is_built { "--emit=link" } else { "--emit=metadata" })
            .arg(format!("--edition={edition}"))
            .arg("--out-dir")
            .arg(out.join(file.with_extension("")))
            .current_dir(package());
        let output = command.arg(file).output().expect("rustc runs");
        let said = String::from_utf8(output.stderr).expect("rustc writes UTF-8");
        let diagnostics = said
            .lines()
            .filter_map(|line| match serde_json::from_str::<Value>(line) {
                Ok(message) if message["$message_type"] == "diagnostic" => Some(message),
                Ok(_) => None,
                Err(error) => panic!("{} stops rustc: {line} ({error})", file.display()),
            })
            // The summary at the end.
            .filter(|diagnostic| diagnostic["level"] != "failure-note")
            .filter(|diagnostic| !diagnostic["message"].as_str().unwrap_or("").starts_with("aborting due to"))
            .collect();
        Verdict { accepted: output.status.success(), diagnostics }
    }
}
