//! What an `<update>` that is written by hand says, and of which packages. It was checked when it was taken in; what is
//! not understood here is passed over.

use super::attribute;
use packyard_types::{AdvisedPackage, Advisory, Timestamp};
use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};
use std::collections::BTreeSet;

/// Reads an `<update>` element, from its `<` to its end; none where it has no id, or is no XML.
pub fn advisory(update: &str) -> Option<(Advisory, BTreeSet<AdvisedPackage>)> {
    let mut reading = Reading::default();
    let mut reader = Reader::from_str(update);
    loop {
        match reader.read_event().ok()? {
            Event::Start(e) => reading.start(&e),
            Event::Empty(e) => {
                reading.start(&e);
                reading.end();
            }
            Event::End(_) => reading.end(),
            Event::Text(text) => reading.text.push_str(&text),
            Event::CData(text) => reading.text.push_str(&text),
            Event::GeneralRef(name) => reading.refer(&name),
            Event::Eof => break,
            _ => {}
        }
    }
    let advisory = reading.advisory;
    (!advisory.id.is_empty()).then_some((advisory, reading.packages))
}

/// A reading of one update.
#[derive(Default)]
struct Reading {
    /// The elements that are open.
    open: Vec<String>,
    /// The text of the element that is open, where it has only text.
    text: String,
    advisory: Advisory,
    packages: BTreeSet<AdvisedPackage>,
}

impl Reading {
    fn start(&mut self, e: &BytesStart<'_>) {
        let name = e.name().as_ref().to_owned();
        let of = |name: &str| attribute(e, name).unwrap_or_default();
        match name.as_str() {
            "update" => self.advisory.why = of("type"),
            "issued" => self.advisory.issued = Timestamp::parse_issued(&of("date")),
            "reference" if of("type") == "cve" => {
                self.advisory.cves.insert(of("id"));
            }
            "package" => {
                self.packages.insert(package(&of));
            }
            _ => {}
        }
        self.open.push(name);
        self.text.clear();
    }

    fn end(&mut self) {
        let name = self.open.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.open != ["update"] {
            return;
        }
        match name.as_str() {
            "id" => self.advisory.id = text,
            "title" => self.advisory.title = text,
            "severity" => {
                let said = !text.is_empty() && !text.eq_ignore_ascii_case("none");
                self.advisory.severity = said.then_some(text);
            }
            _ => {}
        }
    }

    fn refer(&mut self, reference: &BytesRef<'_>) {
        match reference.resolve_char_ref() {
            Ok(Some(c)) => self.text.push(c),
            _ => self
                .text
                .push_str(resolve_xml_entity(reference).unwrap_or_default()),
        }
    }
}

fn package(of: &dyn Fn(&str) -> String) -> AdvisedPackage {
    let (version, release) = (of("version"), of("release"));
    let version = match of("epoch").as_str() {
        "" | "0" => format!("{version}-{release}"),
        epoch => format!("{epoch}:{version}-{release}"),
    };
    AdvisedPackage {
        name: of("name"),
        version,
        arch: of("arch"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_says_why_how_grave_and_of_which_packages() {
        let text = "<update from='a' type='security'><id> A-1 </id><title>Q &amp; &#65;</title>\
            <issued date='2026-03-01 12:00:00'/><severity>Critical</severity><description>x</description>\
            <references><reference type='cve' id='CVE-2026-1'/><reference type='bugzilla' id='7' title='t'/></references>\
            <pkglist><collection><title>not this</title><package name='foo' version='1' release='2' epoch='3' \
            arch='x86_64'><filename>f</filename></package><package name='bar' version='1' release='2' arch='noarch'/>\
            </collection></pkglist></update>";
        let (said, packages) = advisory(text).unwrap();
        let cves = said.cves.iter().map(String::as_str);
        assert_eq!(cves.collect::<Vec<_>>(), ["CVE-2026-1"]);
        assert_eq!((said.id.as_str(), said.why.as_str()), ("A-1", "security"));
        assert_eq!(
            (said.title.as_str(), said.severity.as_deref()),
            ("Q & A", Some("Critical"))
        );
        assert_eq!(said.issued.unwrap().to_string(), "2026-03-01T12:00:00Z");
        let packages: Vec<String> = packages
            .iter()
            .map(|p| format!("{} {} {}", p.name, p.version, p.arch))
            .collect();
        assert_eq!(packages, ["bar 1-2 noarch", "foo 3:1-2 x86_64"]);
    }

    #[test]
    fn what_is_not_said_is_none() {
        let (said, packages) =
            advisory("<update type='bugfix'><id>B</id><severity>None</severity></update>").unwrap();
        assert_eq!((said.severity, said.issued), (None, None));
        assert!(packages.is_empty());
        assert_eq!(advisory("<update type='bugfix'/>"), None);
        assert_eq!(advisory("<update><id>"), None);
    }
}
