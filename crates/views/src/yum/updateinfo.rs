//! updateinfo.xml: why to update.
//!
//! An `update` lists all packages of one build, so that clients which take one update for each id miss none of them.
//! What is written by hand comes first, and takes the place of what would be made under the same id.

use super::{
    advisory::Advisory,
    xml::{attribute, element},
};
use crate::rope::{Document, Entry, Group, Identity, between};
use packyard_types::{Artifact, Digest, DistributionName, RpmFacts};
use std::collections::BTreeSet;

const END: &str = "</update>\n";
const PACKAGES: &str = "        <package ";
const PACKAGES_END: &str = "        </package>\n";

/// An updateinfo.xml.
pub(super) struct Updateinfo;

impl Document for Updateinfo {
    fn entry_end(&self) -> &'static str {
        END
    }

    /// The id, and a digest of all but the packages: those of one build say the same.
    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        let said = entry.split_once("<pkglist").map_or(entry, |(said, _)| said);
        Some(Identity {
            name: between(entry, "<id>", "</id>")?,
            version: Digest::of(said.as_bytes()).to_string().into(),
            digest: "",
        })
    }

    fn head(&self, _entries: u64) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n".to_owned()
    }

    fn foot(&self) -> &'static str {
        "</updates>\n"
    }

    fn is_hashed_open(&self) -> bool {
        false
    }

    fn is_offered_as_zstd(&self) -> bool {
        true
    }

    fn parts(&self, entry: &str) -> BTreeSet<String> {
        let list = entry
            .split_once(PACKAGES)
            .map_or("", |(before, _)| &entry[before.len()..]);
        let all = list.split_inclusive(PACKAGES_END);
        all.filter(|part| part.starts_with(PACKAGES))
            .map(str::to_owned)
            .collect()
    }

    fn with_parts(&self, entry: &str, parts: &BTreeSet<String>) -> String {
        let (before, rest) = entry.split_once(PACKAGES).unwrap_or((entry, ""));
        let after = rest.rsplit_once(PACKAGES_END).map_or("", |(_, after)| after);
        let parts: String = parts.iter().map(String::as_str).collect();
        format!("{before}{parts}{after}")
    }
}

/// What a package's changelog says of why to update to it, as its `update` tells it; none where it says nothing.
pub fn advisory_of(facts: &RpmFacts) -> Option<packyard_types::Advisory> {
    let said = Advisory::of(facts)?;
    Some(packyard_types::Advisory {
        why: said.why.as_str().to_owned(),
        severity: said.severity.map(|severity| severity.as_str().to_owned()),
        issued: Some(said.issued),
        id: said.id,
        title: said.title,
        cves: said.cves,
    })
}

/// The advisory of a package: its `update`, and the package's part in it.
pub(super) fn update(
    distribution: &DistributionName,
    artifact: &Artifact,
    facts: &RpmFacts,
) -> Option<(Entry, String)> {
    let advisory = Advisory::of(facts)?;
    let part = package(artifact, facts);
    // Noarch packages of a build stand beside those of an architecture, so all have one group.
    let text = said(&advisory) + &listed(distribution, &part) + END;
    Some((Entry::new(&Updateinfo, Group::OwnArch, text)?, part))
}

/// Whether a package's part is in the repositories of every basearch.
pub(super) fn is_noarch(part: &str) -> bool {
    between(part, " arch=\"", "\"") == Some("noarch")
}

fn said(advisory: &Advisory) -> String {
    let mut out = format!(
        "  <update from=\"{}\" status=\"final\" type=\"{}\" version=\"1\">\n",
        attribute(&advisory.from),
        advisory.why.as_str()
    );
    element(&mut out, 4, "id", &advisory.id);
    element(&mut out, 4, "title", &advisory.title);
    let date = advisory.issued.strftime("%Y-%m-%d %H:%M:%S");
    out.push_str(&format!(
        "    <issued date=\"{date}\"/>\n    <updated date=\"{date}\"/>\n"
    ));
    let severity = advisory
        .severity
        .map_or("None", super::advisory::Severity::as_str);
    element(&mut out, 4, "severity", severity);
    element(&mut out, 4, "summary", &advisory.summary);
    element(&mut out, 4, "description", &advisory.description);
    out.push_str("    <references>\n");
    for cve in &advisory.cves {
        let href = format!("https://www.cve.org/CVERecord?id={cve}");
        reference(&mut out, &href, cve, "cve");
    }
    for (id, url) in &advisory.bugs {
        reference(&mut out, url, id, "bugzilla");
    }
    out.push_str("    </references>\n");
    out
}

fn reference(out: &mut String, href: &str, id: &str, kind: &str) {
    let (href, id) = (attribute(href), attribute(id));
    out.push_str(&format!(
        "      <reference href=\"{href}\" id=\"{id}\" type=\"{kind}\" title=\"{id}\"/>\n"
    ));
}

fn listed(distribution: &DistributionName, part: &str) -> String {
    format!(
        "    <pkglist>\n      <collection short=\"{distribution}\">\n        <name>{distribution}</name>\n{part}      \
         </collection>\n    </pkglist>\n  "
    )
}

fn package(artifact: &Artifact, facts: &RpmFacts) -> String {
    let mut out = format!(
        "{PACKAGES}name=\"{}\" version=\"{}\" release=\"{}\" epoch=\"{}\" arch=\"{}\" src=\"{}\">\n",
        attribute(&facts.name),
        attribute(&facts.version),
        attribute(&facts.release),
        facts.epoch,
        attribute(&facts.arch),
        attribute(&facts.source_rpm),
    );
    element(&mut out, 10, "filename", artifact.name.as_str());
    let digest = artifact.served.digest.to_string();
    out.push_str(&format!("          <sum type=\"sha256\">{digest}</sum>\n"));
    out.push_str(PACKAGES_END);
    out
}

/// The `update` elements of a document that is written by hand, each with its id, as they stand there: from `<update`
/// up to the next `</update>`. Whoever takes a document in has read it as XML, and refuses one in which an XML reader
/// sees others.
pub fn updates(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("<update").filter(|_| !rest.is_empty()) {
        let here = &rest[at..];
        let tag_ends = here["<update".len()..].starts_with([' ', '\t', '\r', '\n', '>']);
        let Some(length) = here.find("</update>").filter(|_| tag_ends) else {
            rest = &here["<update".len()..];
            continue;
        };
        let (update, behind) = here.split_at(length + "</update>".len());
        found.extend(between(update, "<id>", "</id>").map(|id| (id, update)));
        rest = behind;
    }
    found
}

/// The entries of an updateinfo.xml in which these of a document stand first, and of the made ones those under other ids.
pub(super) fn with_written(written: &str, made: Vec<Entry>) -> Vec<Entry> {
    let written = updates(written);
    let ids: BTreeSet<&str> = written.iter().map(|(id, _)| id.trim()).collect();
    let others = made.into_iter().filter(|entry| {
        let id = between(&entry.text, "<id>", "</id>").unwrap_or_default();
        !ids.contains(id)
    });
    let first = written
        .iter()
        .filter_map(|(_, text)| Entry::new(&Updateinfo, Group::AnyAll, format!("  {text}\n")));
    first.chain(others).collect()
}
