//! The program of the service: it ends at a signal, and writes its logs as JSON.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

use pluginkit_examples::signal;

/// Starts the service with its file, and the variables that a test needs.
fn service(database: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_example-service"))
        .env("SERVICE_PLUGIN__STORE__FILE", database)
        .env("SERVICE_PLUGIN__BEACON__ADDRESS", "127.0.0.1:0")
        .env("SERVICE_PLUGIN__FORECAST__UPSTREAM", "127.0.0.1:1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run `service`: {error}"));
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    stdout.read_line(&mut line).expect("it prints text");
    let address = line.trim_end().strip_prefix("serving http://").map(str::to_owned);
    (child, address.unwrap_or_else(|| panic!("it printed {line:?}")))
}

#[test]
fn the_service_ends_at_a_signal_and_its_logs_are_json() {
    let database = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("notes-{}.db", process::id()));
    for name in ["INT", "TERM"] {
        let (mut child, address) = service(&database);
        for path in ["/hello", "/forecast", "/notes"] {
            let mut stream = TcpStream::connect(&address).expect("it listens");
            let request =
                format!("GET {path} HTTP/1.0\r\nhost: test\r\nauthorization: Bearer letmein\r\n\r\n");
            stream.write_all(request.as_bytes()).expect("it reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers");
            assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
        }
        signal(&mut child, name);
        let output = child.wait_with_output().expect("it ends");
        let _ = fs::remove_file(&database);
        if !cfg!(unix) {
            continue;
        }
        let logs = String::from_utf8(output.stderr).expect("it logs text");
        assert_eq!(output.status.code(), Some(0), "{name}: {logs}");
        let lines = logs.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>();
        let lines = lines.unwrap_or_else(|error| panic!("{error} in {logs}"));
        let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
        let paths: Vec<_> = answered.iter().map(|line| line["span"]["path"].as_str()).collect();
        assert_eq!(paths, [Some("/hello"), Some("/forecast"), Some("/notes")], "{logs}");
        let failed: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN").collect();
        assert!(failed.len() == 1 && failed[0]["fields"]["plugin"] == "forecast", "{failed:?}");
    }
}
