//! Whether a file arrives fast enough: a place in the queue is too good for one that drips.

use std::time::Duration;
use tokio::time::Instant;

/// Over how long it is judged.
const WINDOW: Duration = Duration::from_mins(1);
/// How many bytes a second must come.
const LEAST: u64 = 16 << 10;
/// Over how long where nobody waits for it.
const UNWATCHED_WINDOW: Duration = Duration::from_secs(30);
/// How many bytes a second must come then.
const UNWATCHED_LEAST: u64 = 256 << 10;

/// How a file arrives.
#[derive(Debug)]
pub struct Pace {
    watched: Window,
    unwatched: Window,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    bytes_then: u64,
}

impl Window {
    /// Whether a window is over and too little came in it.
    fn is_slow(&mut self, now: Instant, bytes: u64, length: Duration, least: u64) -> bool {
        let passed = now.saturating_duration_since(self.since);
        if passed < length {
            return false;
        }
        let came = bytes - self.bytes_then;
        (self.since, self.bytes_then) = (now, bytes);
        came < least * passed.as_secs()
    }
}

impl Pace {
    /// One that begins now.
    pub fn new(now: Instant) -> Self {
        let window = || Window {
            since: now,
            bytes_then: 0,
        };
        Self {
            watched: window(),
            unwatched: window(),
        }
    }

    /// Why it is too slow, if it is: so many bytes are there by now, and somebody waits for them or nobody does.
    pub fn too_slow(&mut self, now: Instant, bytes: u64, watched: bool) -> Option<String> {
        let slow = self.watched.is_slow(now, bytes, WINDOW, LEAST);
        if slow {
            return Some(format!(
                "less than {} KiB came in each second of {} s",
                LEAST >> 10,
                WINDOW.as_secs()
            ));
        }
        if watched {
            // Who has just left may come back.
            (self.unwatched.since, self.unwatched.bytes_then) = (now, bytes);
            return None;
        }
        let slow = self
            .unwatched
            .is_slow(now, bytes, UNWATCHED_WINDOW, UNWATCHED_LEAST);
        slow.then(|| "it came slowly, and nobody waited for it any more".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many seconds a file is given up that brings so many bytes every five.
    fn given_up(bytes: u64, watched: impl Fn(u64) -> bool) -> Option<u64> {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        (1..1000_u64).map(|n| n * 5).find(|s| {
            let now = began + Duration::from_secs(*s);
            pace.too_slow(now, bytes * s / 5, watched(*s)).is_some()
        })
    }

    #[test]
    fn one_that_drips_is_given_up_after_a_minute_and_one_that_flows_never() {
        assert_eq!(given_up(1, |_| true), Some(60));
        assert_eq!(given_up(5 * (15 << 10), |_| true), Some(60));
        assert_eq!(given_up(5 * (17 << 10), |_| true), None);
    }

    #[test]
    fn one_that_nobody_waits_for_is_given_up_sooner_unless_it_is_fast() {
        assert_eq!(given_up(1, |_| false), Some(30));
        assert_eq!(given_up(5 * (17 << 10), |_| false), Some(30));
        assert_eq!(given_up(5 * (17 << 10), |s| s < 100), Some(125));
        assert_eq!(given_up(5 << 20, |_| false), None);
    }

    #[test]
    fn one_that_begins_to_drip_later_is_given_up_too() {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        let at = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(pace.too_slow(at(60), 1 << 30, true), None);
        assert!(pace.too_slow(at(120), (1 << 30) + 1000, true).is_some());
    }
}
