//! Broken .rpms: what our rule is called, what rpmlint calls it (empty where it does not look), and the parts of a
//! spec that make it. All are subpackages of one build, so that rpmbuild runs once; `%N` is the subpackage's name.

/// One broken package.
pub struct Broken {
    pub rule: &'static str,
    pub tag: &'static str,
    /// Lines after `%package`, in place of the good ones where they say the same, and `Description:`.
    pub tags: &'static str,
    /// In `%install`.
    pub install: &'static str,
    /// In `%files`.
    pub files: &'static str,
    /// Scriptlets; `%post -n %N` and so on.
    pub scripts: &'static str,
}

const fn broken(
    rule: &'static str,
    tag: &'static str,
    tags: &'static str,
    install: &'static str,
    files: &'static str,
    scripts: &'static str,
) -> Broken {
    Broken {
        rule,
        tag,
        tags,
        install,
        files,
        scripts,
    }
}

const fn file(rule: &'static str, tag: &'static str, install: &'static str, files: &'static str) -> Broken {
    broken(rule, tag, "", install, files, "")
}

const fn tags(rule: &'static str, tag: &'static str, tags: &'static str) -> Broken {
    broken(rule, tag, tags, "", "", "")
}

const fn script(rule: &'static str, tag: &'static str, scripts: &'static str) -> Broken {
    broken(rule, tag, "", "", "", scripts)
}

#[rustfmt::skip]
pub const BROKEN: &[Broken] = &[
    tags("rpm-license", "invalid-license", "License: Free for all"),
    tags("rpm-summary", "summary-too-long",
        "Summary: Words and words and words and words and words and words and words and words and more"),
    tags("rpm-description", "description-line-too-long",
        "Description: Words and words and words and words and words and words and words and words and more"),
    tags("summary-ended-with-dot", "summary-ended-with-dot", "Summary: Greets the whole world."),
    tags("summary-not-capitalized", "summary-not-capitalized", "Summary: greets the whole world"),
    tags("summary-repeats-name", "name-repeated-in-summary", "Summary: The program %N for everybody"),
    tags("header-recommended-field", "invalid-url", "URL: nowhere"),
    tags("rpm-changelog-version", "", "Version: 9.9"),
    tags("rpm-epoch", "unreasonable-epoch", "Epoch: 100"),
    tags("rpm-dependency", "invalid-dependency", "Requires: /usr/local/bin/thing"),
    tags("rpm-library-requirement", "explicit-lib-dependency", "Requires: libgreeting"),
    tags("rpm-obsoletes-self", "self-obsoletion", "Provides: oldname = 2.0\nObsoletes: oldname <= 2.0"),
    tags("rpm-obsolete-not-provided", "obsolete-not-provided", "Obsoletes: oldername < 1.0"),
    tags("rpm-provides-twice", "useless-provides", "Provides: thing\nProvides: thing = 2"),
    file("etc-not-config", "non-conffile-in-etc", "echo x > etc/%N.conf", "/etc/%N.conf"),
    file("config-place", "", "echo x > usr/share/%N/x.conf", "%config(noreplace) /usr/share/%N/x.conf"),
    file("config-executable", "executable-marked-as-config-file",
        "printf '#!/bin/sh\\n' > etc/%N.sh; chmod 755 etc/%N.sh", "%config(noreplace) /etc/%N.sh"),
    file("config-replaced", "conffile-without-noreplace-flag", "echo x > etc/%N.cfg", "%config /etc/%N.cfg"),
    file("standard-directory", "standard-dir-owned-by-package", "", "%dir /usr/share/man"),
    file("unowned-directory", "", "mkdir usr/lib/%N; echo x > usr/lib/%N/x", "/usr/lib/%N/x"),
    file("hidden-file", "hidden-file-or-dir", "echo x > usr/share/%N/.hidden", "/usr/share/%N/.hidden"),
    broken("python-abi", "", "AutoReq: no",
        "mkdir -p usr/lib/python3.9/site-packages; echo x = 1 > usr/lib/python3.9/site-packages/%N_x.py",
        "/usr/lib/python3.9/site-packages/%N_x.py", ""),
    file("python-dist-packages", "",
        "mkdir -p usr/lib/python3/dist-packages; echo x = 1 > usr/lib/python3/dist-packages/%N_x.py",
        "/usr/lib/python3/dist-packages/%N_x.py"),
    file("python-bytecode-without-source", "python-bytecode-without-source",
        "mkdir -p usr/share/%N/__pycache__; echo x > usr/share/%N/__pycache__/x.cpython-39.pyc",
        "/usr/share/%N/__pycache__"),
    broken("no-documentation", "no-documentation", "", "rm usr/share/man/man1/%N.1.gz", "-man", ""),
    script("scriptlet-empty", "", "%post -n %N\n# Nothing.\n"),
    script("scriptlet-interpreter", "invalid-shell-in-%post", "%post -n %N -p /usr/local/bin/fancy\nx y z\n"),
    script("scriptlet-dangerous", "dangerous-command-in-%post", "%post -n %N\ntrue\nrm -rf /var/lib/%N\n"),
    script("scriptlet-tmp", "use-tmp-in-%post", "%post -n %N\ntrue\necho x > /tmp/log\n"),
    script("scriptlet-systemctl", "", "%post -n %N\ntrue\nsystemctl enable %N.service\n"),
    script("scriptlet-macro", "percent-in-%post", "%post -n %N\ntrue\n%%{systemd_post x}\n"),
    file("rpm-owner", "non-standard-uid", "echo x > usr/share/%N/x", "%attr(0644,jane,jane) /usr/share/%N/x"),
    file("shebang-env", "env-script-interpreter", "printf '#!/usr/bin/env sh\\n' > usr/bin/%N", ""),
    file("shebang-unknown", "wrong-script-interpreter", "printf '#!/usr/local/bin/perl\\n' > usr/bin/%N", ""),
    file("shebang-crlf", "wrong-script-end-of-line-encoding",
        "printf '#!/bin/sh\\r\\ntrue\\r\\n' > usr/bin/%N", ""),
    file("script-not-executable", "non-executable-script", "chmod 644 usr/bin/%N", ""),
    file("executable-not-program", "script-without-shebang",
        "echo text > usr/share/%N/text; chmod 755 usr/share/%N/text", "/usr/share/%N/text"),
    file("executable-document", "executable-docs",
        "mkdir -p usr/share/doc/%N; printf '#!/bin/sh\\n' > usr/share/doc/%N/README; chmod 755 usr/share/doc/%N/README",
        "%doc /usr/share/doc/%N"),
    file("empty-file", "zero-length", ": > usr/share/%N/x", "/usr/share/%N/x"),
    file("world-writable", "world-writable", "echo x > usr/share/%N/x",
        "%attr(0666,root,root) /usr/share/%N/x"),
    file("odd-mode", "non-readable", "echo x > usr/share/%N/x", "%attr(0600,root,root) /usr/share/%N/x"),
    file("odd-mode", "non-standard-executable-perm", "", "%attr(0775,root,root) /usr/bin/%N"),
    file("odd-mode", "non-standard-dir-perm", "mkdir usr/lib/%N", "%attr(0700,root,root) %dir /usr/lib/%N"),
    file("setuid", "setuid-binary", "", "%attr(4755,root,root) /usr/bin/%N"),
    file("hard-link", "cross-directory-hard-link", "mkdir usr/lib/%N; ln usr/bin/%N usr/lib/%N/again",
        "/usr/lib/%N"),
    file("link-absolute", "symlink-should-be-relative", "ln -s /usr/bin/%N usr/share/%N/x",
        "/usr/share/%N/x"),
    file("link-relative", "", "ln -s ../../../etc/motd usr/share/%N/x", "/usr/share/%N/x"),
    file("link-dangling", "dangling-relative-symlink", "ln -s nothing usr/share/%N/x", "/usr/share/%N/x"),
    file("document-not-utf8", "file-not-utf8",
        "mkdir -p usr/share/doc/%N; printf 'Gr\\374\\337e\\n' > usr/share/doc/%N/README",
        "%doc /usr/share/doc/%N"),
    file("junk-file", "version-control-internal-file",
        "mkdir usr/share/%N/.git; echo x > usr/share/%N/.git/config", "/usr/share/%N/.git"),
    file("junk-file", "backup-file-in-package", "echo x > usr/share/%N/x~", "/usr/share/%N/x~"),
    file("odd-place", "dir-or-file-in-usr-local", "mkdir -p usr/local/share; echo x > usr/local/share/%N",
        "/usr/local/share/%N"),
    file("odd-place", "dir-or-file-in-home", "mkdir -p home; echo x > home/%N", "/home/%N"),
    file("odd-place", "dir-or-file-in-tmp", "mkdir -p tmp; echo x > tmp/%N", "/tmp/%N"),
    file("opt-place", "dir-or-file-in-opt", "mkdir -p opt/%N; echo x > opt/%N/x", "/opt/%N"),
    file("odd-directory", "subdir-in-bin", "mkdir usr/bin/more; cp usr/bin/%N usr/bin/more/",
        "/usr/bin/more/%N"),
    file("odd-directory", "non-standard-dir-in-usr", "mkdir -p usr/things; echo x > usr/things/%N",
        "/usr/things"),
    file("info-directory", "info-dir-file", "mkdir -p usr/share/info; echo x > usr/share/info/dir",
        "%doc /usr/share/info/dir"),
    file("install-document", "install-file-in-docs",
        "mkdir -p usr/share/doc/%N; echo x > usr/share/doc/%N/INSTALL", "%doc /usr/share/doc/%N"),
    broken("man-missing", "", "", "rm usr/share/man/man1/%N.1.gz", "-man", ""),
    file("man-compression", "manpage-not-compressed",
        "mkdir -p usr/share/man/man5; printf '.TH x 5\\n' > usr/share/man/man5/%N.5",
        "/usr/share/man/man5/%N.5*"),
    file("unit-in-etc", "systemd-unit-in-etc",
        "mkdir -p etc/systemd/system; printf '[Unit]\\nDescription=x\\n[Service]\\nExecStart=/usr/bin/%N\\n' > etc/systemd/system/%N.service",
        "%config(noreplace) /etc/systemd/system/%N.service"),
    file("unit-in-etc", "tmpfiles-conf-in-etc",
        "mkdir -p etc/tmpfiles.d; echo 'd /run/x' > etc/tmpfiles.d/%N.conf",
        "%config(noreplace) /etc/tmpfiles.d/%N.conf"),
    file("binary-in-noarch", "arch-independent-package-contains-binary-or-object",
        "mkdir usr/lib/%N; cp /usr/bin/true usr/lib/%N/true", "/usr/lib/%N"),
    broken("binary-place", "binary-in-etc", "BuildArch: none", "cp /usr/bin/true etc/%N", "/etc/%N", ""),
    file("no-signature", "", "", ""),
];
