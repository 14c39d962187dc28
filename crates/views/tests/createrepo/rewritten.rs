//! Packages whose header is changed after rpmbuild made them: what this machine's rpmbuild does not write, and others do
//! or did.

use crate::{ours, raw_rpm::RawRpm, rpmbuild, run, same_as_createrepo_c};
use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;
use std::path::{Path, PathBuf};
use std::process::Command;

type Entries = Vec<(u32, u32, u32, Vec<u8>)>;

const SPEC: &str = "Name: bent\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n\
    Provides: aa, bb = 1\n\
    Requires: aa, bb = 1, cc, dd = 1, ee > 2, libc.so.6(GLIBC_2.4), libc.so.6(GLIBC_2.17), zz\n\
    Recommends: rr\nSuggests: ss\nEnhances: nn\nSupplements: uu\n%description\nx\n%files\n";

/// The package after a change of its header.
fn bent(dir: &Path, change: impl FnOnce(&mut Entries)) -> PathBuf {
    let package = rpmbuild(dir, "-bb", SPEC.as_bytes()).remove(0);
    let bytes = std::fs::read(&package).unwrap();
    std::fs::write(&package, RawRpm::of(&bytes).rewrite(change).sealed()).unwrap();
    package
}

/// Compares it.
#[track_caller]
fn compare(change: impl FnOnce(&mut Entries)) {
    let dir = tempfile::tempdir().unwrap();
    same_as_createrepo_c(&bent(dir.path(), change));
}

fn set(entries: &mut Entries, of: u32, as_kind: u32, count: usize, data: Vec<u8>) {
    entries.retain(|e| e.0 != of);
    entries.push((of, as_kind, u32::try_from(count).unwrap(), data));
}

fn texts(entries: &mut Entries, of: u32, values: &[&str]) {
    let data = values
        .iter()
        .flat_map(|v| [v.as_bytes(), b"\0"].concat())
        .collect();
    set(entries, of, kind::STRING_ARRAY, values.len(), data);
}

fn numbers(entries: &mut Entries, of: u32, values: &[u64]) {
    let raw = |v: &u64| u32::try_from(*v).unwrap().to_be_bytes();
    set(
        entries,
        of,
        kind::INT32,
        values.len(),
        values.iter().flat_map(raw).collect(),
    );
}

fn dependencies(entries: &mut Entries, tags: tag::Triple, values: &[(&str, u64, &str)]) {
    texts(entries, tags.0, &values.iter().map(|v| v.0).collect::<Vec<_>>());
    numbers(entries, tags.1, &values.iter().map(|v| v.1).collect::<Vec<_>>());
    texts(entries, tags.2, &values.iter().map(|v| v.2).collect::<Vec<_>>());
}

const MISSING_OK: u64 = tag::sense::MISSING_OK;
const STRONG: u64 = tag::sense::STRONG;
const EQUAL: u64 = tag::sense::EQUAL;

#[test]
fn requirements_that_may_be_missing_are_recommendations_before_those_that_are() {
    compare(|entries| {
        let values = [
            ("weak", MISSING_OK, ""),
            ("weak", MISSING_OK, ""),
            ("weak-pre", MISSING_OK | tag::sense::SCRIPT_PRE, ""),
            ("libc.so.6(GLIBC_2.99)", MISSING_OK, ""),
            ("libc.so.6(GLIBC_2.4)", 0, ""),
            ("aa", MISSING_OK, ""),
            ("plain", 0, ""),
        ];
        dependencies(entries, tag::REQUIRES, &values);
    });
}

#[test]
fn weak_dependencies_of_old_suse_packages_are_listed_alike() {
    compare(|entries| {
        dependencies(
            entries,
            tag::OLD_SUGGESTS,
            &[("strong", STRONG, ""), ("weak", EQUAL, "1-2")],
        );
        dependencies(
            entries,
            tag::OLD_ENHANCES,
            &[("weak", 0, ""), ("strong", STRONG | EQUAL, "3:1")],
        );
    });
}

#[test]
fn only_a_requirement_that_is_repeated_at_once_is_left_out_alike() {
    compare(|entries| {
        let values = [
            ("a", EQUAL, "1"),
            ("b", 0, ""),
            ("a", EQUAL, "1"),
            ("a", 2, "9"),
            ("a", EQUAL, "1"),
            ("a", EQUAL | tag::sense::PREREQ, "1"),
            ("a", EQUAL | tag::sense::SCRIPT_POST, "1"),
        ];
        dependencies(entries, tag::REQUIRES, &values);
    });
}

#[test]
fn odd_versions_and_flags_of_dependencies_are_listed_alike() {
    compare(|entries| {
        let values = [
            ("no-version", EQUAL, ""),
            ("no-flags", 0, "1"),
            ("both-ways", 6, "1"),
            ("all-ways", 14, "1"),
            ("empty-epoch", EQUAL, ":1-1"),
            ("bad-epoch", EQUAL, "a:1-1"),
            ("late-colon", EQUAL, "1.0:2-1"),
            ("empty-release", EQUAL, "1:1-"),
            ("empty-version", EQUAL, "1:-1"),
            ("dashes", EQUAL, "1-2-3"),
            ("only-epoch", EQUAL, "1:"),
            ("", 0, ""),
        ];
        dependencies(entries, tag::REQUIRES, &values);
        dependencies(entries, tag::CONFLICTS, &values);
    });
}

#[test]
fn texts_that_are_there_more_than_once_or_not_at_all_are_listed_alike() {
    compare(|entries| {
        let gone = [
            tag::URL,
            tag::VENDOR,
            tag::GROUP,
            tag::BUILD_HOST,
            tag::PACKAGER,
            tag::BUILD_TIME,
        ];
        entries.retain(|e| !gone.contains(&e.0));
        set(
            entries,
            tag::SUMMARY,
            kind::I18N_STRING,
            2,
            b"C summary\0de summary\0".to_vec(),
        );
        texts(entries, tag::HEADER_LOCALES, &["C", "de"]);
    });
}

/// Two entries of one time after 2038 would not be: createrepo_c counts them with 32 bits.
#[test]
fn a_changelog_of_1970_or_after_2038_is_listed_alike() {
    compare(|entries| {
        numbers(
            entries,
            tag::CHANGELOG_TIMES,
            &[4_294_967_295, 2_147_483_648, 9, 0, 0],
        );
        texts(entries, tag::CHANGELOG_NAMES, &["a  ", "b", "c", " d", "e"]);
        texts(
            entries,
            tag::CHANGELOG_TEXTS,
            &["- a", " b\n\n", "", "- <d>&\"'", "\te\r\n"],
        );
    });
}

#[test]
fn sizes_of_64_bits_and_epochs_are_listed_alike() {
    compare(|entries| {
        entries.retain(|e| e.0 != tag::SIZE);
        set(
            entries,
            tag::LONG_SIZE,
            kind::INT64,
            1,
            (5_u64 << 32).to_be_bytes().to_vec(),
        );
        numbers(entries, tag::EPOCH, &[4_294_967_295]);
    });
}

#[test]
fn control_characters_cost_no_package_here_and_cost_it_there() {
    let dir = tempfile::tempdir().unwrap();
    let package = bent(dir.path(), |entries| {
        let texts_of = [
            (tag::DESCRIPTION, "bell \u{7} escape \u{1b}[1m"),
            (tag::SUMMARY, "\u{1f}"),
        ];
        for (of, text) in texts_of {
            set(
                entries,
                of,
                kind::I18N_STRING,
                1,
                format!("{text}\0").into_bytes(),
            );
        }
        dependencies(entries, tag::REQUIRES, &[("a\u{1}b", EQUAL, "1\u{2}")]);
        numbers(entries, tag::CHANGELOG_TIMES, &[1_500_000_000]);
        texts(entries, tag::CHANGELOG_NAMES, &["Jo\u{8}"]);
        texts(entries, tag::CHANGELOG_TEXTS, &["- \u{c}"]);
    });
    let [primary, _, other] = ours(&package);
    let (primary, other) = (primary.join("\n"), other.join("\n"));
    for listed in [
        "<description>bell \u{fffd} escape \u{fffd}[1m</description>",
        "<summary>\u{fffd}</summary>",
        "name=\"a\u{fffd}b\" flags=\"EQ\" epoch=\"0\" ver=\"1\u{fffd}\"",
    ] {
        assert!(primary.contains(listed), "{listed}\n{primary}");
    }
    assert!(
        other.contains("author=\"Jo\u{fffd}\"") && other.contains(">- \u{fffd}<"),
        "{other}"
    );

    let alone = tempfile::tempdir().unwrap();
    std::fs::copy(&package, alone.path().join("bent.rpm")).unwrap();
    run(Command::new("createrepo_c")
        .args(["--quiet", "--no-database"])
        .arg(alone.path()));
    let zcat = run(Command::new("sh")
        .arg("-c")
        .arg("zcat repodata/*-primary.xml.gz")
        .current_dir(alone.path()));
    assert!(!zcat.contains("<name>bent</name>"), "{zcat}");
}
