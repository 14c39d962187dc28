//! Asking again: after a connection that broke, and after an answer that says that the server cannot just now. Only what
//! may be asked twice without harm is asked again.

use crate::{ClientError, Reply};
use std::time::Duration;

/// How often one request is made, at most.
const TRIES: usize = 6;
/// The longest pause that a server may ask for.
const LONGEST: Duration = Duration::from_secs(30);

/// The tries that are left of one request.
#[derive(Debug)]
pub struct Patience {
    pauses: Vec<Duration>,
}

impl Patience {
    /// For a request that may be made again: pauses that double from a quarter of a second, eight seconds in all.
    pub fn new() -> Self {
        let pause = |n: usize| Duration::from_millis(250 << n);
        Self {
            pauses: (0..TRIES - 1).rev().map(pause).collect(),
        }
    }

    /// For a request that is made once.
    pub fn none() -> Self {
        Self { pauses: Vec::new() }
    }

    /// How long to wait before the same request is made again; none where this was the last try, or where another one
    /// would be answered the same.
    pub fn pause(&mut self, answer: &Result<Reply, ClientError>) -> Option<Duration> {
        let asked_for = match answer {
            Ok(reply) if [429, 500, 502, 503, 504].contains(&reply.status) => reply.retry_after,
            Err(ClientError::Broken { .. }) => None,
            _ => return None,
        };
        let pause = self.pauses.pop()?;
        Some(asked_for.map_or(pause, |asked| pause.max(asked).min(LONGEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::unnecessary_wraps)] // it stands for an answer
    fn answered(status: u16, retry_after: Option<u64>) -> Result<Reply, ClientError> {
        Ok(Reply {
            status,
            text: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    #[test]
    fn what_may_pass_is_waited_for_and_nothing_else() {
        for status in [200, 400, 404, 409, 501, 507] {
            assert_eq!(Patience::new().pause(&answered(status, None)), None, "{status}");
        }
        let mut patience = Patience::new();
        let pauses: Vec<u128> = std::iter::from_fn(|| patience.pause(&answered(503, None)))
            .map(|p| p.as_millis())
            .collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000]);
        assert_eq!(Patience::none().pause(&answered(503, None)), None);
    }

    #[test]
    fn a_server_says_how_long_within_reason() {
        let mut patience = Patience::new();
        assert_eq!(
            patience.pause(&answered(503, Some(5))),
            Some(Duration::from_secs(5))
        );
        assert_eq!(patience.pause(&answered(429, Some(86_400))), Some(LONGEST));
        assert_eq!(
            patience.pause(&answered(503, Some(0))),
            Some(Duration::from_secs(1))
        );
    }
}
