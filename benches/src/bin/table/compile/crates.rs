//! Crates in a workspace of their own, and what cargo makes of them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

pub(crate) struct Crates {
    folder: PathBuf,
    library: PathBuf,
    members: Vec<String>,
    runs: usize,
}

/// How much code the compiler was given.
pub(crate) struct Code {
    pub(crate) lines: f64,
    pub(crate) functions: f64,
}

impl Crates {
    /// A workspace in `folder`, with the lock file of the workspace in `root`.
    pub(crate) fn new(root: &Path, folder: &Path, runs: usize) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder: folder.to_owned(), library: root.join("pluginkit"), members: Vec::new(), runs })
    }

    /// The dependency on the library, with these features.
    pub(crate) fn library(&self, features: &str) -> String {
        let path = self.library.display().to_string().replace('\\', "/");
        format!("pluginkit = {{ path = \"{path}\", default-features = false, features = [{features}] }}\n")
    }

    /// Adds a crate, or writes it anew.
    pub(crate) fn add(
        &mut self,
        name: &str,
        dependencies: &str,
        files: &[(impl AsRef<Path>, String)],
    ) -> Result<(), Failure> {
        let folder = self.folder.join(name);
        fs::create_dir_all(folder.join("src"))?;
        for (file, text) in files {
            fs::write(folder.join("src").join(file), text)?;
        }
        write_manifest(&folder, &format!("[dependencies]\n{dependencies}"))?;
        self.members.push(format!("\"{name}\""));
        let members = self.members.join(", ");
        fs::write(
            self.folder.join("Cargo.toml"),
            format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
        )?;
        Ok(())
    }

    /// The processor time that one step takes for each of these crates: medians of runs in turns. All but the crate
    /// itself is there. If it is touched, what incremental compilation kept is there as well.
    pub(crate) fn times<const N: usize>(
        &self,
        names: [&str; N],
        step: &[&str],
        touched: bool,
    ) -> Result<[f64; N], Failure> {
        let file = |name: &str| {
            self.folder.join(name).join("src").join(if touched { sets_file() } else { "main.rs" })
        };
        let mut times = [const { Vec::new() }; N];
        let arguments = |name| [step, &["-p", name]].concat();
        for name in names {
            append(&file(name), "start")?;
            cargo(&self.folder, &arguments(name), touched)?;
        }
        for run in 0..self.runs {
            for (times, name) in times.iter_mut().zip(names) {
                append(&file(name), &run.to_string())?;
                times.push(cargo(&self.folder, &arguments(name), touched)?);
            }
        }
        Ok(times.map(super::middle))
    }

    /// The bytes of a program that was built.
    pub(crate) fn size(&self, name: &str, profile: &str) -> Result<f64, Failure> {
        let file =
            self.folder.join("target").join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX));
        Ok(crate::float(fs::metadata(file)?.len()))
    }

    /// The LLVM IR of a debug build, without what debuggers want.
    pub(crate) fn code(&self, name: &str) -> Result<Code, Failure> {
        let folder = self.folder.join("target/debug/deps");
        let prefix = format!("{}-", name.replace('-', "_"));
        let files = || -> Result<Vec<PathBuf>, Failure> {
            let files = fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path()));
            let mut files: Vec<_> = files.collect::<Result<_, _>>()?;
            files.retain(|file| {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(&prefix) && name.ends_with(".ll")
            });
            Ok(files)
        };
        for file in files()? {
            fs::remove_file(file)?;
        }
        append(&self.folder.join(name).join("src/main.rs"), "code")?;
        let flags = ["--", "--emit=llvm-ir", "-Ccodegen-units=1", "-Cdebuginfo=0"];
        cargo(&self.folder, &[&["rustc", "-p", name][..], &flags].concat(), false)?;
        let text = fs::read_to_string(files()?.first().ok_or("rustc wrote no IR")?)?;
        let count = |of: &mut dyn Iterator<Item = &str>| crate::float(of.count() as u64);
        let functions = count(&mut text.lines().filter(|line| line.starts_with("define ")));
        Ok(Code { lines: count(&mut text.lines()), functions })
    }
}

/// The file of a host of sets that is touched.
fn sets_file() -> &'static str {
    "set_1.rs"
}

fn append(file: &Path, note: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(file)?;
    fs::write(file, format!("{text}\n// {note}"))?;
    Ok(())
}

/// A package. Its manifest ends with `rest`.
pub(crate) fn write_manifest(folder: &Path, rest: &str) -> Result<(), Failure> {
    let name = folder.file_name().ok_or("a package has a folder")?.to_string_lossy();
    let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{rest}");
    fs::write(folder.join("Cargo.toml"), package)?;
    Ok(())
}

/// Runs cargo, for the processor time that it and all that it started took.
pub(crate) fn cargo(folder: &Path, arguments: &[&str], incremental: bool) -> Result<f64, Failure> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let (step, rest) = arguments.split_first().ok_or("cargo does nothing without arguments")?;
    command.args([step, "--quiet", "--offline"]).args(rest).current_dir(folder);
    for (name, _) in env::vars_os() {
        // Settings of the build of this program are not those of what it measures.
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PROFILE_") || name == "RUSTFLAGS" {
            command.env_remove(name);
        }
    }
    command.env("CARGO_TARGET_DIR", folder.join("target"));
    command.env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" });
    let before = processor_time()?;
    if !command.status()?.success() {
        return Err(format!("cargo {arguments:?} failed in {}", folder.display()).into());
    }
    Ok(processor_time()? - before)
}

/// The seconds that all processes this one has waited for have spent in user mode.
#[cfg(unix)]
fn processor_time() -> Result<f64, Failure> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    let time = getrusage(UsageWho::RUSAGE_CHILDREN)?.user_time();
    Ok(crate::float(u64::try_from(time.num_microseconds())?) / 1e6)
}

/// Returns the time of the clock, on systems that do not count that of the processor.
#[cfg(not(unix))]
fn processor_time() -> Result<f64, Failure> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs_f64())
}
