//! `debian/rules` (Debian Policy 4.9): a makefile that installs every path with its mode, and four commands of debhelper
//! that make a package of it.

use super::install::Step;
use packyard_formats::{compress::Compression, dsc::write::DscSpec};
use std::collections::BTreeMap;

/// How many words a command has at most; the rest goes into another one.
const WORDS: usize = 200;

const HEAD: &str = "\
#!/usr/bin/make -f
# Installs what the package holds, each path with its mode, and nothing is left to
# guess: from the upstream tree what is in there, from debian/ what was generated.

";

/// `compression` is what the project file asks for; else the builder's distribution has its own.
pub(super) fn rules(spec: &DscSpec, compression: Option<Compression>, steps: &[Step]) -> String {
    let first = spec.binaries.first();
    let package = first.map_or("", |binary| binary.name.as_str());
    let is_all = first.is_none_or(|binary| binary.arch.as_str() == "all");
    let (mine, other) = if is_all {
        ("binary-indep", "binary-arch")
    } else {
        ("binary-arch", "binary-indep")
    };
    let options = match compression {
        None => "",
        Some(Compression::Gzip) => " -- -Zgzip",
        Some(Compression::Xz) => " -- -Zxz",
        Some(Compression::Zstd) => " -- -Zzstd",
    };
    format!(
        "{HEAD}ROOT = debian/{package}\n\n\
         build build-arch build-indep:\n\n\
         clean:\n\tdh_testdir\n\tdh_prep\n\trm -rf debian/.debhelper debian/files\n\n\
         install:\n\tdh_testdir\n\tdh_prep\n{}\n\
         {mine}: install\n\tdh_installdeb\n\tdh_gencontrol\n\tdh_md5sums\n\tdh_builddeb{options}\n\n\
         {other}:\n\n\
         binary: binary-arch binary-indep\n\n\
         .PHONY: build build-arch build-indep clean install binary binary-arch binary-indep\n",
        recipe(steps)
    )
}

/// The commands that install everything: directories first, then files by directory and mode.
fn recipe(steps: &[Step]) -> String {
    let mut directories = Vec::new();
    let mut unusual = String::new();
    let mut copies: BTreeMap<(String, u16), Vec<String>> = BTreeMap::new();
    let mut rest = String::new();
    for step in steps {
        match step {
            Step::Directory { path, mode } => {
                directories.push(installed(path));
                if *mode != 0o755 {
                    unusual.push_str(&format!("\tchmod {mode:04o} {}\n", installed(path)));
                }
            }
            Step::Link { path, to } => {
                rest.push_str(&format!("\tln -s {} {}\n", word(to), installed(path)));
            }
            Step::File {
                source,
                path,
                mode,
                gzip,
            } => {
                let (directory, base) = path.rsplit_once('/').unwrap_or(("", path));
                if !gzip && source.rsplit('/').next() == Some(base) {
                    let of = copies.entry((directory.to_owned(), *mode)).or_default();
                    of.push(given(source));
                    continue;
                }
                let target = installed(path);
                rest.push_str(&format!(
                    "\tinstall -m {mode:04o} -T {} {target}\n",
                    given(source)
                ));
                if *gzip {
                    rest.push_str(&format!("\tgzip -9n {target}\n"));
                }
            }
        }
    }
    // Each is made with its mode, whatever the umask; one that nobody may write to gets it when all is in there.
    let mut out = commands("install -d -m 0755", &directories);
    for ((directory, mode), sources) in copies {
        let command = format!("install -m {mode:04o} -t {}", installed(&directory));
        out.push_str(&commands(&command, &sources));
    }
    out + &rest + &unusual
}

/// A command for all words, or several, each word on a line of its own.
fn commands(command: &str, words: &[String]) -> String {
    let one = |words: &[String]| {
        let lines: String = words.iter().map(|word| format!(" \\\n\t\t{word}")).collect();
        format!("\t{command}{lines}\n")
    };
    words.chunks(WORDS).map(one).collect()
}

/// A path of the package, below its root.
fn installed(path: &str) -> String {
    if path.is_empty() {
        return "$(ROOT)".to_owned();
    }
    format!("$(ROOT)/{}", word(path))
}

/// A path of the source, which is no option whatever it begins with.
fn given(path: &str) -> String {
    if path.starts_with('-') {
        word(&format!("./{path}"))
    } else {
        word(path)
    }
}

/// One word for make and for the shell.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-@:,=".contains(c);
    let text = text.replace('$', "$$");
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(source: &str, path: &str, mode: u16, gzip: bool) -> Step {
        Step::File {
            source: source.into(),
            path: path.into(),
            mode,
            gzip,
        }
    }

    #[test]
    fn every_path_is_one_word_and_has_its_mode() {
        let steps = [
            Step::Directory {
                path: "etc".into(),
                mode: 0o700,
            },
            Step::Directory {
                path: "usr".into(),
                mode: 0o755,
            },
            file("a b/it's $5", "usr/it's $5", 0o640, false),
            file("debian/changelog", "usr/changelog.Debian", 0o644, true),
            file("-f", "usr/-f", 0o4755, false),
            Step::Link {
                path: "usr/l".into(),
                to: "x".into(),
            },
        ];
        assert_eq!(
            recipe(&steps),
            "\tinstall -d -m 0755 \\\n\t\t$(ROOT)/etc \\\n\t\t$(ROOT)/usr\n\
             \tinstall -m 0640 -t $(ROOT)/usr \\\n\t\t'a b/it'\\''s $$5'\n\
             \tinstall -m 4755 -t $(ROOT)/usr \\\n\t\t./-f\n\
             \tinstall -m 0644 -T debian/changelog $(ROOT)/usr/changelog.Debian\n\
             \tgzip -9n $(ROOT)/usr/changelog.Debian\n\tln -s x $(ROOT)/usr/l\n\
             \tchmod 0700 $(ROOT)/etc\n"
        );
    }
}
