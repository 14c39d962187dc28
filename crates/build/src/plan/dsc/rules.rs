//! `debian/rules` (Debian Policy 4.9): a makefile that installs every path with its mode, and four commands of debhelper
//! that make a package of it.

use crate::plan::installation::{Shell, Step, commands};
use packyard_formats::{compress::Compression, dsc::write::DscSpec};

/// A recipe of make, which takes a `$` for its own.
const MAKE: Shell = Shell {
    root: "$(ROOT)",
    indent: "\t",
    special: '$',
    usr: "/usr",
};

const HEAD: &str = "\
#!/usr/bin/make -f
# Installs what the package holds, each path with its mode, and nothing is left to
# guess: from the upstream tree what is in there, from debian/ what was generated.

";

/// `compression` is what the project file asks for; else the builder's distribution has its own.
pub(super) fn rules(spec: &DscSpec, compression: Option<Compression>, steps: &[Step]) -> String {
    let first = spec.binaries.first();
    let package = first.map_or("", |binary| binary.name.as_str());
    let is_all = first.is_none_or(|binary| binary.arch.as_str() == "all");
    let (mine, other) = if is_all {
        ("binary-indep", "binary-arch")
    } else {
        ("binary-arch", "binary-indep")
    };
    let options = match compression {
        None => "",
        Some(Compression::Gzip) => " -- -Zgzip",
        Some(Compression::Xz) => " -- -Zxz",
        Some(Compression::Zstd) => " -- -Zzstd",
    };
    format!(
        "{HEAD}ROOT = debian/{package}\n\n\
         build build-arch build-indep:\n\n\
         clean:\n\tdh_testdir\n\tdh_prep\n\trm -rf debian/.debhelper debian/files\n\n\
         install:\n\tdh_testdir\n\tdh_prep\n{}\n\
         {mine}: install\n\tdh_installdeb\n\tdh_gencontrol\n\tdh_md5sums\n\tdh_builddeb{options}\n\n\
         {other}:\n\n\
         binary: binary-arch binary-indep\n\n\
         .PHONY: build build-arch build-indep clean install binary binary-arch binary-indep\n",
        commands(steps, MAKE)
    )
}
