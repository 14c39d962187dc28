//! primary.xml: what dnf needs to choose packages. Element order and rules are those of createrepo_c
//! (`xml_dump_primary.c`), but for `time file=`: a file's time of change is no fact of the package, so it is the time
//! of the build.

use super::xml::{attribute, element};
use crate::rope::{Document, Identity, between};
use packyard_types::{Artifact, RpmDependency, RpmFacts, RpmFile, RpmFileKind};

/// A primary.xml.
pub(super) struct Primary;

impl Document for Primary {
    fn entry_end(&self) -> &'static str {
        "</package>\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        Some(Identity {
            name: between(entry, "\n  <name>", "</name>")?,
            version: evr(entry)?.into(),
            digest: between(entry, "pkgid=\"YES\">", "</checksum>")?,
        })
    }

    fn head(&self, entries: u64) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <metadata xmlns=\"http://linux.duke.edu/metadata/common\" \
             xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"{entries}\">\n"
        )
    }

    fn foot(&self) -> &'static str {
        "</metadata>\n"
    }

    fn is_hashed_open(&self) -> bool {
        false
    }

    fn is_offered_as_zstd(&self) -> bool {
        true
    }
}

/// `EPOCH:VERSION-RELEASE` from an entry's first `version` element.
pub(super) fn evr(entry: &str) -> Option<String> {
    let version = between(entry, "\n  <version ", "/>")?;
    let part = |name: &str| between(version, &format!("{name}=\""), "\"");
    Some(format!("{}:{}-{}", part("epoch")?, part("ver")?, part("rel")?))
}

/// `<version …/>`, the same in all three documents.
pub(super) fn version(facts: &RpmFacts) -> String {
    let (version, release) = (attribute(&facts.version), attribute(&facts.release));
    format!(
        "  <version epoch=\"{}\" ver=\"{version}\" rel=\"{release}\"/>\n",
        facts.epoch
    )
}

/// The `package` element.
pub(super) fn package(artifact: &Artifact, facts: &RpmFacts) -> String {
    let digest = artifact.served.digest;
    let mut out = "<package type=\"rpm\">\n".to_owned();
    element(&mut out, 2, "name", &facts.name);
    element(&mut out, 2, "arch", &facts.arch);
    out.push_str(&version(facts));
    out.push_str(&format!(
        "  <checksum type=\"sha256\" pkgid=\"YES\">{digest}</checksum>\n"
    ));
    element(&mut out, 2, "summary", &facts.summary);
    element(&mut out, 2, "description", &facts.description);
    element(&mut out, 2, "packager", &facts.packager);
    element(&mut out, 2, "url", &facts.url);
    out.push_str(&format!(
        "  <time file=\"{0}\" build=\"{0}\"/>\n",
        facts.build_time
    ));
    out.push_str(&format!(
        "  <size package=\"{}\" installed=\"{}\" archive=\"{}\"/>\n",
        artifact.served.size_bytes, facts.installed_size_bytes, facts.archive_size_bytes
    ));
    let href = attribute(&format!("Packages/{digest}/{}", artifact.name));
    out.push_str(&format!("  <location href=\"{href}\"/>\n"));
    format_element(&mut out, facts);
    out.push_str("</package>\n");
    out
}

fn format_element(out: &mut String, facts: &RpmFacts) {
    out.push_str("  <format>\n");
    element(out, 4, "rpm:license", &facts.license);
    element(out, 4, "rpm:vendor", &facts.vendor);
    element(out, 4, "rpm:group", &facts.group);
    element(out, 4, "rpm:buildhost", &facts.build_host);
    element(out, 4, "rpm:sourcerpm", &facts.source_rpm);
    let (start, end) = (facts.header_start, facts.header_end);
    out.push_str(&format!(
        "    <rpm:header-range start=\"{start}\" end=\"{end}\"/>\n"
    ));
    for (name, dependencies) in [
        ("provides", &facts.provides),
        ("requires", &facts.requires),
        ("conflicts", &facts.conflicts),
        ("obsoletes", &facts.obsoletes),
        ("suggests", &facts.suggests),
        ("enhances", &facts.enhances),
        ("recommends", &facts.recommends),
        ("supplements", &facts.supplements),
    ] {
        capabilities(out, name, dependencies);
    }
    for one in facts.files.iter().filter(|f| is_primary(&f.path)) {
        file(out, 4, one);
    }
    out.push_str("  </format>\n");
}

fn capabilities(out: &mut String, name: &str, dependencies: &[RpmDependency]) {
    if dependencies.is_empty() {
        return;
    }
    out.push_str(&format!("    <rpm:{name}>\n"));
    for dependency in dependencies.iter().filter(|d| !d.name.is_empty()) {
        out.push_str(&format!(
            "      <rpm:entry name=\"{}\"",
            attribute(&dependency.name)
        ));
        if let Some(flags) = dependency.flags {
            out.push_str(&format!(" flags=\"{}\"", flags.as_str()));
            for (part, value) in split_evr(&dependency.version) {
                if !value.is_empty() {
                    out.push_str(&format!(" {part}=\"{}\"", attribute(value)));
                }
            }
        }
        if dependency.pre && name == "requires" {
            out.push_str(" pre=\"1\"");
        }
        out.push_str("/>\n");
    }
    out.push_str(&format!("    </rpm:{name}>\n"));
}

/// `[EPOCH:]VERSION[-RELEASE]` as attributes; the epoch is 0 where a version has none.
fn split_evr(evr: &str) -> [(&'static str, &str); 3] {
    let (epoch, rest) = evr.split_once(':').unwrap_or(("", evr));
    let epoch = if epoch.is_empty() && !evr.is_empty() {
        "0"
    } else {
        epoch
    };
    let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
    [("epoch", epoch), ("ver", version), ("rel", release)]
}

/// Whether primary.xml lists a path: createrepo_c's rule (`misc.h`), which old clients expect to the letter.
fn is_primary(path: &str) -> bool {
    path.starts_with("/etc/") || path == "/usr/lib/sendmail" || path.contains("bin/")
}

/// `<file>`, the same in primary and filelists.
pub(super) fn file(out: &mut String, indent: usize, file: &RpmFile) {
    let kind = match file.kind {
        RpmFileKind::File => "",
        RpmFileKind::Dir => " type=\"dir\"",
        RpmFileKind::Ghost => " type=\"ghost\"",
    };
    let path = super::xml::text(&file.path);
    out.push_str(&format!("{:indent$}<file{kind}>{path}</file>\n", ""));
}
