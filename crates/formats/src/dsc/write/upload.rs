//! What an upload consists of beside the source: deb-buildinfo(5) and deb-changes(5), for the source alone, and for the
//! source with the packages that are built from it.

use super::{DscSpec, Summed, lines, paragraph};
use std::{collections::BTreeSet, io};

/// What goes with the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// Nothing.
    Source,
    /// The packages of [`DscSpec::binaries`].
    Full,
}

impl Upload {
    /// `NAME_VERSION_source.changes`, or with the architecture of the packages instead.
    pub fn changes_name(self, spec: &DscSpec) -> String {
        format!(
            "{}_{}_{}.changes",
            spec.source,
            spec.plain_version(),
            self.ending(spec)
        )
    }

    /// `NAME_VERSION_source.buildinfo`, or with the architecture of the packages instead.
    pub fn buildinfo_name(self, spec: &DscSpec) -> String {
        format!(
            "{}_{}_{}.buildinfo",
            spec.source,
            spec.plain_version(),
            self.ending(spec)
        )
    }

    fn ending(self, spec: &DscSpec) -> String {
        match (self, architectures(spec).iter().find(|arch| **arch != "all")) {
            (Self::Source, _) => "source".to_owned(),
            (Self::Full, Some(arch)) => (*arch).to_owned(),
            (Self::Full, None) => "all".to_owned(),
        }
    }

    /// The names of the packages, and a line for each.
    fn packages(self, spec: &DscSpec) -> (String, String) {
        match self {
            Self::Source => (String::new(), String::new()),
            Self::Full => {
                let names: Vec<&str> = spec.binaries.iter().map(|binary| binary.name.as_str()).collect();
                let lines = spec.binaries.iter();
                let lines = lines.map(|binary| format!("\n {} - {}", binary.name, binary.synopsis));
                (names.join(" "), lines.collect())
            }
        }
    }
}

fn architectures(spec: &DscSpec) -> BTreeSet<&str> {
    spec.binaries.iter().map(|binary| binary.arch.as_str()).collect()
}

/// The text of the .buildinfo: what made these files, the .dsc first, is one program and nothing else, on whatever
/// machine.
pub fn buildinfo(spec: &DscSpec, upload: Upload, made: &[Summed]) -> io::Result<String> {
    let date = spec.tree.mtime;
    let mut arches: Vec<&str> = match upload {
        Upload::Source => Vec::new(),
        Upload::Full => architectures(spec).into_iter().collect(),
    };
    arches.push("source");
    paragraph(&[
        ("Format", "1.0"),
        ("Source", spec.source.as_str()),
        ("Binary", &upload.packages(spec).0),
        ("Architecture", &arches.join(" ")),
        ("Version", &spec.version),
        ("Checksums-Md5", &lines(made, Summed::md5_line)),
        ("Checksums-Sha1", &lines(made, Summed::sha1_line)),
        ("Checksums-Sha256", &lines(made, Summed::sha256_line)),
        ("Build-Architecture", "all"),
        ("Build-Date", &date.rfc2822()),
        ("Installed-Build-Depends", &format!("\n {}", spec.made_with)),
        (
            "Environment",
            &format!("\n SOURCE_DATE_EPOCH=\"{}\"", date.unix_seconds()),
        ),
    ])
}

/// The text of the .changes of an upload with the whole source. `files` are those that belong to it, in their order.
pub fn changes(spec: &DscSpec, upload: Upload, files: &[Summed]) -> io::Result<String> {
    let first = spec.binaries.first();
    let kind = first.map_or_else(String::new, |binary| {
        format!("{} {}", binary.section, binary.priority)
    });
    let newest = &spec.newest;
    let closes: Vec<String> = newest.closes.iter().map(ToString::to_string).collect();
    let mut arches = vec!["source"];
    if upload == Upload::Full {
        arches.extend(architectures(spec));
    }
    let (names, descriptions) = upload.packages(spec);
    paragraph(&[
        ("Format", "1.8"),
        ("Date", &newest.date),
        ("Source", spec.source.as_str()),
        ("Binary", &names),
        ("Architecture", &arches.join(" ")),
        ("Version", &spec.version),
        (
            "Distribution",
            spec.distribution.as_deref().unwrap_or(&newest.distribution),
        ),
        ("Urgency", &newest.urgency),
        ("Maintainer", &spec.maintainer),
        ("Changed-By", &newest.author),
        ("Description", &descriptions),
        ("Closes", &closes.join(" ")),
        ("Changes", &newest.folded()),
        ("Checksums-Sha1", &lines(files, Summed::sha1_line)),
        ("Checksums-Sha256", &lines(files, Summed::sha256_line)),
        ("Files", &lines(files, |file| file.md5_line_with(&kind))),
    ])
}
