//! Rules that hold for a package of any kind.

use super::{ANY, DEB, Rule, SUMS};
use crate::check::Severity;

rules! {
    UNREADABLE = Error ANY "unreadable" {
        "The file is not there, or is not the kind of package that its name says",
        "Package managers refuse what they cannot read, and read leniently what others refuse. Everything that \
            a strict reader stumbles over is named: cut-off archives, digests of headers that do not match, paths that \
            lead out of the tree, entries that are there twice.",
        "build the package again with the usual tools",
        "deb(5); RPM V4 package format; Binary distribution format; APPNOTE 6.3",
        ["lintian:malformed-deb-archive", "lintian:misplaced-extra-member-in-deb", "lintian:required-field",
            "lintian:shipped-file-without-utf8-name", "lintian:package-contains-unsafe-symlink",
            "rpmlint:filename-not-utf8"],
    }
    REFUSED = Error DEB "refused" {
        "A repository refuses the package",
        "It breaks a rule on which dak or reprepro refuse an upload, or which dpkg or apt stumble over: a field that \
            has no such value, a relation that apt cannot read (it then refuses the whole index), a path that leads \
            elsewhere, a device node, a conffile that is not there, a script that nothing can run, a time that cannot be. \
            An upload to a yard is refused for the same, and all of it is told at once.",
        "build the package again with the usual tools",
        "deb(5); deb-control(5); Debian Policy 5, 6, 7",
        ["lintian:malformed-deb-archive", "lintian:package-contains-ancient-file", "lintian:bad-relation"],
    }
    NO_TIME = Warning DEB "no-time" {
        "Files of the package have no time",
        "They are of 1970 on every machine: backups, `make` and caches that go by times take them for older than all \
            else. dak refuses such packages.",
        "build it with SOURCE_DATE_EPOCH of its newest changelog entry",
        "reproducible-builds.org, SOURCE_DATE_EPOCH",
        ["lintian:package-contains-ancient-file"],
    }
    FILENAME = Error ANY "filename" {
        "The file's name is no artifact's name",
        "Name, version and architecture are read from the file's name by every index and by most caches. A file with \
            another kind of name cannot be published.",
        "give it the name that the tool which built it gave it",
        "Debian Policy 5.6; PEP 427; PEP 625",
        ["rpmlint:non-coherent-filename"],
    }
    NAME_MISMATCH = Error ANY "name-mismatch" {
        "The file's name and the package inside disagree",
        "The index lists what the file's name says, the client installs what is inside. Where they differ, upgrades \
            loop or install the wrong thing.",
        "rename the file as the package inside says, or build it again",
        "Debian Policy 5.6; PEP 427; PEP 625",
        ["rpmlint:non-coherent-filename", "lintian:bad-package-name", "lintian:bad-version-number"],
    }
    DIGEST_MISMATCH = Error SUMS "digest-mismatch" {
        "A file is not what the package's own list of digests says",
        "`dpkg --verify` and pip compare files with md5sums and RECORD. A list that is wrong from the start hides real \
            damage, and pip refuses the wheel.",
        "write md5sums or RECORD last, after every change of the files",
        "deb-md5sums(5); Recording installed projects",
        ["lintian:md5sum-mismatch", "lintian:md5sums-lists-nonexistent-file", "lintian:malformed-md5sums-control-file",
            "check-wheel-contents:W001"],
    }
}
