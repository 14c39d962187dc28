//! What each known OS release means for a package that is built for it. A new release is a new row.
//!
//! Sources: the releases' own packages (`python3`, `systemd`, `rpm`), dpkg-deb(1) and rpm's macros for the compression that
//! each makes by default, and the vendors' calendars. A release that keeps moving has no Python of its own: what depends
//! on it is then left as open as for `any`.

use packyard_formats::compress::Compression;
use packyard_types::DistributionName;

/// The package manager of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// dpkg and apt.
    Deb,
    /// rpm with dnf or zypper.
    Rpm,
}

/// An OS release.
#[derive(Debug, Clone, Copy)]
pub struct KnownDistribution {
    /// What it is called, the usual name first.
    pub names: &'static [&'static str],
    /// Its package manager.
    pub family: Family,
    /// The version of `python3`; none where it keeps moving.
    pub python: Option<&'static str>,
    /// What its own packages are compressed with, which its tools read.
    pub compression: Compression,
    /// What rpm's `%{?dist}` adds to a release; empty for a .deb.
    pub dist_tag: &'static str,
    /// The Debian release whose package names it uses; empty for an .rpm.
    pub debian_names: &'static str,
    /// The major version of its systemd; 0 where it keeps moving.
    pub systemd: u16,
    /// When its makers stop to support it without a contract, as year and month; none where no end is set.
    pub supported_until: Option<(i16, u8)>,
}

impl KnownDistribution {
    /// The release of that name.
    ///
    /// ```
    /// # use packyard_build::KnownDistribution;
    /// let rocky = KnownDistribution::find(&"rocky9".parse().unwrap()).unwrap();
    /// assert_eq!((rocky.names[0], rocky.python), ("el9", Some("3.9")));
    /// assert!(KnownDistribution::find(&"el99".parse().unwrap()).is_none());
    /// ```
    pub fn find(name: &DistributionName) -> Option<&'static Self> {
        let is_it = |known: &&Self| known.names.contains(&name.as_str());
        KNOWN_DISTRIBUTIONS.iter().find(is_it)
    }

    /// Where packages put units. Before usr-merge was everywhere, `deb-systemd-helper` looked below `/lib` only.
    pub fn unit_directory(&self) -> &'static str {
        const SPLIT_USR: [&str; 3] = ["buster", "bullseye", "focal"];
        if SPLIT_USR.contains(&self.names[0]) {
            "/lib/systemd/system"
        } else {
            "/usr/lib/systemd/system"
        }
    }
}

const fn deb(
    names: &'static [&'static str],
    python: Option<&'static str>,
    compression: Compression,
    debian_names: &'static str,
    systemd: u16,
    supported_until: Option<(i16, u8)>,
) -> KnownDistribution {
    KnownDistribution {
        names,
        family: Family::Deb,
        python,
        compression,
        dist_tag: "",
        debian_names,
        systemd,
        supported_until,
    }
}

const fn rpm(
    names: &'static [&'static str],
    python: Option<&'static str>,
    compression: Compression,
    dist_tag: &'static str,
    systemd: u16,
    supported_until: Option<(i16, u8)>,
) -> KnownDistribution {
    KnownDistribution {
        names,
        family: Family::Rpm,
        python,
        compression,
        dist_tag,
        debian_names: "",
        systemd,
        supported_until,
    }
}

/// Every release that packyard knows, by family and age.
#[rustfmt::skip]
pub const KNOWN_DISTRIBUTIONS: &[KnownDistribution] = &[
    // names, Python, payload, Debian release of the names, systemd, supported until
    deb(&["buster", "debian10", "debian-10", "deb10"], Some("3.7"), Compression::Xz, "bullseye", 241, Some((2024, 6))),
    deb(&["bullseye", "debian11", "debian-11", "deb11"], Some("3.9"), Compression::Xz, "bullseye", 247, Some((2026, 8))),
    deb(&["bookworm", "debian12", "debian-12", "deb12"], Some("3.11"), Compression::Xz, "bookworm", 252, Some((2028, 6))),
    deb(&["trixie", "debian13", "debian-13", "deb13"], Some("3.13"), Compression::Xz, "trixie", 257, Some((2030, 6))),
    deb(&["forky", "debian14", "debian-14", "deb14", "testing"], None, Compression::Xz, "forky", 0, None),
    deb(&["sid", "unstable"], None, Compression::Xz, "sid", 0, None),
    // Ubuntu's dpkg-deb makes zstd since 21.10, and every dpkg of these releases reads it.
    deb(&["focal", "ubuntu20.04", "ubuntu-20.04", "ubuntu2004"], Some("3.8"), Compression::Xz, "bullseye", 245, Some((2025, 5))),
    deb(&["jammy", "ubuntu22.04", "ubuntu-22.04", "ubuntu2204"], Some("3.10"), Compression::Zstd, "bookworm", 249, Some((2027, 6))),
    deb(&["noble", "ubuntu24.04", "ubuntu-24.04", "ubuntu2404"], Some("3.12"), Compression::Zstd, "trixie", 255, Some((2029, 5))),
    deb(&["plucky", "ubuntu25.04", "ubuntu-25.04", "ubuntu2504"], Some("3.13"), Compression::Zstd, "trixie", 257, Some((2026, 1))),
    deb(&["questing", "ubuntu25.10", "ubuntu-25.10", "ubuntu2510"], Some("3.13"), Compression::Zstd, "trixie", 257, Some((2026, 7))),
    deb(&["resolute", "ubuntu26.04", "ubuntu-26.04", "ubuntu2604"], Some("3.14"), Compression::Zstd, "forky", 259, Some((2031, 5))),
    // names, Python, payload, dist tag, systemd, supported until
    rpm(&["el8", "rhel8", "centos8", "centos-stream8", "rocky8", "almalinux8", "alma8", "ol8"], Some("3.6"), Compression::Xz, ".el8", 239, Some((2029, 5))),
    rpm(&["el9", "rhel9", "centos9", "centos-stream9", "rocky9", "almalinux9", "alma9", "ol9"], Some("3.9"), Compression::Zstd, ".el9", 252, Some((2032, 5))),
    rpm(&["el10", "rhel10", "centos10", "centos-stream10", "rocky10", "almalinux10", "alma10", "ol10"], Some("3.12"), Compression::Zstd, ".el10", 257, Some((2035, 5))),
    rpm(&["amzn2023", "al2023", "amazonlinux2023"], Some("3.9"), Compression::Zstd, ".amzn2023", 252, Some((2029, 6))),
    rpm(&["fc40", "f40", "fedora40", "fedora-40"], Some("3.12"), Compression::Zstd, ".fc40", 255, Some((2025, 5))),
    rpm(&["fc41", "f41", "fedora41", "fedora-41"], Some("3.13"), Compression::Zstd, ".fc41", 256, Some((2025, 12))),
    rpm(&["fc42", "f42", "fedora42", "fedora-42"], Some("3.13"), Compression::Zstd, ".fc42", 257, Some((2026, 5))),
    rpm(&["fc43", "f43", "fedora43", "fedora-43"], Some("3.14"), Compression::Zstd, ".fc43", 258, Some((2026, 12))),
    rpm(&["fc44", "f44", "fedora44", "fedora-44"], Some("3.14"), Compression::Zstd, ".fc44", 259, Some((2027, 5))),
    rpm(&["rawhide", "fedora-rawhide"], None, Compression::Zstd, "", 0, None),
    // openSUSE's macros define no dist tag; its release numbers come from its build service.
    rpm(&["leap15.6", "leap-15.6", "opensuse-leap-15.6", "opensuse15.6"], Some("3.6"), Compression::Xz, "", 254, Some((2026, 4))),
    rpm(&["leap16.0", "leap-16.0", "opensuse-leap-16.0", "opensuse16.0"], Some("3.13"), Compression::Zstd, "", 257, Some((2027, 10))),
    rpm(&["sle15", "sles15", "sle-15"], Some("3.6"), Compression::Xz, "", 254, Some((2031, 7))),
    rpm(&["tumbleweed", "opensuse-tumbleweed"], None, Compression::Zstd, "", 0, None),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_name_is_a_distribution_name_and_means_one_release() {
        let mut seen = BTreeSet::new();
        for name in KNOWN_DISTRIBUTIONS.iter().flat_map(|known| known.names) {
            assert!(DistributionName::parse(name).is_ok(), "{name}");
            assert!(seen.insert(name), "{name} is there twice");
        }
    }
}
