//! `setup.sh`: sets a machine's package manager up for a channel, and can be read before it is run.
//!
//! The script fetches nothing: the one file that it writes stands in it, letter by letter, with the key, once for each
//! name that a distribution of the channel has. Which of them is for the machine, its os-release(5) says; where the
//! channel has none of that name, it is `any`, which is part of every one. It says what it chose and why, shows what it
//! writes, writes nothing when that is there already, and overwrites nothing that is not packyard's. All that comes from
//! outside stands in quoted here-documents and single quotes, where a shell expands nothing; and it is a function that
//! the last line calls, so that half a script does nothing.

use packyard_types::ChannelName;
use std::collections::BTreeMap;

/// What the script can write.
#[derive(Debug, Clone, Default)]
pub struct SetupScript {
    /// The `.sources` file of each name of a distribution, up to its key.
    pub apt: BTreeMap<String, String>,
    /// The rest of each: the key.
    pub apt_signed_by: String,
    /// The `.repo` file of each name of a distribution.
    pub yum: BTreeMap<String, String>,
    /// The keys that zypper's rpm has to know.
    pub yum_key: String,
}

impl SetupScript {
    /// The script of a channel that is served at `root`; `asked` is the distribution that it is for, where one was named.
    pub fn text(&self, channel: &ChannelName, root: &str, asked: Option<&str>) -> String {
        let mut out = HEAD
            .replace("@CHANNEL@", channel.as_str())
            .replace("@ROOT@", &one_line(root))
            .replace("@NAME@", &quoted(channel.as_str()))
            .replace("@ASKED@", &quoted(asked.unwrap_or_default()));
        for (name, texts) in [("apt", &self.apt), ("yum", &self.yum)] {
            let all: Vec<&str> = texts.keys().map(String::as_str).collect();
            out.push_str(&format!("{name}_names={}\n", quoted(&all.join(" "))));
        }
        out.push('\n');
        out.push_str(&choice("apt_text", &self.apt, &self.apt_signed_by));
        out.push_str(&choice("yum_text", &self.yum, ""));
        out.push_str(&format!("yum_key() {{\n{}}}\n\n", printed(&self.yum_key)));
        out.push_str(TAIL);
        out
    }
}

/// A function that prints the text of the distribution that its argument names, and what all of them end with.
fn choice(function: &str, texts: &BTreeMap<String, String>, end: &str) -> String {
    let mut out = format!("{function}() {{\n    case $1 in\n");
    for (name, text) in texts {
        out.push_str(&format!("    {})\n{}        ;;\n", quoted(name), printed(text)));
    }
    out.push_str(&format!("    *) exit 1 ;;\n    esac\n{}}}\n\n", printed(end)));
    out
}

/// The command that prints a text as it is.
fn printed(text: &str) -> String {
    let body: String = text
        .lines()
        .filter(|line| *line != END)
        .map(|line| format!("{line}\n"))
        .collect();
    format!("    cat <<'{END}'\n{body}{END}\n")
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
#   sh setup.sh                       write the file below that is for this machine (as root)
#   sh setup.sh --dry-run             only show it
#   sh setup.sh --distribution NAME   of that distribution; or DISTRIBUTION=NAME sh setup.sh
#
# Which distribution this machine is, /etc/os-release says; where the channel has none of that
# name, it is `any`. It writes one file, shows it, and fetches nothing. A file of the same name
# that packyard did not write is left alone. To undo it, delete the file.
set -euf

channel=@NAME@
asked=@ASKED@
";

const TAIL: &str = r#"# os_release WORDS: what /etc/os-release says, with its variables in the words.
os_release() (
    set +u
    [ ! -r /etc/os-release ] || . /etc/os-release
    major=${VERSION_ID%%.*}
    case $1 in
    apt) echo "$VERSION_CODENAME $UBUNTU_CODENAME $DEBIAN_CODENAME $ID$VERSION_ID" ;;
    yum)
        case $ID in
        fedora) echo "fc$VERSION_ID f$VERSION_ID fedora$VERSION_ID" ;;
        opensuse-leap) echo "leap$VERSION_ID opensuse-leap$VERSION_ID" ;;
        opensuse-tumbleweed) echo "tumbleweed $ID" ;;
        *)
            el=
            case " $ID $ID_LIKE " in *' rhel '* | *' centos '*) el="el$major" ;; esac
            echo "$el $ID$VERSION_ID $ID$major"
            ;;
        esac
        ;;
    esac
)

# has NAMES NAME
has() {
    case " $1 " in
    *" $2 "*) return 0 ;;
    esac
    return 1
}

# choose KIND NAMES: sets `distribution` to one of the names, and says why.
choose() {
    if [ -n "$asked" ]; then
        if ! has "$2" "$asked"; then
            echo "error: channel $channel has no distribution $asked for $1" >&2
            echo "hint: it has ${2:-none}" >&2
            exit 1
        fi
        distribution=$asked
        echo "distribution $distribution, as asked for"
        return
    fi
    machine=$(os_release "$1")
    for name in $machine; do
        if has "$2" "$name"; then
            distribution=$name
            echo "distribution $distribution, which /etc/os-release says that this machine is"
            return
        fi
    done
    if ! has "$2" any; then
        echo "error: channel $channel has nothing for $1 here (it has ${2:-none})" >&2
        exit 1
    fi
    distribution=any
    set -- $machine
    echo "distribution any, which is part of every one: the channel has none called ${1:-as this machine}"
}

# put FILE FUNCTION: what the function prints of the distribution becomes the file.
put() {
    text=$("$2" "$distribution")
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
    asked=${DISTRIBUTION:-$asked}
    while [ $# -gt 0 ]; do
        case $1 in
        --dry-run) dry=yes ;;
        --distribution=?*) asked=${1#*=} ;;
        --distribution)
            asked=${2:?usage: sh setup.sh --distribution NAME}
            shift
            ;;
        *)
            echo "usage: sh setup.sh [--dry-run] [--distribution NAME]" >&2
            exit 2
            ;;
        esac
        shift
    done
    if command -v apt-get >/dev/null 2>&1; then
        choose apt "$apt_names"
        put "/etc/apt/sources.list.d/packyard-$channel.sources" apt_text
        echo "now: apt-get update"
    elif command -v dnf >/dev/null 2>&1 || command -v yum >/dev/null 2>&1; then
        choose yum "$yum_names"
        put "/etc/yum.repos.d/packyard-$channel-$distribution.repo" yum_text
        echo "now: dnf install PACKAGE"
    elif command -v zypper >/dev/null 2>&1; then
        choose yum "$yum_names"
        put "/etc/zypp/repos.d/packyard-$channel-$distribution.repo" yum_text
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
        let hostile = "# packyard, channel main: x\n$(touch /tmp/owned)`id`\nPACKYARD_END\nrm -rf /\n";
        let script = SetupScript {
            apt: BTreeMap::from([("a'b".to_owned(), hostile.to_owned())]),
            ..SetupScript::default()
        };
        let text = script.text(&ChannelName::main(), "http://h'\n;id/main", Some("';id;'"));
        assert!(
            text.contains("cat <<'PACKYARD_END'\n# packyard, channel main: x\n$(touch"),
            "{text}"
        );
        let (begun, ended) = ("<<'PACKYARD_END'\n", "\nPACKYARD_END\n");
        assert_eq!(text.matches(begun).count(), text.matches(ended).count(), "{text}");
        assert!(text.contains(r"    'a'\''b')"), "{text}");
        assert!(text.contains(r"asked=''\'';id;'\'''"), "{text}");
        assert!(
            text.contains("of http://h';id/main\n"),
            "a comment is one line: {text}"
        );
    }
}
