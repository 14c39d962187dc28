//! The text of a .spec (rpm's docs/manual/spec.md): a script that installs every path, and everything that rpmbuild would
//! find out or change by itself, said.

use super::{archive, file_list};
use crate::{
    BuildError, Diagnostic,
    plan::installation::{Shell, Step, commands},
};
use packyard_formats::{compress::Compression, entries::EntryKind, rpm::write::RpmSpec};
use packyard_types::{RpmArch, RpmDependency, RpmFlags};
use std::collections::BTreeSet;

/// rpmlint takes `/usr/lib` for a mistake, since most of what lies there has another place where libraries have two.
pub(super) const USR: &str = "%{_exec_prefix}";

/// A section of a .spec, where rpm takes a `%` for its own.
const SHELL: Shell = Shell {
    root: "%{buildroot}",
    indent: "",
    special: '%',
    usr: USR,
};

/// Whether a .spec is one that was ejected, by how it begins.
pub(in crate::plan) fn is_ejected(text: &str) -> bool {
    HEAD.lines().next().is_some_and(|first| text.starts_with(first))
}

/// What rpmbuild must not do: strip, compress and rewrite files, find out relations (all are said, but for those of
/// configuration, which it knows without looking), cut the changelog, sum with MD5.
const HEAD: &str = "\
# Installs what the package holds, each path with its mode, and nothing is left to
# guess: from the upstream tree what is in there, from rpm/ what was generated.
# `rpmbuild -bb --build-in-place` builds from a tree that has both.
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global __requires_exclude ^.*$
%global __provides_exclude ^.*$
%global _binary_filedigest_algorithm 8
%global _source_filedigest_algorithm 8
%global _changelog_trimtime 0
%global _changelog_trimage 0
%global clamp_mtime_to_source_date_epoch 0
";

/// What a .spec is made from.
pub(super) struct Sources<'a> {
    pub binary: &'a RpmSpec,
    /// The source package's name.
    pub source: &'a str,
    /// The one directory of the upstream archive.
    pub top: &'a str,
    pub has_generated: bool,
    pub steps: Vec<Step>,
}

pub(super) fn text(sources: &Sources<'_>) -> Result<String, BuildError> {
    let binary = sources.binary;
    let is_other = binary.name.as_str() != sources.source;
    // Sections of a package that is called otherwise than its source say so.
    let of = if is_other {
        format!(" -n {}", binary.name)
    } else {
        String::new()
    };
    let relations = relations(binary)?;
    let description = literal_lines("description", &binary.description)?;
    let mut out = HEAD.to_owned();
    out.push_str(&format!(
        "%global _binary_payload {}\n\n",
        payload(binary.compression)
    ));
    out.push_str(&preamble(sources));
    if is_other {
        out.push_str(&format!("\n%description\n{description}\n\n%package{of}\n"));
        out.push_str(&tag("Summary", &binary.summary));
        out.push_str(&tag("Group", &binary.group));
    }
    out.push_str(&relations);
    out.push_str(&format!("\n%description{of}\n{description}\n"));
    out.push_str(&prep(sources));
    out.push_str(&install(sources));
    for (name, script) in scripts(binary) {
        let script = literal_lines("scriptlet", script.trim_end())?;
        out.push_str(&format!("\n%{name}{of}\n{script}\n"));
    }
    out.push_str(&format!("\n%files{of}\n{}", file_list::lines(binary)?));
    out.push_str("\n%changelog\n");
    out.push_str(&changelog(binary)?);
    Ok(out)
}

fn payload(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "w9.gzdio",
        Compression::Xz => "w6.xzdio",
        Compression::Zstd => "w3.zstdio",
    }
}

/// One line, in which nothing is expanded.
fn literal(text: &str) -> String {
    text.replace('%', "%%")
}

fn tag(key: &str, value: &str) -> String {
    format!("{key}: {}\n", literal(value))
}

fn preamble(sources: &Sources<'_>) -> String {
    let binary = sources.binary;
    let mut out = tag("Name", sources.source);
    if binary.epoch > 0 {
        out.push_str(&tag("Epoch", &binary.epoch.to_string()));
    }
    out.push_str(&tag("Version", &binary.version));
    out.push_str(&tag("Release", &binary.release));
    out.push_str(&tag("Summary", &binary.summary));
    out.push_str(&tag("License", &binary.license));
    // Who packages it is for the one to say who does.
    let optional = [("URL", &binary.url), ("Vendor", &binary.vendor)];
    for (key, value) in optional {
        if let Some(value) = value {
            out.push_str(&tag(key, value));
        }
    }
    out.push_str(&tag("Group", &binary.group));
    out.push_str(&tag("Source0", &archive(sources.top, false)));
    if sources.has_generated {
        out.push_str(&tag("Source1", &archive(sources.top, true)));
    }
    let arch = if binary.arch == RpmArch::noarch() {
        "BuildArch"
    } else {
        "ExclusiveArch"
    };
    out + &tag(arch, binary.arch.as_str())
}

/// What it requires, provides and so on.
fn relations(binary: &RpmSpec) -> Result<String, BuildError> {
    let mut out = String::new();
    let mut owners = BTreeSet::new();
    for owner in binary.listed().map(|(_, entry)| &entry.owner) {
        owners.extend((owner.user != "root").then(|| format!("user({})", owner.user)));
        owners.extend((owner.group != "root").then(|| format!("group({})", owner.group)));
    }
    let users = binary.users().map_err(|e| BuildError::Make {
        artifact: format!("{}.spec", binary.name),
        reason: e.to_string(),
    })?;
    let kinds = [
        ("Requires", &binary.requires),
        ("Recommends", &binary.recommends),
        ("Suggests", &binary.suggests),
        ("Supplements", &binary.supplements),
        ("Enhances", &binary.enhances),
        ("Conflicts", &binary.conflicts),
        ("Provides", &binary.provides),
        ("Obsoletes", &binary.obsoletes),
    ];
    for (key, list) in kinds {
        for relation in list {
            let key = if relation.pre {
                "Requires(pre,post,preun,postun)"
            } else {
                key
            };
            out.push_str(&tag(key, &spelled(relation)));
        }
    }
    for owner in owners {
        out.push_str(&tag("Recommends", &owner));
    }
    for (name, version) in users {
        // rpm 4.19 takes the version for a line of sysusers.d, which may have what no version in a .spec may.
        let is_version = !version.is_empty() && !version.contains('/');
        let version = if is_version {
            format!(" = {version}")
        } else {
            String::new()
        };
        out.push_str(&tag("Provides", &format!("{name}{version}")));
    }
    Ok(out)
}

fn spelled(relation: &RpmDependency) -> String {
    let operator = match relation.flags {
        None => return relation.name.clone(),
        Some(RpmFlags::Equal) => "=",
        Some(RpmFlags::Less) => "<",
        Some(RpmFlags::Greater) => ">",
        Some(RpmFlags::LessOrEqual) => "<=",
        Some(RpmFlags::GreaterOrEqual) => ">=",
    };
    format!("{} {operator} {}", relation.name, relation.version)
}

fn prep(sources: &Sources<'_>) -> String {
    let also = if sources.has_generated { " -a 1" } else { "" };
    format!(
        "\n%prep\n%if !0%{{?_build_in_place}}\n%setup -q -n {}{also}\n%endif\n\n%build\n",
        literal(sources.top)
    )
}

/// Every path; directories get their modes in `%files`, so that rpmbuild can remove them again.
fn install(sources: &Sources<'_>) -> String {
    let plain = |step: &Step| match step {
        Step::Directory { path, .. } => Step::Directory {
            path: path.clone(),
            mode: 0o755,
        },
        other => other.clone(),
    };
    let steps: Vec<Step> = sources.steps.iter().map(plain).collect();
    let entries = &sources.binary.entries;
    let ghosts = entries.iter().filter(|(_, entry)| entry.kind == EntryKind::Ghost);
    let ghosts: String = ghosts
        .map(|(path, _)| format!("touch {}\n", SHELL.installed(path.relative())))
        .collect();
    format!(
        "\n%install\n{}{ghosts}find %{{buildroot}} -exec touch -h -d @{} {{}} +\n",
        commands(&steps, SHELL),
        entries.mtime().unix_seconds()
    )
}

fn scripts(binary: &RpmSpec) -> impl Iterator<Item = (&'static str, &str)> {
    let scripts = &binary.scripts;
    let named = [
        ("pretrans", &scripts.pretrans),
        ("pre", &scripts.pre),
        ("post", &scripts.post),
        ("preun", &scripts.preun),
        ("postun", &scripts.postun),
        ("posttrans", &scripts.posttrans),
    ];
    named
        .into_iter()
        .filter_map(|(name, script)| Some((name, script.as_deref()?)))
}

/// Lines in which nothing is expanded. One that begins with a word of rpm's own would end them, however it is escaped.
fn literal_lines(what: &str, text: &str) -> Result<String, BuildError> {
    const WORDS: &str = "package prep build install check clean preun postun pretrans posttrans pre post preuntrans \
        postuntrans files changelog description triggerpostun triggerprein triggerun triggerin trigger verifyscript \
        generate_buildrequires sepolicy filetriggerin filetrigger filetriggerun filetriggerpostun transfiletriggerin \
        transfiletrigger transfiletriggerun transfiletriggerpostun conf patchlist sourcelist include if ifarch ifnarch \
        ifos ifnos else elif elifarch elifos endif";
    let first = |line: &str| {
        let word = line.trim_start().strip_prefix('%')?.split_whitespace().next()?;
        WORDS.split_whitespace().find(|known| *known == word)
    };
    match text.lines().find_map(first) {
        None => Ok(literal(text)),
        Some(word) => {
            let message =
                format!("a line of the {what} begins with `%{word}`, which a .spec takes for its own");
            let problem = Diagnostic::new(message);
            Err(problem.hint("let something stand before it").into())
        }
    }
}

/// A line that begins with `#` would be a comment, however far it is indented; it goes to the line before.
fn changelog(binary: &RpmSpec) -> Result<String, BuildError> {
    let mut entries = Vec::new();
    for entry in &binary.changelog {
        let mut text = String::new();
        for line in entry.text.lines() {
            let end = if line.trim_start().starts_with('#') {
                " "
            } else {
                "\n"
            };
            let line = if end == " " { line.trim_start() } else { line };
            text.push_str(if text.is_empty() { "" } else { end });
            text.push_str(line);
        }
        let text = literal_lines("changelog", &text)?;
        let day = entry.at.strftime("%a %b %d %Y");
        entries.push(format!("* {day} {}\n{text}\n", literal(&entry.author)));
    }
    Ok(entries.join("\n"))
}
