//! Who asks when a proxy stands in front: `X-Forwarded-For`, `-Proto`, `-Host`, or `Forwarded` (RFC 7239). They are
//! believed of configured peers only, and only those of one of the two kinds: a proxy that writes the one passes on what
//! a client wrote in the other.

use http::{HeaderMap, HeaderName, Uri};
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};

/// What the proxies write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded`.
    Forwarded,
}

/// Which peers are believed, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Their networks.
    pub trusted: Vec<IpNet>,
    /// What they write.
    pub header: ProxyHeader,
}

/// How a request reached us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The client's address.
    pub client: IpAddr,
    /// Whether the client used TLS.
    pub https: bool,
    /// The host that it asked, where a proxy says so.
    pub host: Option<String>,
    /// Whether somebody in between who is not believed says that the request is another's.
    pub is_hearsay: bool,
}

impl Proxies {
    /// Whether a peer is a configured proxy.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|network| network.contains(&peer))
    }

    /// Who asks, of a request that a peer sent.
    pub fn reached(&self, peer: IpAddr, https: bool, headers: &HeaderMap) -> Reached {
        let client = peer.to_canonical();
        if !self.trusts(client) {
            return Reached {
                client,
                https,
                host: None,
                is_hearsay: HEARSAY.iter().any(|name| headers.contains_key(name)),
            };
        }
        let said = match self.header {
            ProxyHeader::XForwarded => Said {
                hops: list(headers, "x-forwarded-for"),
                proto: list(headers, "x-forwarded-proto").pop(),
                host: list(headers, "x-forwarded-host").pop(),
            },
            ProxyHeader::Forwarded => Said::rfc7239(headers),
        };
        Reached {
            client: self.last_stranger(client, &said.hops),
            https: said
                .proto
                .map_or(https, |proto| proto.eq_ignore_ascii_case("https")),
            host: said.host,
            is_hearsay: false,
        }
    }

    /// The nearest hop that is none of the proxies: what stands before it, anybody can have written.
    fn last_stranger(&self, peer: IpAddr, hops: &[String]) -> IpAddr {
        let mut nearest = peer;
        for hop in hops.iter().rev() {
            let Some(address) = address(hop) else { break };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }
}

/// What only a request that somebody passes on has.
const HEARSAY: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("via"),
    HeaderName::from_static("x-real-ip"),
];

/// What the proxies say; the hops in the order in which the request took them.
#[derive(Default)]
struct Said {
    hops: Vec<String>,
    proto: Option<String>,
    host: Option<String>,
}

impl Said {
    /// `for=192.0.2.60;proto=http;by=203.0.113.43, for="[2001:db8::1]:4711"`. Scheme and host are those of the nearest
    /// proxy that names them.
    fn rfc7239(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        for hop in list(headers, "forwarded") {
            // A hop that does not say for whom hides what is before it.
            let mut client = String::new();
            for pair in hop.split(';') {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let value = value.trim().trim_matches('"').to_owned();
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => client = value,
                    "proto" => said.proto = Some(value),
                    "host" => said.host = Some(value),
                    _ => {}
                }
            }
            said.hops.push(client);
        }
        said
    }
}

/// The elements of a header that is a list, over all its lines. One that is not ASCII ends what is known: it is empty.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).iter();
    let lines = lines.map(|line| line.to_str().unwrap_or_default());
    lines
        .flat_map(|line| line.split(','))
        .map(|part| part.trim().to_owned())
        .collect()
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|s| s.ip());
    let found: Option<IpAddr> = bare.parse().ok().or_else(with_port);
    found.map(|a| a.to_canonical())
}

/// Whether a text can be a host with or without a port: what goes into files and pages.
pub fn is_host(host: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b);
    !host.is_empty() && host.bytes().all(plain) && format!("http://{host}").parse::<Uri>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: ProxyHeader) -> Proxies {
        Proxies {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()],
            header,
        }
    }

    fn reached(header: ProxyHeader, peer: &str, sent: &[(&'static str, &str)]) -> Reached {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        proxies(header).reached(peer.parse().unwrap(), false, &headers)
    }

    fn client(peer: &str, sent: &[(&'static str, &str)]) -> String {
        reached(ProxyHeader::XForwarded, peer, sent).client.to_string()
    }

    #[test]
    fn a_stranger_is_who_it_is_whatever_it_says() {
        let sent = [
            ("x-forwarded-for", "10.0.0.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        let reached = reached(ProxyHeader::XForwarded, "192.0.2.1", &sent);
        assert_eq!(reached.client.to_string(), "192.0.2.1");
        assert!(!reached.https && reached.host.is_none() && reached.is_hearsay);
    }

    #[test]
    fn the_client_is_the_nearest_hop_that_is_no_proxy() {
        let by = |value| client("10.0.0.1", &[("x-forwarded-for", value)]);
        assert_eq!(by("198.51.100.7"), "198.51.100.7");
        // What a client wrote itself is further away.
        assert_eq!(
            by("10.0.0.9, 203.0.113.1, 198.51.100.7, 10.0.0.2"),
            "198.51.100.7"
        );
        assert_eq!(by("nonsense, 10.0.0.2"), "10.0.0.2");
        assert_eq!(by("198.51.100.7, nonsense"), "10.0.0.1");
        assert_eq!(by("10.0.0.3"), "10.0.0.3");
        assert_eq!(by("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(by("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(
            client("::ffff:10.0.0.1", &[("x-forwarded-for", "198.51.100.7")]),
            "198.51.100.7"
        );
        let two = [
            ("x-forwarded-for", "203.0.113.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(client("10.0.0.1", &two), "198.51.100.7");
    }

    #[test]
    fn only_the_configured_kind_of_header_counts() {
        let both = [
            ("forwarded", "for=203.0.113.1;proto=https;host=a.example"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        let x = reached(ProxyHeader::XForwarded, "10.0.0.1", &both);
        assert_eq!((x.client.to_string().as_str(), x.https), ("198.51.100.7", false));
        let rfc = reached(ProxyHeader::Forwarded, "10.0.0.1", &both);
        assert_eq!(
            (rfc.client.to_string().as_str(), rfc.https),
            ("203.0.113.1", true)
        );
        assert_eq!(rfc.host.as_deref(), Some("a.example"));
    }

    #[test]
    fn forwarded_is_read_as_its_specification_writes_it() {
        let by = |value| {
            let reached = reached(ProxyHeader::Forwarded, "10.0.0.1", &[("forwarded", value)]);
            reached.client.to_string()
        };
        assert_eq!(by("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
        assert_eq!(
            by("for=192.0.2.43, for=198.51.100.17;by=10.0.0.2"),
            "198.51.100.17"
        );
        assert_eq!(by("for=192.0.2.43, for=_hidden"), "10.0.0.1");
        assert_eq!(by("for=192.0.2.43, proto=http"), "10.0.0.1");
    }

    #[test]
    fn what_is_no_host_is_not_written_anywhere() {
        assert!(is_host("packages.example.org") && is_host("[::1]:8000") && is_host("a_b:80"));
        for wrong in ["", "a b", "a\"b", "a/b", "<script>", "a@b"] {
            assert!(!is_host(wrong), "{wrong}");
        }
    }
}
