//! The indexes of a yum repository: `repodata/repomd.xml` and the primary that it names (createrepo_c's metadata).
//!
//! Not here: what filelists, other and documents hold, and the signature of repomd.xml.

use super::{Found, MAX_FOUND, Place, text, too_many};
use crate::fault::Fault;
use packyard_types::{Digest, Timestamp};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::collections::BTreeMap;

/// A file of metadata that repomd.xml names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where it lies, below the repository's root.
    pub path: String,
    /// Its digest, where it is a SHA-256.
    pub sha256: Option<Digest>,
}

/// The primary that a `repomd.xml` names.
pub fn primary_of(repomd: &[u8]) -> Result<Metadata, Fault> {
    let primary = metadata_of(repomd)?.remove("primary");
    primary.ok_or_else(|| Fault::new("repomd.xml names no primary inside the repository", HINT))
}

/// All that a `repomd.xml` names inside the repository, by its type; of a type that it names twice, the first.
pub fn metadata_of(repomd: &[u8]) -> Result<BTreeMap<String, Metadata>, Fault> {
    let mut reader = Reader::from_str(text("repomd.xml", repomd)?);
    let mut all = BTreeMap::new();
    let (mut inside, mut path, mut sha256, mut reading) = (None, None, None, false);
    loop {
        match event(&mut reader, "repomd.xml")? {
            Event::Eof => break,
            Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                "data" => (inside, path, sha256) = (attribute(&e, "type"), None, None),
                "location" if inside.is_some() => path = attribute(&e, "href"),
                "checksum" if inside.is_some() => {
                    reading = attribute(&e, "type").as_deref() == Some("sha256");
                }
                _ => {}
            },
            Event::Text(t) if reading => {
                sha256 = t.trim().parse().ok();
                reading = false;
            }
            Event::End(e) if e.local_name().as_ref() == "data" => {
                let place = path.take().as_deref().and_then(Place::below);
                if let (Some(kind), Some(Place::Below(path))) = (inside.take(), place) {
                    all.entry(kind).or_insert(Metadata { path, sha256 });
                }
            }
            _ => {}
        }
    }
    Ok(all)
}

/// What a primary.xml lists, and what of it could not be read.
pub fn packages(primary: &[u8]) -> Result<(Vec<Found>, Vec<Fault>), Fault> {
    let mut reader = Reader::from_str(text("primary.xml", primary)?);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut current: Option<Listed> = None;
    let mut reading = Reading::Nothing;
    loop {
        match event(&mut reader, "primary.xml")? {
            Event::Eof => break,
            Event::Start(e) | Event::Empty(e) => {
                if e.local_name().as_ref() == "package" {
                    current = Some(Listed::default());
                } else if let Some(listed) = &mut current {
                    reading = listed.take(&e);
                }
            }
            Event::Text(t) => {
                if let Some(listed) = &mut current {
                    listed.text(&reading, t.trim());
                }
                reading = Reading::Nothing;
            }
            Event::End(e) if e.local_name().as_ref() == "package" => {
                if found.len() + faults.len() >= MAX_FOUND {
                    return Err(too_many("primary.xml"));
                }
                match current.take().map(Listed::found) {
                    Some(Ok(f)) => found.push(f),
                    Some(Err(f)) => faults.push(f),
                    None => {}
                }
            }
            _ => {}
        }
    }
    Ok((found, faults))
}

const HINT: &str = "let createrepo_c write the repository's metadata anew";

/// Which text comes next.
enum Reading {
    Nothing,
    Name,
    Sha256,
}

/// One `<package>`, as far as it has been read.
#[derive(Default)]
struct Listed {
    name: String,
    href: Option<String>,
    base: Option<String>,
    sha256: Option<Digest>,
    size_bytes: Option<u64>,
    time: Option<Timestamp>,
}

impl Listed {
    fn take(&mut self, e: &BytesStart<'_>) -> Reading {
        match e.local_name().as_ref() {
            "name" if self.name.is_empty() => return Reading::Name,
            "checksum" if attribute(e, "type").as_deref() == Some("sha256") => return Reading::Sha256,
            "location" => {
                self.href = attribute(e, "href");
                self.base = attribute(e, "xml:base");
            }
            "size" => self.size_bytes = attribute(e, "package").and_then(|s| s.parse().ok()),
            "time" => {
                let seconds = attribute(e, "file").and_then(|s| s.parse().ok());
                self.time = seconds.filter(|s| *s > 0).map(Timestamp::from_unix_seconds);
            }
            _ => {}
        }
        Reading::Nothing
    }

    fn text(&mut self, reading: &Reading, text: &str) {
        match reading {
            Reading::Name => text.clone_into(&mut self.name),
            Reading::Sha256 => self.sha256 = text.parse().ok(),
            Reading::Nothing => {}
        }
    }

    fn found(self) -> Result<Found, Fault> {
        let place = match (&self.href, &self.base) {
            (Some(href), Some(base)) if base.contains("://") => {
                Place::linked("", &format!("{}/{href}", base.trim_end_matches('/')))
            }
            (Some(href), _) => Place::below(href),
            (None, _) => None,
        };
        let place = place.ok_or_else(|| {
            let rule = "its entry in primary.xml: its location leaves the repository, or is missing";
            Fault::new(rule, HINT).at(&self.name)
        })?;
        Ok(Found {
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            time: self.time,
            ..Found::at(place)
        })
    }
}

fn event<'a>(reader: &mut Reader<&'a [u8]>, what: &str) -> Result<Event<'a>, Fault> {
    reader.read_event().map_err(|e| {
        Fault::new(
            format!("{what} is not XML at byte {}: {e}", reader.error_position()),
            HINT,
        )
    })
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = e.try_get_attribute(name).ok()??;
    let text = &found.value;
    Some(quick_xml::escape::unescape(text).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_primary_lists_place_digest_size_and_time() {
        let xml = r#"<metadata xmlns="c"><package type="rpm"><name>a</name><checksum type="sha256" pkgid="YES">2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824</checksum>
<time file="1553212800" build="1"/><size package="7" installed="9"/><location href="p/a&amp;b-1-1.noarch.rpm"/><format><rpm:entry xmlns:rpm="r" name="x"/></format></package>
<package type="rpm"><name>b</name><location href="../b-1-1.noarch.rpm"/></package></metadata>"#;
        let (found, faults) = packages(xml.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, Place::Below("p/a&b-1-1.noarch.rpm".to_owned()));
        assert_eq!(
            (found[0].size_bytes, found[0].sha256),
            (Some(7), Some(Digest::of(b"hello")))
        );
        assert_eq!(found[0].time, Some(Timestamp::from_unix_seconds(1_553_212_800)));
        assert!(faults[0].to_string().contains("`b`"), "{}", faults[0]);
    }

    #[test]
    fn a_repomd_names_its_primary() {
        let xml = r#"<repomd><data type="filelists"><location href="repodata/f.xml.gz"/></data><data type="primary"><checksum type="sha256">2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824</checksum><location href="repodata/p.xml.gz"/></data><data type="other"><location href="repodata/o.xml.gz"/></data></repomd>"#;
        let primary = primary_of(xml.as_bytes()).unwrap();
        assert_eq!(primary.path, "repodata/p.xml.gz");
        assert_eq!(primary.sha256, Some(Digest::of(b"hello")));
        let outside = xml.replace("repodata/p", "../../p");
        assert!(primary_of(outside.as_bytes()).is_err());
    }
}
