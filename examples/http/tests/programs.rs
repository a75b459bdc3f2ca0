//! Runs the programs and checks what they print.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use pluginkit_examples::{assert_expected, prints, signal};

#[test]
fn the_rate_limiter_serves_until_it_is_interrupted() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rate_limiter"))
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run `rate_limiter`: {error}"));
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut line = || lines.next().expect("it prints a line").expect("it prints text");
    assert_eq!(line(), "plugins: rate-limiter, server-name");
    let serving = line();
    let address = serving.strip_prefix("serving http://").expect("it says where");
    let mut answers = Vec::new();
    for _ in 0..6 {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answers.push(answer.split_whitespace().nth(1).unwrap_or_default().to_owned());
    }
    assert_eq!(answers, ["200", "200", "200", "200", "200", "429"]);
    signal(&mut child, "INT");
    if cfg!(unix) {
        assert_eq!(line(), "clients that had a limit: 1");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}

#[test]
fn the_middleware_runs_around_the_application() {
    let printed = prints(&mut Command::new(env!("CARGO_BIN_EXE_middleware")));
    assert_expected(&printed, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/middleware.txt"));
}
