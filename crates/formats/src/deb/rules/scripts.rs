//! control.tar: plain files, and maintainer scripts that the kernel can start (Debian Policy 6.1, 10.4).

use crate::archive::contents::{MemberKind, shebang};
use crate::deb::read::Deb;
use crate::fault::{Fault, REBUILD, shown};

/// What dpkg and debconf run.
const SCRIPTS: [&str; 5] = ["preinst", "postinst", "prerm", "postrm", "config"];
/// Where a distribution's own interpreters are.
const USUAL: [&str; 4] = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"];

/// Judges the files of control.tar.
pub(super) fn judge(deb: &Deb, faults: &mut Vec<Fault>) {
    for member in &deb.control_files.members {
        let what = match member.kind {
            MemberKind::File => continue,
            MemberKind::Dir => "a directory, which dpkg refuses in control.tar",
            _ => "a link, where control.tar holds plain files",
        };
        faults.push(Fault::new(format!("it is {what}"), REBUILD).at(&member.path));
    }
    for name in SCRIPTS {
        if let Some(bytes) = deb.control_files.kept.get(name) {
            faults.extend(not_a_program(deb, bytes).map(|fault| fault.at(name)));
        }
    }
}

fn not_a_program(deb: &Deb, bytes: &[u8]) -> Option<Fault> {
    if bytes.starts_with(b"\x7fELF") {
        return None;
    }
    let Some(line) = shebang(bytes) else {
        return Some(Fault::new(
            "it is a script that does not begin with `#!`",
            "begin it with `#!/bin/sh`",
        ));
    };
    let interpreter = line.split_whitespace().next().unwrap_or_default();
    let usual = USUAL.iter().any(|place| {
        interpreter
            .strip_prefix(place)
            .is_some_and(|name| !name.is_empty() && !name.contains('/'))
    });
    let own = interpreter
        .strip_prefix('/')
        .is_some_and(|path| deb.data.has(path));
    let rule = format!(
        "its interpreter `{}` is in no place that every system has",
        shown(interpreter)
    );
    (!usual && !own).then(|| {
        Fault::new(
            rule,
            "write it for `/bin/sh`, or for what the package depends on in /usr/bin",
        )
    })
}
