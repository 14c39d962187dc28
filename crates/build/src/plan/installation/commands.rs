//! The commands that install the files of a package, in a makefile or in a .spec.

use super::Step;
use std::collections::BTreeMap;

/// How many words a command has at most; the rest goes into another one.
const WORDS: usize = 200;

/// What reads the commands before the shell does.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Shell {
    /// How the root of the package is said.
    pub root: &'static str,
    /// What a command begins with.
    pub indent: &'static str,
    /// The character that stands for itself only twice.
    pub special: char,
    /// What `/usr` is called in front of `/lib`.
    pub usr: &'static str,
}

/// The commands that install everything: directories first, then files by directory and mode.
pub(in crate::plan) fn commands(steps: &[Step], shell: Shell) -> String {
    let indent = shell.indent;
    let mut directories = Vec::new();
    let mut unusual = String::new();
    let mut copies: BTreeMap<(String, u16), Vec<String>> = BTreeMap::new();
    let mut rest = String::new();
    for step in steps {
        match step {
            Step::Directory { path, mode } => {
                directories.push(shell.installed(path));
                if *mode != 0o755 {
                    unusual.push_str(&format!("{indent}chmod {mode:04o} {}\n", shell.installed(path)));
                }
            }
            Step::Link { path, to } => {
                rest.push_str(&format!(
                    "{indent}ln -s {} {}\n",
                    shell.word(to),
                    shell.installed(path)
                ));
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
                    of.push(shell.given(source));
                    continue;
                }
                let target = shell.installed(path);
                rest.push_str(&format!(
                    "{indent}install -m {mode:04o} -T {} {target}\n",
                    shell.given(source)
                ));
                if *gzip {
                    rest.push_str(&format!("{indent}gzip -9n {target}\n"));
                }
            }
        }
    }
    // Each is made with its mode, whatever the umask; one that nobody may write to gets it when all is in there.
    let mut out = shell.command("install -d -m 0755", &directories);
    for ((directory, mode), sources) in copies {
        let command = format!("install -m {mode:04o} -t {}", shell.installed(&directory));
        out.push_str(&shell.command(&command, &sources));
    }
    out + &rest + &unusual
}

impl Shell {
    /// A command for all words, or several, each word on a line of its own.
    fn command(self, command: &str, words: &[String]) -> String {
        let indent = self.indent;
        let one = |words: &[String]| {
            let lines: String = words
                .iter()
                .map(|word| format!(" \\\n{indent}\t{word}"))
                .collect();
            format!("{indent}{command}{lines}\n")
        };
        words.chunks(WORDS).map(one).collect()
    }

    /// A path of the package, below its root.
    pub fn installed(self, path: &str) -> String {
        if path.is_empty() {
            return self.root.to_owned();
        }
        match path.strip_prefix("usr/lib") {
            Some("") => format!("{}{}/lib", self.root, self.usr),
            Some(rest) if rest.starts_with('/') => {
                format!("{}{}/lib{}", self.root, self.usr, self.word(rest))
            }
            _ => format!("{}/{}", self.root, self.word(path)),
        }
    }

    /// A path of the source, which is no option whatever it begins with.
    fn given(self, path: &str) -> String {
        if path.starts_with('-') {
            self.word(&format!("./{path}"))
        } else {
            self.word(path)
        }
    }

    /// One word for the shell, and for what reads the line before it.
    fn word(self, text: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-@:,=".contains(c);
        let text = text.replace(self.special, &format!("{0}{0}", self.special));
        if !text.is_empty() && text.chars().all(is_plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
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
        let make = Shell {
            root: "$(ROOT)",
            indent: "\t",
            special: '$',
            usr: "/usr",
        };
        assert_eq!(
            commands(&steps, make),
            "\tinstall -d -m 0755 \\\n\t\t$(ROOT)/etc \\\n\t\t$(ROOT)/usr\n\
             \tinstall -m 0640 -t $(ROOT)/usr \\\n\t\t'a b/it'\\''s $$5'\n\
             \tinstall -m 4755 -t $(ROOT)/usr \\\n\t\t./-f\n\
             \tinstall -m 0644 -T debian/changelog $(ROOT)/usr/changelog.Debian\n\
             \tgzip -9n $(ROOT)/usr/changelog.Debian\n\tln -s x $(ROOT)/usr/l\n\
             \tchmod 0700 $(ROOT)/etc\n"
        );
    }
}
