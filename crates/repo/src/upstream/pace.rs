//! Whether a file arrives fast enough: a place in the queue is too good for one that drips.

use futures::FutureExt as _;
use std::time::Duration;
use tokio::time::{Interval, interval};

/// Over how long it is judged.
const WINDOW_SECONDS: u64 = 60;
/// How many bytes a second must come.
const LEAST: u64 = 16 << 10;
/// Over how long where nobody waits for it.
const UNWATCHED_SECONDS: u64 = 30;
/// How many bytes a second must come then.
const UNWATCHED_LEAST: u64 = 256 << 10;

/// How a file arrives.
#[derive(Debug, Default)]
pub struct Pace {
    watched: Window,
    unwatched: Window,
}

#[derive(Debug, Default)]
struct Window {
    since: u64,
    bytes_then: u64,
}

impl Window {
    /// Whether a window is over and too little came in it.
    fn is_slow(&mut self, now: u64, bytes: u64, seconds: u64, least: u64) -> bool {
        let passed = now - self.since;
        if passed < seconds {
            return false;
        }
        let came = bytes - self.bytes_then;
        (self.since, self.bytes_then) = (now, bytes);
        came < least * passed
    }
}

/// Counts seconds, as the runtime's timer beats them.
pub struct Seconds {
    beat: Interval,
    passed: u64,
}

impl Seconds {
    /// From now on.
    pub fn begin() -> Self {
        let mut beat = interval(Duration::from_secs(1));
        // The first beat is at the beginning.
        let _ = beat.tick().now_or_never();
        Self { beat, passed: 0 }
    }

    /// How many have passed.
    pub fn passed(&mut self) -> u64 {
        while self.beat.tick().now_or_never().is_some() {
            self.passed += 1;
        }
        self.passed
    }
}

impl Pace {
    /// Why it is too slow, if it is: so many bytes are there by now, and somebody waits for them or nobody does.
    pub fn too_slow(&mut self, now: u64, bytes: u64, watched: bool) -> Option<String> {
        let slow = self.watched.is_slow(now, bytes, WINDOW_SECONDS, LEAST);
        if slow {
            return Some(format!(
                "less than {} KiB came in each second of {} s",
                LEAST >> 10,
                WINDOW_SECONDS
            ));
        }
        if watched {
            // Who has just left may come back.
            (self.unwatched.since, self.unwatched.bytes_then) = (now, bytes);
            return None;
        }
        let slow = self
            .unwatched
            .is_slow(now, bytes, UNWATCHED_SECONDS, UNWATCHED_LEAST);
        slow.then(|| "it came slowly, and nobody waited for it any more".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many seconds a file is given up that brings so many bytes every five.
    fn given_up(bytes: u64, watched: impl Fn(u64) -> bool) -> Option<u64> {
        let mut pace = Pace::default();
        let mut fives = (1..1000_u64).map(|n| n * 5);
        fives.find(|s| pace.too_slow(*s, bytes * s / 5, watched(*s)).is_some())
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
        let mut pace = Pace::default();
        assert_eq!(pace.too_slow(60, 1 << 30, true), None);
        assert!(pace.too_slow(120, (1 << 30) + 1000, true).is_some());
    }

    #[tokio::test]
    async fn seconds_are_counted_also_where_nobody_looked_for_a_while() {
        let mut seconds = Seconds::begin();
        assert_eq!(seconds.passed(), 0);
        tokio::time::sleep(Duration::from_millis(2200)).await;
        let passed = seconds.passed();
        assert!((2..60).contains(&passed), "{passed}");
    }
}
