//! Rules about what a .deb says of itself: copyright, changelog, and the lists of conffiles, digests and triggers.

use super::{DEB, Rule};
use crate::check::Severity;

rules! {
    NO_COPYRIGHT = Error DEB "no-copyright" {
        "The package has no copyright file",
        "Most licences let copies be made only together with their text. dpkg keeps it where every user finds it, \
            /usr/share/doc/PACKAGE/copyright.",
        "install the licence as /usr/share/doc/PACKAGE/copyright (DEP-5)",
        "Debian Policy 12.5",
        ["lintian:no-copyright-file", "lintian:copyright-file-compressed", "lintian:copyright-file-is-symlink"],
    }
    COPYRIGHT_TEMPLATE = Error DEB "copyright-template" {
        "The copyright file still has words of a template",
        "Whoever wants to know the licence reads placeholders instead.",
        "replace the words in angle brackets by facts",
        "Debian Policy 12.5",
        ["lintian:helper-templates-in-copyright", "lintian:copyright-contains-dh_make-todo-boilerplate",
            "lintian:copyright-has-url-from-dh_make-boilerplate", "lintian:boilerplate-copyright-format-uri",
            "lintian:copyright-contains-automatically-extracted-boilerplate"],
    }
    COPYRIGHT_EMPTY = Warning DEB "copyright-notice" {
        "The copyright file does not say who holds the copyright",
        "The notice is the part of the licence that must be kept; a name alone of a licence grants nothing.",
        "add `Copyright: YEAR NAME`",
        "Debian Policy 12.5",
        ["lintian:copyright-without-copyright-notice"],
    }
    COPYRIGHT_SYNTAX = Warning DEB "copyright-syntax" {
        "The copyright file says that it is machine-readable, but breaks that format",
        "Tools collect licences from it. They need Format first, then Files paragraphs with Copyright and License, and \
            each licence's text once.",
        "write it as copyright-format 1.0 says",
        "DEP-5, copyright-format 1.0",
        ["lintian:syntax-error-in-dep5-copyright", "lintian:missing-field-in-dep5-copyright",
            "lintian:missing-license-paragraph-in-dep5-copyright", "lintian:missing-license-text-in-dep5-copyright",
            "lintian:empty-short-license-in-dep5-copyright", "lintian:unknown-paragraph-in-dep5-copyright",
            "lintian:invalid-short-name-in-dep5-copyright", "lintian:tab-in-license-text",
            "lintian:dep5-copyright-license-name-not-unique", "lintian:comma-separated-files-in-dep5-copyright",
            "lintian:pipe-symbol-used-as-license-disjunction"],
    }
    COPYRIGHT_ADDRESS = Warning DEB "copyright-address" {
        "The copyright file gives an address that the Free Software Foundation has left",
        "Letters to it do not arrive; the licence's current text names a web page.",
        "write `see <https://www.gnu.org/licenses/>`",
        "GNU licences, How to Use These Licenses",
        ["lintian:old-fsf-address-in-copyright-file"],
    }
    TEXT_ENCODING = Warning DEB "text-not-utf8" {
        "A text of the package is not UTF-8",
        "Every Debian system reads texts as UTF-8; other encodings show as garbage.",
        "convert it with iconv",
        "Debian Policy 12.1",
        ["lintian:national-encoding"],
    }
    NO_CHANGELOG = Error DEB "no-changelog" {
        "The package has no Debian changelog",
        "apt shows it before an upgrade, and it is the only record of what a packager changed.",
        "install it as /usr/share/doc/PACKAGE/changelog.Debian.gz, or changelog.gz for a native package",
        "Debian Policy 4.4, 12.7",
        ["lintian:no-changelog", "lintian:changelog-file-not-compressed",
            "lintian:debian-changelog-file-missing-or-wrong-name"],
    }
    CHANGELOG_NAME = Warning DEB "changelog-name" {
        "The changelog's name does not fit the kind of version",
        "A version with a revision has an upstream changelog and Debian's own, changelog.Debian.gz; a native one has \
            only changelog.gz. Tools look for just that name.",
        "name it changelog.Debian.gz where the version has a revision, changelog.gz where not",
        "Debian Policy 12.7",
        ["lintian:wrong-name-for-changelog-of-native-package", "lintian:debian-changelog-file-missing-or-wrong-name"],
    }
    CHANGELOG_COMPRESSION = Warning DEB "changelog-compression" {
        "The changelog is not compressed as well as gzip can, or its gzip header has a time",
        "It is in every installation, so it should be small, and the same input must give the same bytes.",
        "compress it with `gzip -9n`",
        "Debian Policy 12.7",
        ["lintian:changelog-not-compressed-with-max-compression", "lintian:package-contains-timestamped-gzip"],
    }
    CHANGELOG_SYNTAX = Warning DEB "changelog-syntax" {
        "The changelog is not what dpkg-parsechangelog reads",
        "apt-listchanges and the archive's tools read versions and dates from it; an entry that they cannot read is lost.",
        "write it as deb-changelog(5) says, or let `packyard changelog check` find the line",
        "Debian Policy 4.4; deb-changelog(5)",
        ["lintian:syntax-error-in-debian-changelog", "lintian:malformed-debian-changelog-version",
            "lintian:invalid-date-in-debian-changelog", "lintian:debian-changelog-has-wrong-day-of-week",
            "lintian:bogus-mail-host-in-debian-changelog"],
    }
    CHANGELOG_VERSION = Warning DEB "changelog-version" {
        "The newest entry of the changelog is of another version than the package, or is unreleased",
        "Whoever reads the changelog sees another version than the one that is installed.",
        "add an entry for this version",
        "Debian Policy 4.4",
        ["lintian:unreleased-changelog-distribution"],
    }
    CONFFILES_LINE = Error DEB "conffiles-line" {
        "A line of conffiles is no absolute path, or is there twice",
        "dpkg refuses the package, and other tools read a blank line as a file without a name.",
        "write one absolute path a line, each once, and no blank lines",
        "deb-conffiles(5)",
        ["lintian:relative-conffile", "lintian:duplicate-conffile", "lintian:unknown-conffile-instruction"],
    }
    CONFFILES_MISSING = Error DEB "conffiles-missing" {
        "conffiles names something that is no file of the package",
        "dpkg warns at every upgrade, and keeps an entry that nothing removes.",
        "remove the line, or ship the file",
        "deb-conffiles(5)",
        ["lintian:missing-conffile", "lintian:conffile-has-bad-file-type", "lintian:unexpected-conffile"],
    }
    CONFFILES_PLACE = Error DEB "conffiles-place" {
        "A conffile lies outside of /etc",
        "Administrators change files in /etc and nowhere else; a conffile elsewhere only causes questions at upgrades.",
        "move it to /etc, or remove it from conffiles",
        "Debian Policy 10.7.2",
        ["lintian:non-etc-file-marked-as-conffile", "lintian:file-in-usr-marked-as-conffile",
            "lintian:file-in-etc-rc.d-marked-as-conffile"],
    }
    ETC_NOT_CONFFILE = Error DEB "etc-not-conffile" {
        "A file in /etc is no conffile",
        "dpkg overwrites it at every upgrade, and with it what the administrator has changed.",
        "list it in conffiles",
        "Debian Policy 10.7.3",
        ["lintian:file-in-etc-not-marked-as-conffile"],
    }
    NO_MD5SUMS = Warning DEB "no-md5sums" {
        "The package has no md5sums",
        "`dpkg --verify` and debsums compare the installed files with it.",
        "add the file to control.tar",
        "deb-md5sums(5)",
        ["lintian:no-md5sums-control-file"],
    }
    MD5SUMS_INCOMPLETE = Warning DEB "md5sums-incomplete" {
        "md5sums does not name a file",
        "Damage of that file goes unseen.",
        "add its line to md5sums",
        "deb-md5sums(5)",
        ["lintian:file-missing-in-md5sums"],
    }
    TRIGGERS = Error DEB "triggers" {
        "A line of triggers is no trigger directive, or repeats one",
        "dpkg refuses a package with an unknown directive.",
        "write `interest-noawait NAME` or `activate-noawait NAME`, each trigger once",
        "deb-triggers(5)",
        ["lintian:unknown-trigger", "lintian:repeated-trigger-name"],
    }
    TRIGGERS_AWAIT = Warning DEB "triggers-await" {
        "A trigger waits without saying so",
        "`interest` and `activate` keep other packages unconfigured until the trigger has run, and a cycle of these stops \
            an upgrade. Hardly any package needs that.",
        "write `interest-noawait` or `activate-noawait`",
        "deb-triggers(5)",
        ["lintian:uses-implicit-await-trigger"],
    }
}
