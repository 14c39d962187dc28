//! What a server, or the way to it, can answer.

/// Why a request did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server could not be reached.
    #[error("{url} cannot be reached: {reason}\nhint: is the server running, and is it http or https?")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server was reached, and the connection broke before it had answered.
    #[error(
        "the connection to {url} broke: {reason}\nhint: run the command again; it goes on where it stopped"
    )]
    Broken {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused, and said why.
    #[error("{detail} (the answer was {status}){}", .hint.as_ref().map(|h| format!("\nhint: {h}")).unwrap_or_default())]
    Refused {
        /// The status code.
        status: u16,
        /// What is wrong.
        detail: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The server answered something that is not the API.
    #[error("{url} answered {status}, which packyard's API does not: is it a packyard server?")]
    NotPackyard {
        /// What was asked for.
        url: String,
        /// The status code.
        status: u16,
    },
    /// What came is not what was announced.
    #[error(
        "`{path}` of {url} has {found}, not {wanted}\nhint: try again; if it stays so, `packyard fsck` finds what is damaged"
    )]
    Damaged {
        /// What was asked for.
        path: String,
        /// From whom.
        url: String,
        /// What came.
        found: String,
        /// What should have come.
        wanted: String,
    },
    /// A file could not be sent.
    #[error("`{path}` cannot be read: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
}
