//! `setup.sh`: sets a machine's package manager up for a channel, and can be read before it is run.
//!
//! The script fetches nothing: the one file that it writes stands in it, letter by letter, with the key. It shows what it
//! writes, writes nothing when that is there already, and overwrites nothing that is not packyard's. All that comes from
//! outside stands in quoted here-documents and single quotes, where a shell expands nothing; and it is a function that
//! the last line calls, so that half a script does nothing.

use packyard_types::ChannelName;

/// What the script can write, each where the distribution has packages of that kind.
#[derive(Debug, Clone, Default)]
pub struct SetupScript {
    /// The `.sources` file.
    pub apt: Option<String>,
    /// The `.repo` file, and the keys that zypper's rpm has to know.
    pub yum: Option<(String, String)>,
}

impl SetupScript {
    /// The script of a channel that is served at `root`.
    pub fn text(&self, channel: &ChannelName, root: &str, distribution: &str) -> String {
        let id = format!("packyard-{channel}-{distribution}");
        let mut out = HEAD
            .replace("@CHANNEL@", channel.as_str())
            .replace("@ROOT@", &one_line(root))
            .replace(
                "@APT_FILE@",
                &quoted(&format!("/etc/apt/sources.list.d/packyard-{channel}.sources")),
            )
            .replace("@YUM_FILE@", &quoted(&format!("/etc/yum.repos.d/{id}.repo")))
            .replace("@ZYPP_FILE@", &quoted(&format!("/etc/zypp/repos.d/{id}.repo")));
        let (repo, key) = match &self.yum {
            Some((repo, key)) => (Some(repo), Some(key)),
            None => (None, None),
        };
        for (name, text) in [
            ("apt_text", self.apt.as_ref()),
            ("yum_text", repo),
            ("yum_key", key),
        ] {
            out.push_str(&function(name, text.map(String::as_str)));
        }
        out.push_str(TAIL);
        out
    }
}

/// A function that prints a text as it is.
fn function(name: &str, text: Option<&str>) -> String {
    match text {
        Some(text) => {
            let body: Vec<&str> = text.lines().filter(|line| *line != END).collect();
            format!(
                "{name}() {{\n    cat <<'{END}'\n{}\n{END}\n}}\n\n",
                body.join("\n")
            )
        }
        None => format!(
            "{name}() {{\n    echo 'error: this distribution has no packages for this package manager' >&2\n    exit 1\n}}\n\n"
        ),
    }
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", one_line(word).replace('\'', r"'\''"))
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, "")
}

const END: &str = "PACKYARD_END";

const HEAD: &str = r"#!/bin/sh
# Sets up this machine's package manager for channel @CHANNEL@ of @ROOT@
#
#   sh setup.sh             write the file below that is for this machine (as root)
#   sh setup.sh --dry-run   only show it
#
# It writes one file, shows it, and fetches nothing. A file of the same name that packyard did
# not write is left alone. To undo it, delete the file.
set -eu

apt_file=@APT_FILE@
yum_file=@YUM_FILE@
zypp_file=@ZYPP_FILE@

";

const TAIL: &str = r#"# put FILE FUNCTION: what the function prints becomes the file.
put() {
    text=$("$2")
    if [ -e "$1" ] || [ -L "$1" ]; then
        if [ "$(cat "$1")" = "$text" ]; then
            echo "$1 is there already, as it should be"
            return
        fi
        case $(head -n 1 "$1") in
        '# packyard, channel '*) ;;
        *)
            echo "error: $1 is there, and packyard did not write it" >&2
            echo "hint: move it away, then run this again" >&2
            exit 1
            ;;
        esac
    fi
    echo "==> $1"
    printf '%s\n' "$text"
    echo "<=="
    [ -z "$dry" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "error: only root may write $1" >&2
        echo "hint: run this as root, or look with --dry-run" >&2
        exit 1
    fi
    mkdir -p "$(dirname "$1")"
    printf '%s\n' "$text" >"$1.part"
    chmod 0644 "$1.part"
    mv -f "$1.part" "$1"
    echo "wrote $1"
}

main() {
    dry=
    case ${1:-} in
    '') ;;
    --dry-run) dry=yes ;;
    *)
        echo "usage: sh setup.sh [--dry-run]" >&2
        exit 2
        ;;
    esac
    if command -v apt-get >/dev/null 2>&1; then
        put "$apt_file" apt_text
        echo "now: apt-get update"
    elif command -v dnf >/dev/null 2>&1 || command -v yum >/dev/null 2>&1; then
        put "$yum_file" yum_text
        echo "now: dnf install PACKAGE"
    elif command -v zypper >/dev/null 2>&1; then
        put "$zypp_file" yum_text
        if [ -z "$dry" ]; then
            key=$(mktemp)
            yum_key >"$key"
            rpm --import "$key"
            rm -f "$key"
        fi
        echo "now: zypper install PACKAGE"
    else
        echo "error: this machine has none of apt, dnf, yum, zypper" >&2
        exit 1
    fi
}

main "$@"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_read_by_the_shell() {
        let script = SetupScript {
            apt: Some(
                "# packyard, channel main: x\n$(touch /tmp/owned)`id`\nPACKYARD_END\nrm -rf /\n".to_owned(),
            ),
            yum: None,
        };
        let text = script.text(&ChannelName::main(), "http://h'\n;id/main", "a'b");
        assert!(
            text.contains("cat <<'PACKYARD_END'\n# packyard, channel main: x\n$(touch"),
            "{text}"
        );
        assert_eq!(text.matches("\nPACKYARD_END\n").count(), 1, "{text}");
        assert!(text.contains(r"packyard-main-a'\''b.repo'"), "{text}");
        assert!(
            text.contains("of http://h';id/main\n"),
            "a comment is one line: {text}"
        );
    }
}
