//! Where an upstream may send this server: its pages and redirects are somebody else's words, and must not make it ask its
//! own machine or network on a stranger's behalf.
//!
//! To public addresses, always. To others only where the upstream itself is at such a one; to this link's never.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};
use url::{Host, Url};

/// Most names of hosts that are told from a proxy's.
const MOST_HOSTS: usize = 10_000;

/// How far an address is from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Anywhere.
    Public,
    /// In a private network.
    Private,
    /// On this machine.
    Loopback,
    /// On this link: the metadata of clouds is there.
    Link,
    /// Nobody's: unspecified, multicast, reserved.
    Nowhere,
}

impl Reach {
    /// How far an address is.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::Link,
            [0 | 224.., ..] => Self::Nowhere,
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] | [198, 18 | 19, ..] => {
                Self::Private
            }
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let embedded = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            // IPv4 in other clothes: mapped, compatible, translated, 6to4.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                embedded(high, low)
            }
            [0x2002, high, low, ..] => embedded(high, low),
            [0xfc00..=0xfdff, ..] | [0x64, 0xff9b, ..] => Self::Private,
            [0xfe80..=0xfebf, ..] => Self::Link,
            [0xfec0..=0xffff, ..] => Self::Nowhere,
            _ => Self::Public,
        }
    }

    /// How far the host of an upstream is. Where its name has dots, its owner says what it stands for, and may say so to
    /// get at this machine: such a name is private at most.
    pub fn of_host(name: &str, addresses: &[IpAddr]) -> Self {
        let all: BTreeSet<Self> = addresses.iter().map(|a| Self::of(*a)).collect();
        let most = all.first().copied().unwrap_or(Self::Public);
        match most {
            Self::Loopback if !name.contains('.') => Self::Loopback,
            Self::Private => Self::Private,
            _ => Self::Public,
        }
    }

    /// Whether an upstream that is so far may send this server to an address.
    pub fn allows(self, address: IpAddr) -> bool {
        match Self::of(address) {
            Self::Public => true,
            // An upstream is set by who administers one channel: the keys of the machine are not theirs to ask for.
            Self::Link | Self::Nowhere => false,
            Self::Private => matches!(self, Self::Private | Self::Loopback),
            Self::Loopback => self == Self::Loopback,
        }
    }

    /// Why the server does not go from one address to another, if so. What a name stands for is looked at when it is known.
    pub fn objection(self, from: &Url, to: &Url) -> Option<String> {
        if !matches!(to.scheme(), "http" | "https") {
            return Some("it leads elsewhere than to http".to_owned());
        }
        if from.scheme() == "https" && to.scheme() == "http" {
            return Some("it leads from https to http".to_owned());
        }
        let address = literal(to)?;
        (!self.allows(address)).then(|| refusal(&address.to_string()))
    }
}

/// The address that a URL has in place of a name.
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn refusal(what: &str) -> String {
    format!("it leads to {what}, which is not a public address, and the upstream is not at such a one")
}

/// The hosts that are asked for by name. Any other name that is to be resolved is that of a proxy, which whoever runs the
/// server has chosen.
#[derive(Debug, Clone, Default)]
pub struct Hosts(Arc<Mutex<BTreeSet<String>>>);

impl Hosts {
    /// The host of this URL is asked for now.
    pub fn add(&self, url: &Url) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = url.host_str()
            && hosts.len() < MOST_HOSTS
        {
            hosts.insert(host.to_owned());
        }
    }

    /// When there are too many to remember, every name may be one.
    fn has(&self, host: &str) -> bool {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.len() >= MOST_HOSTS || hosts.contains(host)
    }
}

/// Resolves names to the addresses to which one may go.
pub struct Resolver {
    /// How far the upstream is.
    pub own: Reach,
    /// What is asked for.
    pub hosts: Hosts,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (own, bounded) = (self.own, self.hosts.has(name.as_str()));
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found.filter(|a| !bounded || own.allows(a.ip())).collect();
            if found.is_empty() {
                return Err(io::Error::other(refusal(name.as_str())).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_upstream_leads_to_public_addresses_only() {
        for near in [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
        ] {
            assert!(!Reach::Public.allows(near.parse().unwrap()), "{near}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "2606:4700::1", "::ffff:1.1.1.1"] {
            for own in [Reach::Public, Reach::Private, Reach::Loopback] {
                assert!(own.allows(public.parse().unwrap()), "{public}");
            }
        }
    }

    #[test]
    fn an_upstream_that_is_near_leads_to_what_is_as_near() {
        let allows = |own: Reach, to: &str| own.allows(to.parse().unwrap());
        assert!(allows(Reach::Loopback, "127.0.0.1") && allows(Reach::Loopback, "10.0.0.1"));
        assert!(allows(Reach::Private, "192.168.1.1") && !allows(Reach::Private, "127.0.0.1"));
        assert!(!allows(Reach::Private, "169.254.169.254") && !allows(Reach::Loopback, "169.254.169.254"));
        assert!(!allows(Reach::Link, "169.254.169.254") && !allows(Reach::Link, "fe80::1"));
        assert!(!allows(Reach::Loopback, "0.0.0.0"));
        let at = |name, address: &str| Reach::of_host(name, &[address.parse().unwrap()]);
        assert_eq!(at("localhost", "127.0.0.1"), Reach::Loopback);
        assert_eq!(at("index.example", "127.0.0.1"), Reach::Public);
        assert_eq!(at("index.corp.example", "10.0.0.1"), Reach::Private);
        assert_eq!(Reach::of_host("index.example", &[]), Reach::Public);
        let both = ["10.0.0.1".parse().unwrap(), "1.1.1.1".parse().unwrap()];
        assert_eq!(Reach::of_host("index.example", &both), Reach::Public);
    }

    #[test]
    fn an_address_in_place_of_a_name_is_looked_at_in_every_spelling_and_https_stays_https() {
        let url = |text: &str| Url::parse(text).unwrap();
        let from = url("https://index.example/simple/x/");
        for to in [
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]:22/",
        ] {
            assert!(Reach::Public.objection(&from, &url(to)).is_some(), "{to}");
            assert!(Reach::Loopback.objection(&from, &url(to)).is_none(), "{to}");
        }
        assert!(
            Reach::Loopback
                .objection(&from, &url("http://files.example/"))
                .is_some()
        );
        assert!(
            Reach::Public
                .objection(&from, &url("ftp://files.example/"))
                .is_some()
        );
        assert!(
            Reach::Public
                .objection(&from, &url("https://files.example/"))
                .is_none()
        );
    }
}
