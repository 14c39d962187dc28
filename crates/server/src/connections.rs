//! How many connections there are, in all and from each source.

use crate::limits::{Limit, Traffic, count};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The open connections.
#[derive(Debug, Default)]
pub struct Connections(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_source: HashMap<IpAddr, usize>,
}

/// One of them; it counts until it is dropped.
#[derive(Debug)]
pub struct Place {
    all: Arc<Connections>,
    source: Option<IpAddr>,
}

impl Connections {
    /// Counts a connection in, where the limits leave a place. One from a proxy counts for no source.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, is_proxy: bool, traffic: &Traffic) -> Result<Place, Limit> {
        let mut open = self.open();
        if open.total >= count(traffic.connections) {
            return Err(Limit::Connections);
        }
        let source = (!is_proxy).then(|| source(peer));
        if let Some(source) = source {
            let held = open.by_source.entry(source).or_default();
            if *held >= count(traffic.connections_per_source) {
                return Err(Limit::ConnectionsPerSource);
            }
            *held += 1;
        }
        open.total += 1;
        Ok(Place {
            all: Arc::clone(self),
            source,
        })
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.open().total
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.all.open();
        open.total -= 1;
        if let Some(source) = self.source
            && let Some(held) = open.by_source.get_mut(&source)
        {
            *held -= 1;
            if *held == 0 {
                open.by_source.remove(&source);
            }
        }
    }
}

/// The network that one client has for itself: an address of IPv4, a /64 of IPv6.
fn source(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn traffic(all: u32, one: u32) -> Traffic {
        Traffic {
            connections: NonZeroU32::new(all).unwrap(),
            connections_per_source: NonZeroU32::new(one).unwrap(),
            ..Traffic::default()
        }
    }

    #[test]
    fn a_source_that_has_its_share_leaves_the_others_theirs() {
        let (all, limits) = (Arc::<Connections>::default(), traffic(3, 2));
        let (greedy, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let held: Vec<_> = (0..2)
            .map(|_| all.enter(greedy, false, &limits).unwrap())
            .collect();
        assert_eq!(
            all.enter(greedy, false, &limits).unwrap_err(),
            Limit::ConnectionsPerSource
        );
        let last = all.enter(other, false, &limits).unwrap();
        assert_eq!(all.enter(other, false, &limits).unwrap_err(), Limit::Connections);
        drop((held, last));
        assert_eq!(all.total(), 0);
        assert!(all.open().by_source.is_empty());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_source_and_a_proxy_is_none() {
        let (all, limits) = (Arc::<Connections>::default(), traffic(9, 1));
        let _first = all.enter("2001:db8::1".parse().unwrap(), false, &limits).unwrap();
        let second = all.enter("2001:db8::2".parse().unwrap(), false, &limits);
        assert_eq!(second.unwrap_err(), Limit::ConnectionsPerSource);
        let proxy = "192.0.2.9".parse().unwrap();
        let _many: Vec<_> = (0..5).map(|_| all.enter(proxy, true, &limits).unwrap()).collect();
    }
}
