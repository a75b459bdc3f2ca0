//! A client of the language server protocol, as far as the questions of this test need it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A running language server.
pub(crate) struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
    /// Whether the server said that it has nothing left to load.
    idle: bool,
    /// The last status that the server reported.
    pub(crate) health: String,
}

impl Client {
    /// Starts `command` on the project at `root`.
    pub(crate) fn start(command: &mut Command, root: &Path, options: &Value) -> std::io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut client = Self { child, input, output, next: 0, idle: false, health: String::new() };
        let root = uri(root);
        client.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{ "uri": root, "name": "editor" }],
                "initializationOptions": options,
                "capabilities": {
                    "general": { "positionEncodings": ["utf-8"] },
                    "window": { "workDoneProgress": true },
                    "workspace": { "configuration": false, "workspaceFolders": true },
                    "textDocument": {
                        "completion": {
                            "completionItem": {
                                "snippetSupport": true,
                                "labelDetailsSupport": true,
                                "documentationFormat": ["markdown"],
                                "resolveSupport": { "properties": ["documentation", "detail", "additionalTextEdits"] },
                            },
                        },
                        "hover": { "contentFormat": ["markdown"] },
                        "signatureHelp": {
                            "signatureInformation": {
                                "parameterInformation": { "labelOffsetSupport": true },
                                "activeParameterSupport": true,
                            },
                        },
                        "definition": { "linkSupport": false },
                        "implementation": { "linkSupport": false },
                        "inlayHint": { "resolveSupport": { "properties": [] } },
                        "diagnostic": {},
                        "rename": { "prepareSupport": true },
                    },
                    "experimental": { "serverStatusNotification": true },
                },
            }),
        );
        client.tell("initialized", &json!({}));
        Ok(client)
    }

    /// Waits until the server has loaded the project.
    pub(crate) fn wait_until_idle(&mut self) {
        while !self.idle {
            let message = self.read();
            self.take_in(&message);
        }
    }

    /// Sends a request and returns its result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        loop {
            self.next += 1;
            let id = self.next;
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            let answer = loop {
                let message = self.read();
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
                self.take_in(&message);
            };
            // The server dropped the request because the text or the project changed meanwhile.
            let again = [-32801, -32802].iter().any(|code| answer["error"]["code"] == *code);
            if !again {
                return match answer.get("error") {
                    Some(error) => json!({ "error": error["message"] }),
                    None => answer["result"].clone(),
                };
            }
        }
    }

    /// Sends a notification.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Handles a message that is not the awaited answer.
    fn take_in(&mut self, message: &Value) {
        let Some(method) = message["method"].as_str() else { return };
        if method == "experimental/serverStatus" {
            self.idle = message["params"]["quiescent"] == true;
            self.health = message["params"].to_string();
        }
        if let Some(id) = message.get("id") {
            let result = match method {
                "workspace/configuration" => {
                    let asked = message["params"]["items"].as_array().map_or(0, Vec::len);
                    Value::Array(vec![Value::Null; asked])
                }
                _ => Value::Null,
            };
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        self.input.flush().expect("the server reads");
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("the server writes");
            assert!(read > 0, "the language server ended early");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.parse().expect("a length");
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).expect("the server writes");
        serde_json::from_slice(&text).expect("a message is JSON")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the address of a file.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
