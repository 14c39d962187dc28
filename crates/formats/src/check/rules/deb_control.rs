//! Rules about `control`, the fields that dpkg and apt act upon.

use super::{DEB, Rule};
use crate::check::Severity;

rules! {
    RECOMMENDED_FIELD = Warning DEB "control-recommended-field" {
        "A field that every package should have is missing or empty",
        "Section and Priority decide where frontends list the package and whether it is installed by default. An empty \
            field says nothing and trips parsers.",
        "add the field, or remove the empty one",
        "Debian Policy 5.3",
        ["lintian:recommended-field", "lintian:empty-field"],
    }
    UNKNOWN_FIELD = Warning DEB "control-unknown-field" {
        "A field is one that neither dpkg nor apt knows",
        "It is mostly a misspelling, and then the field that was meant has no effect.",
        "correct the name, or begin it with `X-` in the source",
        "deb-control(5)",
        ["lintian:unknown-field"],
    }
    MAINTAINER = Error DEB "control-maintainer" {
        "The maintainer is not one `Name <mail>` that mail can reach",
        "Users, bug trackers and archive software write to this address. Tools that split it expect a name, a blank and \
            the address in angle brackets, with a host that can exist on the net.",
        "write `Name <name@example.org>`",
        "Debian Policy 5.6.2, 3.3",
        ["lintian:malformed-contact", "lintian:no-phrase", "lintian:bogus-mail-host", "lintian:root-in-contact",
            "lintian:too-many-contacts"],
    }
    SYNOPSIS = Warning DEB "description-synopsis" {
        "The first line of the description is too long, or is missing its sense",
        "Frontends show it in a list, in one line beside the name: at most 80 characters, more than a word, and not just \
            the name again.",
        "describe what it is in a phrase of at most 80 characters",
        "Debian Policy 3.4.1",
        ["lintian:synopsis-too-long", "lintian:description-too-short", "lintian:description-is-pkg-name",
            "lintian:description-synopsis-is-empty"],
    }
    SYNOPSIS_NAME = Warning DEB "description-starts-with-name" {
        "The first line of the description begins with the package's name",
        "Every list shows it right beside the name, so that the name is read twice and the words that help are cut off.",
        "begin with what it is: `WSGI server`, not `foo - a WSGI server`",
        "Debian Policy 3.4.1; Developer's Reference 6.2.2",
        ["lintian:description-starts-with-package-name"],
    }
    SYNOPSIS_STYLE = Warning DEB "description-style" {
        "The first line of the description begins with an article",
        "The line is a phrase in apposition to the name, not a sentence: the article says nothing and takes room.",
        "leave out `a`, `an` or `the`",
        "Developer's Reference 6.2.2",
        ["lintian:description-synopsis-starts-with-article", "lintian:description-starts-with-leading-spaces"],
    }
    SYNOPSIS_DOT = Info DEB "description-dot" {
        "The first line of the description ends with a full stop",
        "It is a phrase and no sentence; most lists are read better without it.",
        "remove the full stop",
        "Developer's Reference 6.2.2",
        ["lintian:synopsis-is-a-sentence"],
    }
    EXTENDED = Warning DEB "description-extended" {
        "The extended description is empty or only says the first line again",
        "It is what somebody reads before deciding to install: what it does, for whom, and how it differs from others.",
        "say in some sentences what it is for",
        "Debian Policy 3.4.2",
        ["lintian:extended-description-is-empty", "lintian:description-synopsis-is-duplicated"],
    }
    EXTENDED_FORM = Warning DEB "description-form" {
        "The extended description has tabs, control statements, or lines that are too long to be shown",
        "Lines are shown as they are, in 80 columns: tabs and long lines break there. ` .` ends a paragraph; everything \
            else that begins with a dot is reserved.",
        "wrap the lines at 80 characters, and write blanks instead of tabs",
        "Debian Policy 5.6.13",
        ["lintian:description-contains-tabs", "lintian:extended-description-line-too-long",
            "lintian:description-contains-invalid-control-statement"],
    }
    EXTENDED_TEMPLATE = Error DEB "description-template" {
        "The description is still the one of a template",
        "`<insert up to 60 chars description>` tells nobody what the package is.",
        "describe the package",
        "Debian Policy 3.4",
        ["lintian:description-is-dh_make-template", "lintian:description-is-debmake-template",
            "lintian:section-is-dh_make-template"],
    }
    SECTION = Warning DEB "control-section" {
        "The section is none that Debian knows",
        "Frontends group packages by it, and those of unknown sections are hard to find.",
        "use one of the sections, such as `python`, `web`, `net`, `admin`, `utils` or `misc`",
        "Debian Policy 2.4",
        ["lintian:unknown-section"],
    }
    PRIORITY = Error DEB "control-priority" {
        "The priority is none that Debian knows",
        "debootstrap selects packages by it; everything that is not part of a base system is `optional`.",
        "write `Priority: optional`",
        "Debian Policy 2.5",
        ["lintian:unknown-priority", "lintian:priority-extra-is-replaced-by-priority-optional"],
    }
    ARCHITECTURE = Error DEB "control-architecture" {
        "A binary package cannot have this architecture",
        "Wildcards such as `any` are for source packages; dpkg refuses a binary package that has one.",
        "write `all`, or the one architecture that it was built for",
        "Debian Policy 5.6.8",
        ["lintian:arch-wildcard-in-binary-package", "lintian:unknown-architecture", "lintian:too-many-architectures"],
    }
    VERSION = Error DEB "control-version" {
        "The version is not well-formed",
        "dpkg refuses versions that do not begin with a digit or that hold other characters, and a revision of 0 sorts \
            together with none.",
        "write [EPOCH:]UPSTREAM[-REVISION], the revision from 1",
        "Debian Policy 5.6.12; deb-version(7)",
        ["lintian:bad-version-number", "lintian:debian-revision-is-zero", "lintian:debian-revision-not-well-formed"],
    }
    RELATION = Error DEB "control-relation" {
        "A relation to another package is not well-formed",
        "dpkg refuses the package, or apt ignores what it cannot read. Names are lower case, a version stands in \
            parentheses with one of << <= = >= >>, and only Depends and its kin know alternatives.",
        "write `name (>= 1.2), other | another`",
        "Debian Policy 7.1",
        ["lintian:bad-relation", "lintian:bad-version-in-relation", "lintian:alternates-not-allowed",
            "lintian:obsolete-relation-form", "lintian:invalid-versioned-provides", "lintian:bad-provided-package-name"],
    }
    RELATION_SELF = Warning DEB "control-relation-self" {
        "The package is related to itself, or breaks every version of another",
        "A package that depends on itself is fulfilled at once, one that conflicts with itself is ignored; mostly another \
            name was meant. Breaks without a version also hits the version that is mended.",
        "remove the relation, or give it a version",
        "Debian Policy 7.3, 7.4",
        ["lintian:package-relation-with-self", "lintian:breaks-without-version"],
    }
    RELATION_CONTRADICTS = Error DEB "control-relation-contradicts" {
        "The package conflicts with what it depends on",
        "apt can never fulfil both; the package cannot be installed.",
        "remove one of the two",
        "Debian Policy 7.4",
        ["lintian:conflicts-with-dependency"],
    }
    RELATION_ESSENTIAL = Error DEB "control-relation-essential" {
        "The package depends on an essential package without a version",
        "Essential packages are there always, also while others are being unpacked. The dependency only makes their \
            upgrade harder.",
        "remove it",
        "Debian Policy 3.5",
        ["lintian:depends-on-essential-package-without-using-version", "lintian:depends-on-python-minimal"],
    }
    PYTHON_DEPENDENCY = Error DEB "python-dependency" {
        "The package has Python modules or scripts, but does not depend on Python",
        "apt installs it on a system without Python, where its programs do not start and its scripts fail to configure it.",
        "depend on `python3`, or `python3:any`",
        "Debian Python Policy 4.1",
        ["lintian:python3-script-but-no-python3-dep", "lintian:python-package-missing-depends-on-python"],
    }
    INTERPRETER_DEPENDENCY = Error DEB "interpreter-dependency" {
        "The package has a script whose interpreter it does not depend on",
        "The interpreter is not part of a base system, so the script does not start where nothing else has brought it.",
        "depend on the interpreter's package",
        "Debian Policy 10.4, 3.5",
        ["lintian:missing-dep-for-interpreter", "lintian:ruby-script-but-no-ruby-dep",
            "lintian:php-script-but-no-php-cli-dep", "lintian:gawk-script-but-no-gawk-dep",
            "lintian:tclsh-script-but-no-tclsh-dep", "lintian:python2-script-but-no-python2-dep"],
    }
    INSTALLED_SIZE = Warning DEB "control-installed-size" {
        "Installed-Size is missing, or far from what the files need",
        "apt tells the user how much room an installation takes, and stops where there is too little; it knows only this \
            number.",
        "write the sum of all files in KiB, each rounded up, and one for each directory",
        "Debian Policy 5.6.20; deb-substvars(5)",
        [],
    }
    MULTI_ARCH = Error DEB "control-multi-arch" {
        "Multi-Arch has an unknown value, or one that this architecture cannot have",
        "dpkg refuses values that it does not know; `same` is for packages that differ between architectures.",
        "write `foreign` or `allowed`, or for a library of one architecture `same`",
        "deb-control(5); Multiarch specification",
        ["lintian:unknown-multi-arch-value", "lintian:illegal-multi-arch-value"],
    }
    ESSENTIAL = Error DEB "control-essential" {
        "The package says that it is essential",
        "dpkg then refuses to remove it, and apt installs it everywhere. Only a handful of packages of the base system \
            may say so.",
        "remove the field Essential",
        "Debian Policy 3.8",
        ["lintian:new-essential-package", "lintian:unknown-essential-value", "lintian:essential-no-not-needed"],
    }
    HOMEPAGE = Warning DEB "control-homepage" {
        "Homepage is no URL of the web",
        "Frontends make a link of it.",
        "write the URL alone, with its `https://`",
        "Debian Policy 5.6.23",
        ["lintian:bad-homepage", "lintian:superfluous-clutter-in-homepage"],
    }
    MULTILINE = Error DEB "control-multiline" {
        "A field that has one line has several",
        "apt and dpkg read such a field differently from what is meant, or refuse it.",
        "write the value in one line",
        "Debian Policy 5.1, 5.6",
        ["lintian:multiline-field"],
    }
    CONTROL_FILE = Error DEB "control-file" {
        "A file of control.tar has a mode, an owner or a kind that it must not have",
        "dpkg keeps these files in its database and runs the scripts among them as root.",
        "make scripts 0755 and all others 0644, plain files of root",
        "Debian Policy 10.9, deb(5)",
        ["lintian:control-file-has-bad-permissions", "lintian:control-file-has-bad-owner",
            "lintian:control-file-is-not-a-file"],
    }
    CONTROL_FILE_UNKNOWN = Warning DEB "control-file-unknown" {
        "control.tar holds a file that dpkg does not know, or an empty one",
        "It has no effect; mostly its name is misspelt.",
        "correct the name, or remove the file",
        "deb-control(5)",
        ["lintian:unknown-control-file", "lintian:control-file-is-empty", "lintian:not-allowed-control-file"],
    }
}
