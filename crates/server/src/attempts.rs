//! Wrong tokens, those of CI jobs that ask for a short one among them: the more of them come from one place, the longer
//! each answer takes. Only answers that refuse wait, so that a good token from the same place, such as a whole office
//! behind one address, is never kept out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many are answered at once: a password that was mistyped, a pipeline with an old secret.
const FREE: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// After this long without a wrong token a place is as any other.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);
/// An attacker with many addresses fills no memory.
const MOST_PLACES: usize = 10_000;

/// Where wrong tokens came from of late.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<IpAddr, Place>>);

#[derive(Debug)]
struct Place {
    wrong: u32,
    last: Instant,
}

impl Attempts {
    /// Notes a wrong token, and returns when it may be answered. A place that nobody knows is no network's.
    pub async fn slow_down(&self, from: Option<IpAddr>) {
        if let Some(from) = from {
            tokio::time::sleep(self.wrong(from, Instant::now())).await;
        }
    }

    /// Notes a wrong token, and says how long its answer has to wait.
    fn wrong(&self, from: IpAddr, now: Instant) -> Duration {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST_PLACES {
            places.retain(|_, place| now.duration_since(place.last) < FORGOTTEN_AFTER);
        }
        if places.len() >= MOST_PLACES && !places.contains_key(&network(from)) {
            return LONGEST_PAUSE;
        }
        let place = places
            .entry(network(from))
            .or_insert(Place { wrong: 0, last: now });
        if now.duration_since(place.last) >= FORGOTTEN_AFTER {
            place.wrong = 0;
        }
        place.wrong = place.wrong.saturating_add(1);
        place.last = now;
        match place.wrong.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doubled) => FIRST_PAUSE
                .saturating_mul(2u32.saturating_pow(doubled))
                .min(LONGEST_PAUSE),
        }
    }
}

/// Who has an IPv6 address has 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, FORGOTTEN_AFTER, LONGEST_PAUSE};
    use std::time::{Duration, Instant};

    #[test]
    fn wrong_tokens_from_one_place_wait_longer_and_longer_and_are_forgotten() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let here = "192.0.2.1".parse().unwrap();
        let pauses: Vec<Duration> = (0..20).map(|_| attempts.wrong(here, start)).collect();
        assert!(pauses[..5].iter().all(Duration::is_zero), "{pauses:?}");
        assert!(pauses[5..].windows(2).all(|p| p[0] <= p[1]), "{pauses:?}");
        assert_eq!(pauses[19], LONGEST_PAUSE);
        assert!(attempts.wrong("192.0.2.2".parse().unwrap(), start).is_zero());
        assert!(attempts.wrong(here, start + FORGOTTEN_AFTER).is_zero());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_place() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let last = (0..20).map(|n| attempts.wrong(format!("2001:db8::{n:x}").parse().unwrap(), start));
        assert_eq!(last.last(), Some(LONGEST_PAUSE));
    }
}
