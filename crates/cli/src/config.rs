//! The configuration file of `packyard serve`: TOML, with the names that the flags have. `docs/packyard-server.toml` is
//! one that says what is so anyway.

use crate::report::Usage;
use anyhow::Context;
use ipnet::IpNet;
use packyard_build::{Diagnostic, SourceText};
use packyard_formats::nearest::nearest;
use packyard_repo::Limits;
use packyard_server::{MetricsAccess, Proxies, ProxyHeader, Settings, Traffic};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

/// Everything that can be said of a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Config {
    /// The data directory, where it is not the usual one.
    pub data: Option<PathBuf>,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The URL under which clients reach the server, where that is another one.
    pub public_url: Option<String>,
    /// Whether another process writes to the directory, and this one nothing.
    pub read_only: bool,
    /// Largest upload, in bytes.
    pub max_upload: u64,
    /// The certificate, with those that it is signed by.
    pub tls_cert: Option<PathBuf>,
    /// Its private key.
    pub tls_key: Option<PathBuf>,
    /// The proxies in front.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// What they write.
    pub proxy_header: ProxyHeader,
    /// An address of its own for machines that watch.
    pub metrics_listen: Option<SocketAddr>,
    /// Who reads `/metrics` without a token, where it has no address of its own.
    #[serde(deserialize_with = "networks")]
    pub metrics_allow: Vec<IpNet>,
    /// Where traffic stops.
    pub limits: Traffic,
}

impl Default for Config {
    fn default() -> Self {
        let MetricsAccess::Here(metrics_allow) = MetricsAccess::default() else {
            unreachable!("by default there is one address")
        };
        Self {
            data: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            public_url: None,
            read_only: false,
            max_upload: Limits::default().file_bytes,
            tls_cert: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            proxy_header: ProxyHeader::default(),
            metrics_listen: None,
            metrics_allow,
            limits: Traffic::default(),
        }
    }
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("reading `{shown}`"))?;
        Self::parse(&shown, &text).map_err(|wrong| Usage(wrong.to_string()).into())
    }

    fn parse(name: &str, text: &str) -> Result<Self, Diagnostic> {
        toml::from_str(text).map_err(|e| {
            let (message, hint) = explained(e.message());
            let mut wrong = Diagnostic::new(message);
            if let Some(span) = e.span() {
                wrong = wrong.at(SourceText::new(name, text).place(span));
            }
            match hint {
                Some(hint) => wrong.hint(hint),
                None => wrong,
            }
        })
    }

    /// What the server is told.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let limits = Limits {
            file_bytes: self.max_upload,
            ..Limits::default()
        };
        Ok(Settings {
            public_url: self.public_url.as_deref().map(crate::place::url).transpose()?,
            limits,
            traffic: self.limits.clone(),
            proxies: Proxies {
                trusted: self.trusted_proxies.clone(),
                header: self.proxy_header,
            },
            metrics: match self.metrics_listen {
                Some(_) => MetricsAccess::Elsewhere,
                None => MetricsAccess::Here(self.metrics_allow.clone()),
            },
        })
    }

    /// The files of the certificate, where there is one.
    pub fn tls(&self) -> anyhow::Result<Option<(&Path, &Path)>> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Ok(Some((cert, key))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(half("--tls-cert", "--tls-key").into()),
            (None, Some(_)) => Err(half("--tls-key", "--tls-cert").into()),
        }
    }
}

fn half(there: &str, missing: &str) -> Usage {
    Usage(format!(
        "{there} is of no use without {missing}\nhint: TLS needs a certificate and its private key"
    ))
}

/// What serde says of a key that it does not know, in the words of all our errors.
fn explained(message: &str) -> (String, Option<String>) {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return (message.trim_end().to_owned(), None);
    };
    let mut ticked = rest.split('`');
    let key = ticked.next().unwrap_or_default();
    let known: Vec<&str> = ticked.skip(1).step_by(2).collect();
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.join(", ")),
    };
    (format!("unknown key `{key}`"), Some(hint))
}

/// Networks, and single addresses.
fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let wrong = |text: &str| {
        D::Error::custom(format!(
            "`{text}` is not a network: write 10.0.0.0/8, 2001:db8::/32, or one address"
        ))
    };
    let one = |text: String| network(&text).ok_or_else(|| wrong(&text));
    texts.into_iter().map(one).collect()
}

/// A network or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    let one = text.parse::<IpAddr>().map(IpNet::from).ok();
    one.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../docs/packyard-server.toml");

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse("server.toml", text).map_err(|e| e.to_string())
    }

    #[test]
    fn the_example_says_what_is_so_anyway() {
        assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    }

    #[test]
    fn the_example_names_every_key_and_what_is_commented_out_is_right_too() {
        let is_key = |line: &&str| {
            let key = line.split(" = ").next().unwrap();
            line.contains(" = ") && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        };
        let bare = |line: &'static str| line.strip_prefix("# ").filter(is_key).unwrap_or(line);
        let all: Vec<&str> = EXAMPLE.lines().map(bare).collect();
        let config = parse(&all.join("\n")).unwrap();
        assert!(config.tls().unwrap().is_some() && config.data.is_some());
        for (text, first) in [
            ("no-such-key = 1", "data"),
            ("[limits]\nno-such-key = 1", "connections"),
        ] {
            let known = parse(text).unwrap_err();
            let (_, known) = known.split_once("the keys here are ").unwrap();
            assert!(known.starts_with(first), "{known}");
            for key in known.split(", ").filter(|key| *key != "limits") {
                let line = format!("{key} = ");
                assert!(
                    all.iter().any(|l| l.starts_with(&line)),
                    "the example lacks `{key}`"
                );
            }
        }
    }

    #[test]
    fn a_slip_is_shown_where_it_is_with_the_key_that_was_meant() {
        assert_eq!(
            parse("listen = \"127.0.0.1:1\"\nmax-uplod = 3\n").unwrap_err(),
            "unknown key `max-uplod`\n --> server.toml:2:1\n  |\n2 | max-uplod = 3\n  | ^^^^^^^^^\nhint: did you mean \
             `max-upload`?"
        );
        let wrong = parse("[limits]\nuploads = 0\n").unwrap_err();
        assert!(wrong.contains("server.toml:2:11"), "{wrong}");
        let wrong = parse("trusted-proxies = [\"10.0.0.0/99\"]\n").unwrap_err();
        assert!(
            wrong.contains("server.toml:1:") && wrong.contains("not a network"),
            "{wrong}"
        );
        assert!(parse("trusted-proxies = [\"10.0.0.1\", \"fd00::/8\"]").is_ok());
    }

    #[test]
    fn half_of_a_certificate_is_refused() {
        let config = parse("tls-cert = \"a.pem\"").unwrap();
        let said = config.tls().unwrap_err().to_string();
        assert!(said.contains("without --tls-key"), "{said}");
    }
}
