//! Tables of what is seen in archives, and the way back from every image.

use super::{deb_release, of_deb, of_rpm, rpm_release};
use packyard_types::{ReleaseVersion, RpmFacts};
use proptest::prelude::*;

/// An .rpm that says nothing but this of itself; the rest is as empty as a header may be.
fn rpm(name: &str, epoch: u32, version: &str, release: &str, source_rpm: &str) -> RpmFacts {
    let blank = serde_json::json!({
        "name": name, "epoch": epoch, "version": version, "release": release, "source_rpm": source_rpm,
        "arch": "noarch", "summary": "", "description": "", "packager": "", "url": "", "license": "", "vendor": "",
        "group": "", "build_host": "", "build_time": 0, "installed_size_bytes": 0, "archive_size_bytes": 0,
        "header_start": 0, "header_end": 0, "provides": [], "requires": [], "conflicts": [], "obsoletes": [],
        "suggests": [], "enhances": [], "recommends": [], "supplements": [], "files": [], "changelog": [],
        "signed_by": null,
    });
    serde_json::from_value(blank).unwrap()
}

#[test]
fn a_deb_belongs_to_its_source_and_has_its_version() {
    let table = [
        // package, version, Source, project, release version
        ("hello", "1.1.3-1", "", "hello", "1.1.3"),
        ("hello", "1.1.3~rc1-1", "hello", "hello", "1.1.3rc1"),
        ("python3-hello", "1.0-1", "hello", "hello", "1.0"),
        ("python3-hello", "1.0-1", "", "hello", "1.0"),
        ("python3-hello", "1.0-1", "python-hello", "python-hello", "1.0"),
        ("libfoo1", "1.2-3", "foo", "foo", "1.2"),
        ("libfoo1", "1.2-3+b1", "foo (1.2-3)", "foo", "1.2"),
        (
            "gcc",
            "4:12.2.0-3",
            "gcc-defaults (1.203)",
            "gcc-defaults",
            "1.203",
        ),
        ("libstdc++6", "12.2.0-14", "gcc-12", "gcc-12", "12.2.0"),
        ("base-files", "12.4+deb12u5", "", "base-files", "12.4+deb12u5"),
        ("tool", "1:2.0~rc1-1~bpo12+1", "", "tool", "1!2.0rc1"),
        ("tool", "2:1.0+dfsg-1", "", "tool", "1.0+dfsg"),
        ("tool", "1.2-3-4", "", "tool", "1.2-3"),
        // A source that is no package, or whose version is none, says nothing.
        ("tool", "1.0-1", "tool (<b>)", "tool", "1.0"),
        ("tool", "1.0-1", "()", "tool", "1.0"),
    ];
    for (package, version, source, project, release) in table {
        let found = of_deb(package, version, source).unwrap();
        let said = (found.project.as_str(), found.release_version.as_str());
        assert_eq!(said, (project, release), "{package} {version} of `{source}`");
    }
    assert!(of_deb("tool", "1.0-1", "../../etc").is_err());
}

#[test]
fn an_rpm_belongs_to_its_source_and_has_its_version() {
    let table = [
        // name, epoch, version, release, SOURCERPM, project, release version
        (
            "hello",
            0,
            "1.1.3",
            "1",
            "hello-1.1.3-1.src.rpm",
            "hello",
            "1.1.3",
        ),
        (
            "python3-hello",
            0,
            "1.0~rc1",
            "1.el9",
            "hello-1.0~rc1-1.el9.src.rpm",
            "hello",
            "1.0rc1",
        ),
        (
            "python3-hello",
            0,
            "1.0",
            "1.fc42",
            "python-hello-1.0-1.fc42.src.rpm",
            "python-hello",
            "1.0",
        ),
        ("foo_bar", 0, "1.0", "1", "", "foo-bar", "1.0"),
        (
            "foo_bar-libs",
            0,
            "1.0^post2",
            "1",
            "Foo_Bar-1.0^post2-1.src.rpm",
            "foo-bar",
            "1.0.post2",
        ),
        (
            "tool",
            3,
            "1.0~~dev3",
            "1",
            "tool-1.0~~dev3-1.src.rpm",
            "tool",
            "3!1.0.dev3",
        ),
        (
            "perl-Socket",
            4,
            "2.036",
            "1.el9",
            "perl-5.36.1-481.el9.nosrc.rpm",
            "perl",
            "4!5.36.1",
        ),
        ("tool", 0, "1.0", "1", "(none)", "tool", "1.0"),
        ("tool", 0, "1.0", "1", "../../x-1-1.src.rpm", "tool", "1.0"),
        ("tool", 0, "1.0", "1", "other-<b>-1.src.rpm", "tool", "1.0"),
        ("tool", 0, "20240101git1234", "1", "", "tool", "20240101git1234"),
    ];
    for (name, epoch, version, release, source, project, expected) in table {
        let found = of_rpm(&rpm(name, epoch, version, release, source)).unwrap();
        let said = (found.project.as_str(), found.release_version.as_str());
        assert_eq!(said, (project, expected), "{name} {version} of `{source}`");
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..4_u64, 2 => 8..12_u64, 1 => 20_260_101..20_260_103_u64]
}

/// Every kind of version that has images.
fn release() -> impl Strategy<Value = ReleaseVersion> {
    let mark = |mark: &'static str| number().prop_map(move |n| format!("{mark}{n}"));
    let pre = prop_oneof![2 => Just(String::new()), 1 => mark("a"), 1 => mark("b"), 1 => mark("rc")];
    let post = prop_oneof![2 => Just(String::new()), 1 => mark(".post")];
    let dev = prop_oneof![2 => Just(String::new()), 1 => mark(".dev")];
    let numbers = prop::collection::vec(number(), 1..5);
    (0..4_u32, numbers, pre, post, dev).prop_map(|(epoch, numbers, pre, post, dev)| {
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let text = format!("{epoch}!{}{pre}{post}{dev}", numbers.join("."));
        ReleaseVersion::parse(&text).unwrap()
    })
}

/// Debian revisions and RPM releases as distributions and rebuilds write them.
fn revision() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "1",
        "0ubuntu1",
        "1~bookworm1",
        "1+deb12u1",
        "1.el9",
        "3.fc42",
        "1~bpo12+1",
        "0.1.rc1.el9",
    ])
}

proptest! {
    #[test]
    fn the_wheel_the_deb_and_the_rpm_of_a_release_have_one_version(version in release(), revision in revision()) {
        let wheel = version.to_string();
        let image = version.deb_upstream();
        prop_assert_eq!(&deb_release(&format!("{image}-{revision}")), &wheel);
        prop_assert_eq!(&deb_release(&image), &wheel, "a native package");
        prop_assert_eq!(&rpm_release(&version.rpm_version(), version.epoch()), &wheel);
    }

    #[test]
    fn two_releases_do_not_fall_together(a in release(), b in release(), revision in revision()) {
        let deb = |v: &ReleaseVersion| deb_release(&format!("{}-{revision}", v.deb_upstream()));
        let rpm = |v: &ReleaseVersion| rpm_release(&v.rpm_version(), v.epoch());
        // PEP 440 takes 1.0 and 1.0.0 for one; how they are spelt stays.
        let same = a.to_string() == b.to_string();
        prop_assert_eq!(deb(&a) == deb(&b), same);
        prop_assert_eq!(rpm(&a) == rpm(&b), same);
    }

    #[test]
    fn whatever_a_package_says_it_has_an_identity_or_is_refused(
        package in "[a-z0-9+.-]{0,12}", version in "[0-9a-z.:~+^-]{0,16}", source in "\\PC{0,24}",
    ) {
        if let Ok(found) = of_deb(&package, &version, &source) {
            prop_assert!(!found.project.as_str().is_empty());
        }
        if let Ok(found) = of_rpm(&rpm(&package, 0, &version, "1", &source)) {
            prop_assert!(!found.project.as_str().is_empty());
        }
    }
}
