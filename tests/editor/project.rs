//! The project of the fixture, open in a language server.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::answers::Judged;
use crate::client::{Client, uri};
use crate::items::Question;
use crate::server::Server;

const FILES: [(&str, &str); 3] = [
    ("lib.rs", include_str!("fixture/lib.rs")),
    ("points.rs", include_str!("fixture/points.rs")),
    ("plain.rs", include_str!("fixture/plain.rs")),
];

/// The fixture in a folder of its own, and the server that has it open.
pub(crate) struct Project {
    pub(crate) client: Client,
    folder: PathBuf,
    versions: HashMap<String, u64>,
}

impl Project {
    /// Writes the fixture and waits until the server has loaded it.
    pub(crate) fn open(server: &Server) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
        fs::create_dir_all(folder.join("src")).expect("a folder for the fixture");
        let manifest = format!(
            "[package]\nname = \"editor\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\npluginkit = {{ path = '{}' }}\n\n[workspace]\n",
            root.join("pluginkit").display()
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("the manifest");
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file");
        for (name, text) in FILES {
            fs::write(folder.join("src").join(name), text).expect("the fixture");
        }
        let options = json!({
            "cargo": { "targetDir": folder.join("target") },
            "checkOnSave": false,
            "cachePriming": { "enable": false },
            "procMacro": { "enable": true, "attributes": { "enable": true } },
            "completion": { "callable": { "snippets": "fill_arguments" } },
            "inlayHints": { "chainingHints": { "enable": false } },
        });
        let client = Client::start(&mut server.start(), &folder, &options).expect("the server starts");
        let mut project = Self { client, folder, versions: HashMap::new() };
        for (name, text) in FILES {
            project.client.tell(
                "textDocument/didOpen",
                &json!({ "textDocument": {
                    "uri": project.uri(name), "languageId": "rust", "version": 0, "text": text,
                } }),
            );
        }
        project.client.wait_until_idle();
        project
    }

    /// Returns the address of a file of the fixture.
    pub(crate) fn uri(&self, name: &str) -> String {
        uri(&self.folder.join("src").join(name))
    }

    /// Asks a question about a file, and compares the answer with what is wanted.
    pub(crate) fn judge(&mut self, name: &str, question: &Question) -> Judged {
        let original = text_of(name);
        let (text, cursor) = question.case.place(original);
        if text != original {
            self.change(name, &text);
        }
        let judged = question.wants.judge(self, name, &text, cursor);
        if text != original {
            self.change(name, original);
        }
        judged
    }

    fn change(&mut self, name: &str, text: &str) {
        let version = self.versions.entry(name.to_owned()).or_insert(0);
        *version += 1;
        let version = *version;
        let uri = self.uri(name);
        self.client.tell(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": [{ "text": text }],
            }),
        );
    }

    /// Asks about a position of a file.
    pub(crate) fn ask(&mut self, method: &str, name: &str, text: &str, cursor: usize, more: &Value) -> Value {
        let mut params = json!({
            "textDocument": { "uri": self.uri(name) },
            "position": position(text, cursor),
        });
        if let (Some(params), Some(more)) = (params.as_object_mut(), more.as_object()) {
            params.extend(more.clone());
        }
        self.client.ask(method, &params)
    }
}

/// Returns the text of a file of the fixture.
fn text_of(name: &str) -> &'static str {
    FILES.iter().find(|(file, _)| *file == name).map_or("", |(_, text)| text)
}

/// Returns a place of a text as the protocol counts: lines, and bytes within them.
pub(crate) fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    json!({ "line": line, "character": column })
}

/// Returns the byte that the protocol calls `position`.
pub(crate) fn offset(text: &str, position: &Value) -> usize {
    let number = |key: &str| usize::try_from(position[key].as_u64().unwrap_or(0)).unwrap_or(0);
    let start = text.split_inclusive('\n').take(number("line")).map(str::len).sum::<usize>();
    start + number("character")
}
