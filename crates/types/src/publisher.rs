//! Trusted publishers: who may publish because an OIDC issuer vouches for them, without a stored secret.

use crate::{Invalid, Permission, Permissions, TokenId, invalid::string_type, upstream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The URL of an issuer of tokens, letter by letter as its tokens say it in `iss`: `https://HOST/…`. By http only on this
/// machine: who is on the way could bring keys of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerUrl(String);
string_type!(IssuerUrl);

impl IssuerUrl {
    /// Parses it; `https://ci.example.org` is one, `http://ci.example.org` is not. Nothing is added or taken away.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let refused = |rule| Err(Invalid::new("issuer", s, rule));
        match upstream::broken_rule(s) {
            Some(rule) => refused(rule),
            None if s.starts_with("http://") && !upstream::is_loopback(s) => {
                refused("it must begin with https://: keys that come by http may be anybody's")
            }
            None => Ok(Self(s.to_owned())),
        }
    }

    /// Where it says where its keys are (OpenID Connect Discovery 1.0, section 4).
    pub fn configuration(&self) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            self.0.trim_end_matches('/')
        )
    }
}

/// Whom an issuer has to vouch for, and what they may do then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Its name in lists and in the log; publishers and tokens are named alike.
    pub id: TokenId,
    /// The issuer's URL, as its tokens say it in `iss`.
    pub issuer: IssuerUrl,
    /// What the tokens have to say in `aud`.
    pub audience: String,
    /// What they have to say beside: the claim's name, and its value as a glob.
    pub claims: BTreeMap<String, String>,
    /// What is allowed to who has such a token.
    pub can: Permissions,
    /// The channels it is for, as a glob.
    pub channels: String,
    /// The projects it is for, as a glob.
    pub projects: String,
}

/// Claims that are about the token and not about who has it: they are looked at anyway.
const OF_THE_TOKEN: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];
/// Most claims of a publisher.
const MOST_CLAIMS: usize = 20;
/// The longest value.
const LONGEST: usize = 500;

impl Publisher {
    /// Whether it says enough, and no nonsense: one claim at least must tell those who are meant from everybody else whom
    /// the issuer knows, and who administers a yard has a token that can be revoked.
    pub fn check(&self) -> Result<(), Invalid> {
        let refused = |value: &str, rule: &str| Err(Invalid::new("publisher", value, rule));
        self.id.check_chosen()?;
        if self.can.allow(Permission::Admin) {
            return refused("admin", "a publisher can read, publish or promote");
        }
        let plain =
            |text: &str| !text.is_empty() && text.len() <= LONGEST && !text.contains(crate::is_unseen);
        if !plain(&self.audience) || self.audience.contains(char::is_whitespace) {
            return refused(&self.audience, "its audience must be a word");
        }
        if let Some(glob) = [&self.channels, &self.projects].into_iter().find(|g| !plain(g)) {
            return refused(glob, "channels and projects must be globs");
        }
        if self.claims.len() > MOST_CLAIMS {
            return refused(self.id.as_str(), "it has more than 20 claims");
        }
        for (name, value) in &self.claims {
            if OF_THE_TOKEN.contains(&name.as_str()) {
                return refused(
                    name,
                    "this claim is looked at anyway; name one that says who it is",
                );
            }
            if !plain(name) || !plain(value) {
                return refused(
                    name,
                    "a claim has a name, and a value in one line of at most 500 bytes",
                );
            }
        }
        if self.claims.values().all(|value| value.chars().all(|c| c == '*')) {
            let rule = "one claim at least must say who it is: anybody whom the issuer knows could publish";
            return refused(self.id.as_str(), rule);
        }
        Ok(())
    }

    /// What of it is easily not meant.
    pub fn cautions(&self) -> Vec<String> {
        let open = |(name, value): (&String, &String)| {
            let stem = value.strip_suffix('*')?;
            let open = stem.ends_with(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
            (open && !stem.contains('*')).then(|| {
                format!(
                    "claim `{name}`: `{value}` is also `{stem}x`, which may be somebody else's; end it with what comes \
                     next: `{stem}/*`, `{stem}:*`"
                )
            })
        };
        self.claims.iter().filter_map(open).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publisher(claims: &[(&str, &str)]) -> Publisher {
        let claims = claims.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Publisher {
            id: TokenId::parse("ci").unwrap(),
            issuer: IssuerUrl::parse("https://ci.example.org").unwrap(),
            audience: "packages.example.org".to_owned(),
            claims: claims.collect(),
            can: "publish".parse().unwrap(),
            channels: "*".to_owned(),
            projects: "*".to_owned(),
        }
    }

    #[test]
    fn an_issuer_is_asked_by_https_or_on_this_machine() {
        for good in [
            "https://ci.example.org",
            "https://ci.example.org/group/",
            "http://127.0.0.1:8080",
            "http://localhost/ci",
        ] {
            assert_eq!(IssuerUrl::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "http://ci.example.org",
            "http://127.0.0.1.example.org",
            "http://localhost@ci.example.org/",
            "https://user:secret@ci.example.org",
            "https://ci.example.org/?a=b",
            "https://",
            "ci.example.org",
            "file:///keys",
        ] {
            assert!(IssuerUrl::parse(bad).is_err(), "{bad}");
        }
        let url = |s| IssuerUrl::parse(s).unwrap().configuration();
        let configuration = "https://ci.example.org/.well-known/openid-configuration";
        assert_eq!(url("https://ci.example.org"), configuration);
        assert_eq!(url("https://ci.example.org/"), configuration);
    }

    #[test]
    fn a_publisher_says_who_it_is() {
        publisher(&[("repository", "acme/app")]).check().unwrap();
        publisher(&[("sub", "repo:acme/*"), ("ref", "*")])
            .check()
            .unwrap();
        let claims: [&[(&str, &str)]; 6] = [
            &[],
            &[("repository", "*")],
            &[("repository", "**"), ("ref", "*")],
            &[("iss", "https://ci.example.org")],
            &[("repository", "")],
            &[("repository", "a\nb")],
        ];
        for claims in claims {
            assert!(publisher(claims).check().is_err(), "{claims:?}");
        }
        let mut admin = publisher(&[("repository", "acme/app")]);
        admin.can = Permissions::admin();
        assert!(admin.check().is_err());
    }

    #[test]
    fn a_glob_that_ends_within_a_name_is_pointed_out() {
        assert!(publisher(&[("repository", "acme/*")]).cautions().is_empty());
        let cautions = publisher(&[("repository", "acme*")]).cautions();
        assert!(cautions[0].contains("`acme/*`"), "{cautions:?}");
    }
}
