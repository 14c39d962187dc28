//! How texts come onto pages: nothing in them is HTML, and what nobody sees of them is written out (`\u{202e}`).

use askama::filters::{Escaper, Html};
use std::fmt;

/// The escaper of all templates (`askama.toml`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen;

impl Escaper for Seen {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, string: &str) -> fmt::Result {
        // A carriage return before a line feed is a line break like any other.
        let lines = string.replace("\r\n", "\n");
        Html.write_escaped_str(dest, &packyard_types::seen(&lines))
    }
}
