//! The files of `debian/`: Debian Policy 4 and 5, debhelper(7), deb-substvars(5).

use super::rules;
use crate::{
    BuildError,
    plan::{
        file::loader_cache,
        installation::{self, Generated, Installation, installation},
    },
    python::Files,
};
use packyard_formats::{
    compress::Compression,
    content::SourceFile,
    deb::{ldconfig, write::DebSpec},
    dsc::write::{DscSpec, SourceFormat},
    entries::{EntryKind, Role},
};

/// `debian/` of one source package.
pub(super) struct Debian {
    pub files: Files,
    /// What of it was compiled elsewhere.
    pub compiled: Vec<String>,
}

/// `compression` is what the project file asks for.
pub(super) fn files(
    spec: &DscSpec,
    binary: &DebSpec,
    changelog: String,
    compression: Option<Compression>,
) -> Result<Debian, BuildError> {
    let fixed = Files::from([("changelog".to_owned(), text(changelog))]);
    let package = spec.binaries.first().map_or("", |binary| binary.name.as_str());
    let generated = Generated {
        below: "debian",
        package,
    };
    let Installation { steps, data, .. } = installation(&spec.tree.files, &binary.entries, generated, fixed)?;
    let mut files = data;
    let binaries: Vec<String> = match spec.format {
        // A native archive may hold anything.
        SourceFormat::Native => Vec::new(),
        SourceFormat::Quilt => files
            .iter()
            .filter_map(|(name, file)| match installation::is_binary(file, name) {
                Ok(true) => Some(Ok(format!("debian/{name}"))),
                Ok(false) => None,
                Err(e) => Some(Err(e)),
            })
            .collect::<Result<_, _>>()?,
    };
    if !binaries.is_empty() {
        let list = binaries.join("\n") + "\n";
        files.insert("source/include-binaries".to_owned(), text(list));
    }
    let conffiles = conffiles(binary);
    if !conffiles.is_empty() {
        files.insert(format!("{package}.conffiles"), text(conffiles));
    }
    if loader_cache(&binary.entries)?.is_some() {
        files.insert(format!("{package}.triggers"), text(ldconfig::TRIGGER.to_owned()));
    }
    for (name, script) in &binary.scripts {
        files.insert(format!("{package}.{}", name.as_str()), text(with_token(script)));
    }
    let format = format!("{}\n", spec.format.as_str());
    files.insert("source/format".to_owned(), text(format));
    files.insert("control".to_owned(), text(control(spec, binary)));
    let rules = SourceFile {
        executable: true,
        ..text(rules::rules(spec, compression, &steps))
    };
    files.insert("rules".to_owned(), rules);
    let compiled = installation::compiled(&steps, &spec.tree.files, "debian", &files);
    Ok(Debian { files, compiled })
}

fn text(text: String) -> SourceFile {
    SourceFile {
        content: text.into_bytes().into(),
        executable: false,
    }
}

/// Where what debhelper's own commands generate goes, in the first blank line: none of those that `rules` calls generates
/// anything, and a blank line is left of it.
fn with_token(script: &str) -> String {
    script.replacen("\n\n", "\n#DEBHELPER#\n", 1)
}

/// Configuration outside /etc; dh_installdeb finds what is in there.
fn conffiles(binary: &DebSpec) -> String {
    let is_listed =
        |path: &str, role: Role| matches!(role, Role::Config { .. }) && !path.starts_with("/etc/");
    let listed = binary.entries.iter().filter(|(path, entry)| {
        matches!(entry.kind, EntryKind::File(_)) && is_listed(path.as_str(), entry.role)
    });
    listed.map(|(path, _)| format!("{path}\n")).collect()
}

/// The source's paragraph and the package's. dpkg-gencontrol gives the package what only the source's says.
fn control(spec: &DscSpec, binary: &DebSpec) -> String {
    const OF_THE_SOURCE: [&str; 6] = [
        "Source",
        "Version",
        "Maintainer",
        "Section",
        "Priority",
        "Homepage",
    ];
    let field = |key: &str| {
        let mut fields = binary.control.iter();
        fields.find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    };
    let mut out = String::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            out.push_str(&format!("{key}: {value}\n"));
        }
    };
    put("Source", spec.source.as_str());
    put("Section", field("Section").unwrap_or_default());
    put("Priority", field("Priority").unwrap_or_default());
    put("Maintainer", &spec.maintainer);
    put("Build-Depends", &spec.build_depends);
    put("Standards-Version", &spec.standards);
    put("Homepage", spec.homepage.as_deref().unwrap_or_default());
    put("Rules-Requires-Root", "no");
    out.push('\n');
    for (key, value) in &binary.control {
        if OF_THE_SOURCE.contains(&key.as_str()) {
            continue;
        }
        let value = literal(value);
        match key.as_str() {
            "Depends" => out.push_str(&format!("{key}: {value}, ${{misc:Depends}}\n")),
            "Description" if field("Depends").is_none() => {
                out.push_str(&format!("Depends: ${{misc:Depends}}\n{key}: {value}\n"));
            }
            _ => out.push_str(&format!("{key}: {value}\n")),
        }
    }
    out
}

/// A value in which nothing is substituted.
fn literal(value: &str) -> String {
    value.replace("${", "${}{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_takes_the_place_of_the_blank_line_before_the_first_part() {
        let script = "#!/bin/sh\nset -e\n\nif true; then\n\ttrue\nfi\n\nhook\n";
        assert_eq!(
            with_token(script),
            "#!/bin/sh\nset -e\n#DEBHELPER#\nif true; then\n\ttrue\nfi\n\nhook\n"
        );
    }

    #[test]
    fn what_looks_like_a_variable_is_none() {
        assert_eq!(literal("costs ${5}, $6"), "costs ${}{5}, $6");
    }
}
