//! Rules about single files of packages that are installed into a file system: modes, owners, programs, links.

use super::{DEB, RPM, Rule, SYSTEM};
use crate::check::Severity;

rules! {
    SHEBANG_ENV = Warning SYSTEM "shebang-env" {
        "A script is started through env",
        "It runs with whatever interpreter comes first on the user's PATH, which may lack the modules that the package \
            depends on.",
        "write the interpreter's path, such as `#!/usr/bin/python3`",
        "Debian Policy 10.4; Fedora Packaging Guidelines, Shebang lines",
        ["lintian:script-uses-bin-env", "rpmlint:env-script-interpreter"],
    }
    SHEBANG_UNKNOWN = Error SYSTEM "shebang-unknown" {
        "A script's interpreter is in no place where a distribution has one",
        "The script does not start: `bad interpreter: No such file or directory`.",
        "name an interpreter that the distribution has, such as /usr/bin/python3 or /bin/sh",
        "Debian Policy 10.4",
        ["lintian:interpreter-in-usr-local", "lintian:wrong-path-for-interpreter", "lintian:incorrect-path-for-interpreter",
            "lintian:script-without-interpreter", "rpmlint:wrong-script-interpreter"],
    }
    SHEBANG_UNUSUAL = Info SYSTEM "shebang-unusual" {
        "A script's interpreter is none that this check knows",
        "It may well be there; if not, the script does not start.",
        "make sure that the package depends on what brings the interpreter",
        "Debian Policy 10.4",
        ["lintian:unusual-interpreter"],
    }
    SHEBANG_UNVERSIONED = Error SYSTEM "shebang-python" {
        "A script is started by `python`, without a version",
        "Distributions have no such command by default, and where there is one it may be Python 2.",
        "write `#!/usr/bin/python3`",
        "Debian Python Policy 2.4; PEP 394",
        ["lintian:script-uses-unversioned-python-in-shebang", "lintian:python2-script-but-no-python2-dep"],
    }
    SHEBANG_CRLF = Error SYSTEM "shebang-crlf" {
        "The first line of a script ends as on Windows",
        "The kernel takes the carriage return for a part of the interpreter's name and finds no such file.",
        "convert the file with `dos2unix`",
        "execve(2)",
        ["rpmlint:wrong-script-end-of-line-encoding", "lintian:wrong-path-for-interpreter"],
    }
    NOT_EXECUTABLE = Warning SYSTEM "script-not-executable" {
        "A script on the PATH may not be executed",
        "The shell passes it over, or says `Permission denied`.",
        "give it mode 0755",
        "Debian Policy 10.9",
        ["lintian:script-not-executable", "rpmlint:non-executable-script", "rpmlint:non-executable-in-bin"],
    }
    NOT_A_PROGRAM = Warning SYSTEM "executable-not-program" {
        "A file may be executed, but is neither a binary nor a script with `#!`",
        "exec(2) refuses it; what shells then guess differs. Mostly a mode came along from a foreign file system.",
        "give it mode 0644, or begin it with `#!`",
        "Debian Policy 10.4, 10.9",
        ["lintian:executable-not-elf-or-script", "rpmlint:script-without-shebang", "rpmlint:spurious-executable-perm"],
    }
    EXECUTABLE_DOCUMENT = Warning SYSTEM "executable-document" {
        "A file of the documentation, or a manual page, may be executed",
        "Documents are read; only examples may be programs.",
        "give it mode 0644, or move it to examples/",
        "Debian Policy 12.3",
        ["lintian:executable-in-usr-share-doc", "lintian:executable-manual-page", "rpmlint:spurious-executable-perm",
            "rpmlint:executable-docs"],
    }
    EMPTY_PROGRAM = Error SYSTEM "empty-program" {
        "A program on the PATH is empty",
        "It does nothing and reports success, which hides that it went missing in the build.",
        "ship the program",
        "Debian Policy 10.1",
        ["lintian:zero-byte-executable-in-path", "rpmlint:zero-length"],
    }
    EMPTY_FILE = Warning SYSTEM "empty-file" {
        "A file is empty",
        "In the documentation it tells nobody anything; elsewhere it is often what a failed step of the build left. Marks \
            such as __init__.py and py.typed are meant to be empty and are not reported.",
        "ship its contents, or leave it out",
        "Debian Policy 12.3",
        ["lintian:zero-byte-file-in-doc-directory", "rpmlint:zero-length"],
    }
    WORLD_WRITABLE = Error SYSTEM "world-writable" {
        "Everybody may write a file or a directory",
        "Any user can replace what root or others then run or read. Only directories with the sticky bit may be so.",
        "give files mode 0644 or 0755, directories 0755 or 1777",
        "Debian Policy 10.9",
        ["lintian:non-standard-file-perm", "lintian:non-standard-executable-perm", "lintian:non-standard-dir-perm",
            "rpmlint:world-writable"],
    }
    MODE = Warning SYSTEM "odd-mode" {
        "A mode is not one of 0644, 0755 for programs, and 0755 for directories",
        "Everybody may read what a package ships, for it can be downloaded; a stricter mode protects nothing and breaks \
            tools that run as other users. Secrets get their mode when they are made.",
        "give files 0644, programs and directories 0755",
        "Debian Policy 10.9",
        ["lintian:non-standard-file-perm", "lintian:non-standard-executable-perm", "lintian:non-standard-dir-perm",
            "lintian:executable-is-not-world-readable", "rpmlint:non-standard-dir-perm", "rpmlint:non-readable",
            "rpmlint:non-standard-executable-perm", "lintian:bad-perm-for-file-in-etc-sudoers.d"],
    }
    SETUID = Warning SYSTEM "setuid" {
        "A program runs with the rights of its owner or group",
        "Every mistake in it is one in the system's defence.",
        "use a service with the rights that it needs, or a capability",
        "Debian Policy 10.9",
        ["lintian:elevated-privileges", "lintian:non-standard-setuid-executable-perm", "rpmlint:setuid-binary",
            "rpmlint:setgid-binary"],
    }
    OWNER = Error DEB "deb-owner" {
        "A file does not belong to root or another user that every Debian system has",
        "dpkg keeps the numbers: on the target they belong to somebody else, who may then change the file.",
        "build with `--root-owner-group`, and change owners in postinst",
        "Debian Policy 10.9, 9.2",
        ["lintian:wrong-file-owner-uid-or-gid", "lintian:bad-owner-for-doc-file"],
    }
    RPM_OWNER = Warning RPM "rpm-owner" {
        "A file belongs to a user or group that is not part of every system",
        "rpm gives it to root where the user is unknown. The package must create the user before its files are unpacked.",
        "create the user by sysusers.d, which provides `user(NAME)`",
        "Fedora Packaging Guidelines, Users and groups",
        ["rpmlint:non-standard-uid", "rpmlint:non-standard-gid"],
    }
    HARD_LINK = Warning SYSTEM "hard-link" {
        "One file has names in several directories",
        "The directories may be on different file systems, where a hard link cannot be, and an administrator's change to \
            one name changes the other.",
        "use a symbolic link",
        "Debian Policy 10.7.3; Fedora Packaging Guidelines",
        ["lintian:package-contains-hardlink", "rpmlint:cross-directory-hard-link"],
    }
    LINK_RELATIVE = Error SYSTEM "link-relative" {
        "A link leads by `..` into another top-level directory",
        "Top-level directories may be mounts or links of their own; from there `..` leads elsewhere.",
        "write an absolute link between top-level directories",
        "Debian Policy 10.5",
        ["lintian:relative-symlink", "rpmlint:symlink-should-be-absolute"],
    }
    LINK_ABSOLUTE = Warning SYSTEM "link-absolute" {
        "A link within one top-level directory is absolute",
        "It leads out of a chroot or an image that is mounted somewhere else.",
        "write a relative link within one top-level directory",
        "Debian Policy 10.5",
        ["lintian:absolute-symlink-in-top-level-folder", "rpmlint:symlink-should-be-relative"],
    }
    LINK_SPELLING = Warning SYSTEM "link-spelling" {
        "A link is longer than it need be",
        "`a/../b`, `./b`, `//` and a slash at the end make the target hard to compare and to relocate.",
        "write the shortest path",
        "Debian Policy 10.5",
        ["lintian:lengthy-symlink", "lintian:symlink-contains-spurious-segments", "lintian:symlink-has-double-slash",
            "lintian:symlink-ends-with-slash", "rpmlint:lengthy-symlink"],
    }
    LINK_OUTSIDE = Error SYSTEM "link-outside" {
        "A link leads to itself, or to where no package's files are",
        "/tmp, /home and the place of the build hold on the target whatever somebody puts there.",
        "link to the installed file",
        "Debian Policy 10.5",
        ["lintian:symlink-target-in-build-tree", "lintian:symlink-target-in-tmp", "lintian:symlink-is-self-recursive",
            "lintian:symlink-has-too-many-up-segments", "rpmlint:symlink-has-too-many-up-segments"],
    }
    LINK_DANGLING = Info SYSTEM "link-dangling" {
        "A link leads to what this package does not have",
        "Often another package has it, which this one then must depend on; else the link is broken.",
        "depend on the package that has the target, or correct the link",
        "Debian Policy 10.5",
        ["rpmlint:dangling-symlink", "rpmlint:dangling-relative-symlink", "lintian:package-contains-broken-symlink"],
    }
    BINARY_NOARCH = Error SYSTEM "binary-in-noarch" {
        "A package for all architectures holds a binary of one",
        "It is installed on machines that cannot run it, and one architecture's build overwrites another's.",
        "build it for the architecture, or leave the binary out",
        "Debian Policy 5.6.8",
        ["lintian:arch-independent-package-contains-binary-or-object",
            "rpmlint:arch-independent-package-contains-binary-or-object", "rpmlint:arch-dependent-file-in-usr-share"],
    }
    BINARY_OTHER = Error SYSTEM "binary-of-other-architecture" {
        "A binary is of another architecture than the package",
        "The kernel cannot run it there.",
        "build it for the package's architecture",
        "Debian Policy 5.6.8",
        ["lintian:binary-from-other-architecture"],
    }
    BINARY_PLACE = Error SYSTEM "binary-place" {
        "A binary lies in /etc or /usr/share",
        "/etc is for texts that the administrator edits, /usr/share for files that all architectures can share.",
        "install it below /usr/lib, /usr/libexec or /usr/bin",
        "Filesystem Hierarchy Standard 3.7, 4.11",
        ["lintian:binary-in-etc", "lintian:arch-dependent-file-in-usr-share", "rpmlint:binary-in-etc",
            "rpmlint:arch-dependent-file-in-usr-share"],
    }
    GZIP_TIME = Warning DEB "gzip-timestamp" {
        "A compressed file has a time in its header",
        "Two builds of the same source then differ, and packages of two architectures cannot be installed together.",
        "compress it with `gzip -9n`",
        "Debian Policy 4.15",
        ["lintian:package-contains-timestamped-gzip", "lintian:gzip-file-is-not-multi-arch-same-safe"],
    }
    DOCUMENT_ENCODING = Warning SYSTEM "document-not-utf8" {
        "A text of the documentation is not UTF-8",
        "Systems read texts as UTF-8; other encodings show as garbage.",
        "convert it with iconv",
        "Debian Policy 12.1; Fedora Packaging Guidelines, Encoding",
        ["lintian:national-encoding", "rpmlint:file-not-utf8"],
    }
    FILE_NAME = Warning SYSTEM "odd-file-name" {
        "A file's name has wildcards, a blank at its end, or on the PATH other characters than ASCII",
        "Shells and scripts take such names for something else; it is mostly what a slip in a build left.",
        "rename the file",
        "Debian Policy 10.10",
        ["lintian:file-name-contains-wildcard-character", "lintian:file-name-ends-in-whitespace", "lintian:star-file",
            "lintian:hyphen-file", "lintian:file-name-in-PATH-is-not-ASCII"],
    }
    JUNK = Warning SYSTEM "junk-file" {
        "A file is a remnant of an editor, of version control or of a desktop",
        "It is no part of the program, makes the package larger, and can give away more than was meant.",
        "leave it out of the package",
        "Debian Policy 4; Fedora Packaging Guidelines",
        ["lintian:package-contains-vcs-control-dir", "lintian:package-contains-vcs-control-file",
            "lintian:backup-file-in-package", "lintian:macos-ds-store-file-in-package",
            "lintian:macos-resource-fork-file-in-package", "lintian:windows-thumbnail-database-in-package",
            "lintian:nfs-temporary-file-in-package", "lintian:svn-commit-file-in-package",
            "rpmlint:version-control-internal-file", "rpmlint:backup-file-in-package", "rpmlint:perl-temp-file"],
    }
}
