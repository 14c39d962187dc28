//! Rules about the header of an .rpm: who it is, what it needs, its history.

use super::{RPM, Rule};
use crate::check::Severity;

rules! {
    REQUIRED = Error RPM "header-required-field" {
        "A tag that every package needs is missing",
        "rpm, dnf and the indexes show summary, description and licence; a package without a licence may not be passed on.",
        "write `summary`, `description` and `license` below `[package]` of the project file; in a spec file, set the tag",
        "Fedora Packaging Guidelines, Tags",
        ["rpmlint:no-summary-tag", "rpmlint:no-description-tag", "rpmlint:no-license"],
    }
    RECOMMENDED = Warning RPM "header-recommended-field" {
        "URL or Group is missing",
        "The URL is where users find the project; older frontends sort packages by their group.",
        "write `homepage` below `[package]` of the project file; in a spec file, set the tag",
        "Fedora Packaging Guidelines, Tags",
        ["rpmlint:no-url-tag", "rpmlint:no-group-tag", "rpmlint:invalid-url"],
    }
    CONTROL_CHARACTER = Warning RPM "header-control-character" {
        "A tag has a character that no XML can hold",
        "Repository indexes are XML: createrepo_c drops the character or the whole package.",
        "remove it",
        "XML 1.0, 2.2",
        ["rpmlint:forbidden-controlchar-found"],
    }
    LICENCE = Warning RPM "rpm-license" {
        "The licence is no SPDX expression",
        "Tools that collect licences read SPDX identifiers; Fedora asks for them since 38.",
        "write it as SPDX says, such as `MIT OR Apache-2.0`",
        "Fedora Legal, SPDX; SPDX specification, annex D",
        ["rpmlint:invalid-license", "rpmlint:invalid-license-exception"],
    }
    SUMMARY = Warning RPM "rpm-summary" {
        "The summary is too long, of several lines, or begins with a blank",
        "dnf shows it in one line beside the name: at most 79 characters.",
        "write a phrase of at most 79 characters",
        "Fedora Packaging Guidelines, Summary",
        ["rpmlint:summary-too-long", "rpmlint:summary-on-multiple-lines", "rpmlint:summary-has-leading-spaces"],
    }
    SUMMARY_DOT = Warning RPM "summary-ended-with-dot" {
        "The summary ends with a dot",
        "It is a phrase and no sentence.",
        "remove the dot",
        "Fedora Packaging Guidelines, Summary",
        ["rpmlint:summary-ended-with-dot"],
    }
    SUMMARY_CASE = Warning RPM "summary-not-capitalized" {
        "The summary begins with a small letter",
        "Lists of packages are easier to read when all begin alike.",
        "begin it with a capital letter",
        "Fedora Packaging Guidelines, Summary",
        ["rpmlint:summary-not-capitalized"],
    }
    SUMMARY_NAME = Warning RPM "summary-repeats-name" {
        "The summary says the package's name",
        "Every list shows the name beside it.",
        "say what it is instead",
        "Fedora Packaging Guidelines, Summary",
        ["rpmlint:name-repeated-in-summary"],
    }
    DESCRIPTION = Warning RPM "rpm-description" {
        "The description has lines of more than 79 characters, or is shorter than the summary",
        "rpm shows the lines as they are, on terminals of 80 columns.",
        "wrap the lines at 79 characters, and say more than the summary does",
        "Fedora Packaging Guidelines, Description",
        ["rpmlint:description-line-too-long", "rpmlint:description-shorter-than-summary"],
    }
    NO_CHANGELOG = Warning RPM "no-rpm-changelog" {
        "The package has no changelog",
        "`rpm -q --changelog` and `dnf changelog` show users what changed.",
        "add %changelog entries",
        "Fedora Packaging Guidelines, Changelogs",
        ["rpmlint:no-changelogname-tag"],
    }
    CHANGELOG_VERSION = Warning RPM "rpm-changelog-version" {
        "The newest entry of the changelog is of another version, or of none",
        "Whoever reads the changelog sees another version than the one that is installed.",
        "add an entry `* DATE NAME <MAIL> - VERSION-RELEASE`",
        "Fedora Packaging Guidelines, Changelogs",
        ["rpmlint:incoherent-version-in-changelog", "rpmlint:no-version-in-last-changelog"],
    }
    CHANGELOG_FUTURE = Warning RPM "rpm-changelog-future" {
        "An entry of the changelog is later than the build, or older than its successor",
        "rpmbuild with `source_date_epoch_from_changelog` takes the time of the files from it, and they come from the \
            future; rpm refuses to build where the order is wrong.",
        "correct the date",
        "rpm-spec(7); Fedora Packaging Guidelines, Changelogs",
        ["rpmlint:changelog-time-in-future", "rpmlint:changelog-time-overflow"],
    }
    NO_PAYLOAD_DIGEST = Warning RPM "no-payload-digest" {
        "A signature of the header does not cover the payload",
        "rpm cannot tell a damaged file from a good one before it has unpacked it.",
        "build it with rpm 4.14 or later",
        "RPM V4 package format",
        [],
    }
    NO_SIGNATURE = Info RPM "no-signature" {
        "The package is not signed",
        "dnf with gpgcheck=1 refuses it. A yard signs what it takes in, so that packages are mostly signed only there.",
        "publish it to a yard, or sign it with rpmsign",
        "rpmsign(8)",
        ["rpmlint:no-signature"],
    }
    EPOCH = Warning RPM "rpm-epoch" {
        "The epoch is larger than anybody needs",
        "An epoch can never be taken back. A large one is mostly a version in the wrong place.",
        "remove the epoch, or count it up by one",
        "Fedora Packaging Guidelines, Epochs",
        ["rpmlint:unreasonable-epoch"],
    }
    VERSION = Error RPM "rpm-version" {
        "Version or release has characters that rpm's comparison does not know",
        "rpm skips what it does not know, so that different versions compare as equal; a `-` ends the version.",
        "use letters, digits, `.`, `_`, `+`, `~` and `^`",
        "rpm-version(7)",
        ["rpmlint:invalid-version"],
    }
    DEPENDENCY = Error RPM "rpm-dependency" {
        "A dependency is one that nothing can provide",
        "Unexpanded macros, names with forbidden characters, file requirements on what the package ships itself: dnf finds \
            no provider and the package cannot be installed.",
        "write `NAME OPERATOR VERSION`",
        "rpm-dependencies(7)",
        ["rpmlint:invalid-dependency", "rpmlint:unexpanded-macro"],
    }
    DEPENDENCY_LUA = Error RPM "rpm-lua-requirement" {
        "The package requires `<lua>`",
        "Lua is a part of rpm and nothing provides `<lua>`; rpmbuild writes `rpmlib(BuiltinLuaScripts)` instead.",
        "write the scriptlet for /bin/sh, or require rpmlib(BuiltinLuaScripts)",
        "rpm-lua(7)",
        [],
    }
    DEPENDENCY_LIBRARY = Warning RPM "rpm-library-requirement" {
        "The package requires a library by the name of its package",
        "rpm's generators write the library's soname, which is right on every distribution; a name is right on one.",
        "leave it to the generators",
        "Fedora Packaging Guidelines, Explicit Requires",
        ["rpmlint:explicit-lib-dependency"],
    }
    OBSOLETES_SELF = Error RPM "rpm-obsoletes-self" {
        "The package obsoletes what it provides itself",
        "dnf may replace the package by itself for ever.",
        "obsolete only older versions: `Obsoletes: NAME < VERSION`",
        "Fedora Packaging Guidelines, Renaming",
        ["rpmlint:self-obsoletion"],
    }
    OBSOLETES_NOT_PROVIDED = Warning RPM "rpm-obsolete-not-provided" {
        "The package obsoletes another without providing it",
        "What depends on the old name cannot be installed any more.",
        "add `Provides: OLDNAME = VERSION-RELEASE`, where the new one can do what the old one could",
        "Fedora Packaging Guidelines, Renaming",
        ["rpmlint:obsolete-not-provided"],
    }
    PROVIDES_TWICE = Warning RPM "rpm-provides-twice" {
        "The package provides one name in several versions",
        "Which version counts depends on who asks.",
        "provide it once",
        "Fedora Packaging Guidelines, Provides",
        ["rpmlint:useless-provides"],
    }
}
