//! Notes in a database of `SQLite` that a plugin opens when it starts and closes when it stops. Another plugin uses
//! it as a service; a third fails to start, and the database does not notice.
//!
//! ```text
//! cargo run -p example-sqlite-notes
//! ```

mod digest;
mod mirror;
mod store;

use std::path::PathBuf;
use std::{env, fs, process};

use pluginkit::prelude::*;

use digest::Digest;
use mirror::Mirror;
use store::{Notes, Store, StoreSettings};

/// A file that is gone when the program ends.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn states(pm: &PluginManager) -> String {
    let states: Vec<_> = pm.descriptors().iter().map(|it| format!("{} {}", it.id, it.state)).collect();
    states.join(", ")
}

fn main() -> Result<(), BoxError> {
    let file = Scratch(env::temp_dir().join(format!("pluginkit-notes-{}.db", process::id())));

    let pm = PluginManager::new("notes");
    pm.register(Mirror)?;
    pm.register(Digest)?;
    pm.register(Store::default())?;
    pm.configure("store", StoreSettings { file: file.0.clone() })?;

    println!("== the digest is started, and the store it requires before it");
    pm.start_plugin("digest")?;
    println!("{}", states(&pm));

    println!("== the host writes through the service");
    let notes = pm.service::<dyn Notes>()?;
    for text in ["buy rope", "paint the boat", "call the harbour"] {
        notes.add(text)?;
    }
    println!("{}", digest::of(&*notes)?);

    println!("== a third plugin fails to start");
    let error = pm.start_all().expect_err("the mirror has nowhere to go");
    println!("{error:?}");
    println!("{}", states(&pm));
    println!("{}", digest::of(&*notes)?);

    println!("== the store is required, so it does not go alone");
    println!("{}", pm.remove("store").expect_err("the digest requires it"));

    println!("== stopped, it is closed");
    pm.stop_all()?;
    println!("{}", states(&pm));
    println!("{}", notes.add("too late").expect_err("the database is closed"));

    println!("== started again, it has kept everything");
    pm.start_plugin("store")?;
    println!("{}", digest::of(&*pm.service::<dyn Notes>()?)?);
    pm.unload_all()?;
    Ok(())
}
