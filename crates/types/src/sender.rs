//! Where a change came from: what the log keeps beside who made it.

use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// The longest text that is kept of a client's name of itself.
const LONGEST: usize = 200;

/// From where a change was asked for, and with what. What is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The address of the client, as the server or the proxy that it trusts saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What the client calls itself (`User-Agent`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Whom an OIDC issuer has vouched for: the issuer and its `sub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Sender {
    /// Keeps what a client calls itself, in one line of printable characters that is not too long.
    pub fn with_client(mut self, said: &str) -> Self {
        let line: String = said
            .chars()
            .map(|c| if crate::is_unseen(c) { ' ' } else { c })
            .take(LONGEST)
            .collect();
        self.client = Some(line.trim().to_owned()).filter(|line| !line.is_empty());
        self
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::Sender;

    #[test]
    fn a_client_says_its_name_in_one_short_line() {
        let sender = Sender::default().with_client(&format!(" twine/6\r\nX: {}", "y".repeat(300)));
        let client = sender.client.unwrap();
        assert!(client.starts_with("twine/6  X: y"), "{client}");
        assert!(client.chars().count() <= 200);
        assert!(Sender::default().with_client("\n").is_unknown());
    }
}
