//! Rules about where packages install files.

use super::{DEB, RPM, Rule, SYSTEM};
use crate::check::Severity;

rules! {
    ODD_PLACE = Error SYSTEM "odd-place" {
        "A file lies where packages install nothing",
        "/usr/local, /home, /root and /srv are the administrator's and the users'; /run, /tmp and /var/lock are emptied at \
            a start; other top-level directories are no part of the file system's standard.",
        "install it below /usr, /etc or /var",
        "Filesystem Hierarchy Standard 3.0; Debian Policy 9.1",
        ["lintian:file-in-usr-local", "lintian:dir-in-usr-local", "lintian:dir-or-file-in-home",
            "lintian:dir-or-file-in-mnt", "lintian:dir-or-file-in-srv", "lintian:dir-or-file-in-tmp",
            "lintian:dir-or-file-in-run", "lintian:dir-or-file-in-var-run", "lintian:dir-or-file-in-var-lock",
            "lintian:dir-or-file-in-var-www", "lintian:non-standard-toplevel-dir", "lintian:dir-or-file-in-etc-opt",
            "lintian:dir-or-file-in-build-tree", "rpmlint:dir-or-file-in-usr-local", "rpmlint:dir-or-file-in-home",
            "rpmlint:dir-or-file-in-tmp", "rpmlint:dir-or-file-in-mnt", "rpmlint:dir-or-file-in-usr-tmp",
            "rpmlint:dir-or-file-in-var-local", "rpmlint:non-ghost-in-run"],
    }
    OPT = Info SYSTEM "opt-place" {
        "A file lies in /opt",
        "/opt is for add-on packages that bring all that they need. A distribution's own archive takes none of those; in a \
            repository of one's own it is a choice.",
        "nothing, where that is meant; else install it below /usr",
        "Filesystem Hierarchy Standard 3.13",
        ["lintian:dir-or-file-in-opt", "rpmlint:dir-or-file-in-opt"],
    }
    ALIASED = Info SYSTEM "aliased-place" {
        "A file lies in /bin, /sbin or /lib, which are links to directories of /usr",
        "Since the merge of /usr dpkg may lose such a file when it moves between packages. Releases before that need the \
            old place: Debian up to bookworm has its units there.",
        "install it below /usr, from trixie on",
        "Debian Policy 10.1; DEP-17",
        ["lintian:aliased-location"],
    }
    ODD_DIRECTORY = Warning SYSTEM "odd-directory" {
        "A file lies directly in a directory that is for subdirectories, or in one that the standard does not have",
        "/usr, /usr/share and /usr/share/doc hold directories of packages; /usr/bin and its kin hold only programs.",
        "install it in a directory of the package's own",
        "Filesystem Hierarchy Standard 4; Debian Policy 9.1, 10.1",
        ["lintian:file-directly-in-usr-share", "lintian:file-directly-in-usr-share-doc", "lintian:file-in-unusual-dir",
            "lintian:subdir-in-bin", "lintian:subdir-in-usr-bin", "lintian:non-standard-dir-in-usr",
            "lintian:non-standard-dir-in-var", "lintian:FSSTND-dir-in-usr", "lintian:FSSTND-dir-in-var",
            "lintian:file-directly-in-usr-share", "rpmlint:subdir-in-bin", "rpmlint:non-standard-dir-in-usr",
            "rpmlint:non-standard-dir-in-var"],
    }
    PYCACHE = Error DEB "python-bytecode" {
        "The package has byte code",
        "It fits one Python only. py3compile makes it at the installation, for the Python that is there, and dpkg would \
            then find foreign files in place of its own.",
        "leave __pycache__ and *.pyc out of the package",
        "Debian Python Policy 3.8",
        ["lintian:package-installs-python-pycache-dir", "lintian:package-installs-python-bytecode"],
    }
    BYTECODE_ALONE = Warning RPM "python-bytecode-without-source" {
        "The package has byte code without the module that it was made of",
        "Python reads byte code below __pycache__ only together with the source.",
        "ship the source, or leave the byte code out",
        "Fedora Packaging Guidelines, Python",
        ["rpmlint:python-bytecode-without-source"],
    }
    SITE_PACKAGES = Error DEB "python-site-packages" {
        "Modules lie in site-packages",
        "Debian's Python looks in /usr/lib/python3/dist-packages; site-packages is not on its path.",
        "install them below /usr/lib/python3/dist-packages",
        "Debian Python Policy 3.1",
        ["lintian:python-module-in-wrong-location", "lintian:file-in-usr-lib-site-python",
            "lintian:third-party-package-in-python-dir"],
    }
    DIST_PACKAGES = Error RPM "python-dist-packages" {
        "Modules lie in dist-packages",
        "Only Debian's Python looks there.",
        "install them below /usr/lib/pythonX.Y/site-packages",
        "Fedora Packaging Guidelines, Python",
        [],
    }
    EGG = Error DEB "python-egg" {
        "The package has an .egg",
        "Eggs bundle what the distribution has, and their modules are found only through files that packages overwrite \
            for each other.",
        "install the modules and the .dist-info directory",
        "Debian Python Policy 3.5",
        ["lintian:package-installs-python-egg"],
    }
    GENERIC_MODULE = Error SYSTEM "python-generic-module" {
        "A module's name is one that any project could use",
        "`tests`, `docs` or `examples` at the top of the modules belong to whoever comes first; the second package cannot be \
            installed.",
        "leave it out of what is installed, or move it into the project's own module",
        "Debian Python Policy 3.3",
        ["lintian:python-module-has-overly-generic-name", "lintian:package-contains-python-tests-in-global-namespace",
            "lintian:unknown-file-in-python-module-directory"],
    }
    INFO_DIRECTORY = Error SYSTEM "info-directory" {
        "The package has /usr/share/info/dir",
        "install-info makes it from all packages; each copy overwrites the others.",
        "leave it out",
        "Debian Policy 12.2",
        ["lintian:package-contains-info-dir-file", "rpmlint:info-dir-file"],
    }
    INSTALL_DOCUMENT = Warning SYSTEM "install-document" {
        "The documentation says how to build or install the program",
        "Who reads it has installed the package already.",
        "leave INSTALL out",
        "Debian Policy 12.3",
        ["lintian:package-contains-upstream-installation-documentation", "rpmlint:install-file-in-docs"],
    }
    APT_CONFIGURATION = Warning DEB "apt-configuration" {
        "The package changes where apt installs from, or which keys it believes",
        "That is the administrator's decision; only packages that exist for just that may do so.",
        "leave it out, and show the user the lines",
        "Debian Policy 10.7",
        ["lintian:package-installs-apt-sources", "lintian:package-installs-apt-keyring",
            "lintian:package-installs-apt-preferences"],
    }
    MAN_COMPRESSION = Warning SYSTEM "man-compression" {
        "A manual page is not compressed, or not as well as gzip can",
        "Distributions ship compressed pages, and tools look for their names.",
        "compress it with `gzip -9n`",
        "Debian Policy 12.1",
        ["lintian:uncompressed-manual-page", "lintian:poor-compression-in-manual-page",
            "lintian:wrong-compression-in-manual-page", "rpmlint:manpage-not-compressed"],
    }
    MAN_NAME = Error SYSTEM "man-name" {
        "A manual page's name does not fit its directory",
        "man looks for `NAME.SECTION` in `manSECTION`; a page elsewhere is not found.",
        "name it NAME.SECTION.gz and put it into man/manSECTION",
        "Debian Policy 12.1; man(1)",
        ["lintian:wrong-name-for-manual-page", "lintian:odd-place-for-manual-page", "lintian:stray-folder-in-manual",
            "lintian:wrong-manual-section", "rpmlint:bad-manual-page-folder", "rpmlint:manual-page-in-subfolder"],
    }
    MAN_EMPTY = Error SYSTEM "man-empty" {
        "A manual page is empty",
        "man shows nothing, where without the page it would say that there is none.",
        "write the page, or leave it out",
        "Debian Policy 12.1",
        ["lintian:empty-manual-page", "rpmlint:zero-length"],
    }
    NO_MAN = Warning SYSTEM "man-missing" {
        "A program on the PATH has no manual page",
        "`man NAME` is where users look first, also without a net.",
        "write one; `NAME --help` is a good beginning",
        "Debian Policy 12.1",
        ["lintian:no-manual-page", "rpmlint:no-manual-page-for-binary"],
    }
    NO_DOCUMENTATION = Warning RPM "no-documentation" {
        "The package marks no file as documentation",
        "`rpm -qd` shows nothing, and there is nothing to read on the machine.",
        "mark a README or a manual page: `doc = true` in its `[[file]]` of the project file, %doc in a spec file",
        "Fedora Packaging Guidelines, Documentation",
        ["rpmlint:no-documentation"],
    }
}
