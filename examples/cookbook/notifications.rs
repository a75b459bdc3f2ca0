//! A router of notifications: each message goes to the first channel that takes it.
//!
//! ```text
//! cargo run --example notifications
//! ```

use std::io;

use pluginkit::prelude::*;

struct Message {
    to: &'static str,
    text: &'static str,
    urgent: bool,
}

#[extension_point]
trait Router {
    /// Delivers a message and says how, or leaves it to the next channel. A channel that fails is skipped.
    #[extension_point(firstresult, on_failure = "skip")]
    fn deliver(&self, message: &Message) -> io::Result<Option<String>>;

    /// Told about each message that was delivered.
    fn delivered(&self, message: &Message, how: &str);
}

/// Short and urgent messages. `when` keeps the rest away, and a channel that is left out costs nothing.
struct Sms;

fn is_short_and_urgent(_: &Sms, message: &Message) -> bool {
    message.urgent && message.text.len() <= 20
}

#[extension]
impl Router for Sms {
    #[extension(tryfirst, when = is_short_and_urgent)]
    fn deliver(&self, message: &Message) -> io::Result<Option<String>> {
        Ok(Some(format!("SMS to {}", message.to)))
    }
}

/// Knows the people of one team.
struct Chat(&'static [&'static str]);

#[extension]
impl Router for Chat {
    fn deliver(&self, message: &Message) -> io::Result<Option<String>> {
        match message.to {
            "bob" => Err(io::Error::other("bob's client is gone")),
            known if self.0.contains(&known) => Ok(Some(format!("chat with {known}"))),
            _ => Ok(None),
        }
    }
}

/// Takes what nobody else took.
struct Mail;

#[extension]
impl Router for Mail {
    #[extension(trylast)]
    fn deliver(&self, message: &Message) -> io::Result<Option<String>> {
        Ok(Some(format!("mail to {}@example.org", message.to)))
    }

    fn delivered(&self, message: &Message, how: &str) {
        println!("log: {:?} went by {how}", message.text);
    }
}

fn main() -> Result<(), BoxError> {
    let pm = PluginManager::new("router");
    pm.add_extension_points(Router)?;
    pm.register(Mail)?;
    pm.register(Chat(&["ada", "bob"]))?;
    pm.register(Sms)?;

    let deliver = pm.caller(Router::deliver);
    let messages = [
        Message { to: "ada", text: "the pump is down", urgent: true },
        Message { to: "ada", text: "lunch at noon", urgent: false },
        Message { to: "bob", text: "lunch at one", urgent: false },
        Message { to: "eve", text: "hello", urgent: false },
    ];
    for message in &messages {
        // `try_call` applies the failure policy of the point; `call` would return the error of the chat.
        match deliver.try_call(message)? {
            Some(how) => pm.caller(Router::delivered).call(message, &how),
            None => println!("nobody takes {:?}", message.text),
        }
    }

    // What each channel would do, failures included.
    for settled in deliver.settle(&messages[2]) {
        match settled.result {
            Ok(how) => println!("{}: {}", settled.plugin, how.as_deref().unwrap_or("leaves it to others")),
            Err(error) => println!("{}: {error}", settled.plugin),
        }
    }
    Ok(())
}
