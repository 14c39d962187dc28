//! PEP 440, dpkg and rpm order a version and its images alike: asked of the real dpkg and the real rpm, for thousands of
//! versions of equal release width.
//!
//! All three orders are total, so it is enough that each version is strictly before its successor on the other side:
//! then every pair is in order. Each tool is started once, or once a comparison where it cannot do more.

#![allow(clippy::unwrap_used)]

use packyard_types::ReleaseVersion;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// How many versions are drawn for each width and tool.
const DRAWN: usize = 1500;

/// Small numbers meet each other often; some are long enough for a tool that compares text to trip over.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..4_u64, 2 => 8..12_u64, 1 => 99..101_u64, 1 => 20_260_101..20_260_103_u64]
}

/// Every kind of version: with and without epoch, alpha, beta, rc, post and dev, and all that can stand together.
fn version(width: usize) -> impl Strategy<Value = String> {
    let epoch = prop_oneof![8 => Just(String::new()), 1 => (1..12_u32).prop_map(|e| format!("{e}!"))];
    let release = prop::collection::vec(number(), width)
        .prop_map(|parts| parts.iter().map(u64::to_string).collect::<Vec<_>>().join("."));
    let mark = |mark: &'static str| number().prop_map(move |n| format!("{mark}{n}"));
    let pre = prop_oneof![2 => Just(String::new()), 1 => mark("a"), 1 => mark("b"), 1 => mark("rc")];
    let post = prop_oneof![2 => Just(String::new()), 1 => mark(".post")];
    let dev = prop_oneof![2 => Just(String::new()), 1 => mark(".dev")];
    (epoch, release, pre, post, dev)
        .prop_map(|(epoch, release, pre, post, dev)| format!("{epoch}{release}{pre}{post}{dev}"))
}

/// The drawn versions in PEP 440's order, each once; the draw is the same in every run.
fn sorted(width: usize) -> Vec<ReleaseVersion> {
    let mut runner = TestRunner::deterministic();
    let strategy = version(width);
    let mut draw = || strategy.new_tree(&mut runner).unwrap().current();
    let mut versions: Vec<_> = (0..DRAWN)
        .map(|_| ReleaseVersion::parse(&draw()).unwrap())
        .collect();
    versions.sort();
    versions.dedup();
    assert!(versions.len() > DRAWN / 2, "too few different versions");
    versions
}

/// A version as the tool sees it, for several revisions or releases, in ascending order.
fn images(versions: &[ReleaseVersion], image: impl Fn(&ReleaseVersion) -> String) -> Vec<String> {
    const REVISIONS: [&str; 4] = ["1~rc1", "1", "1.el9", "10"];
    let both = |(i, version): (usize, &ReleaseVersion)| {
        // Most are compared with what they are compared with in practice; some with all revisions of their own.
        let revisions = if i.is_multiple_of(7) {
            &REVISIONS[..]
        } else {
            &REVISIONS[i % 4..=i % 4]
        };
        revisions
            .iter()
            .map(|revision| format!("{}-{revision}", image(version)))
            .collect::<Vec<_>>()
    };
    versions.iter().enumerate().flat_map(both).collect()
}

fn with_input(command: &mut Command, input: &str) -> String {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.unwrap_or_else(|e| panic!("{command:?} cannot run: {e}"));
    // A thread writes, so that neither side waits for the other with a full pipe.
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn pairs(images: &[String]) -> String {
    images
        .windows(2)
        .map(|pair| format!("{} {}\n", pair[0], pair[1]))
        .collect()
}

#[test]
fn dpkg_orders_the_debian_images_as_pep_440_does() {
    let script = "while read -r a b; do dpkg --compare-versions \"$a\" lt \"$b\" || echo \"$a $b\"; done";
    for width in 1..=4 {
        let images = images(&sorted(width), ReleaseVersion::deb_upstream);
        let wrong = with_input(Command::new("sh").args(["-c", script]), &pairs(&images));
        assert_eq!(wrong, "", "dpkg says that these are not in order");
    }
}

#[test]
fn rpm_orders_the_rpm_images_as_pep_440_does() {
    for width in 1..=4 {
        let evr = |version: &ReleaseVersion| format!("{}:{}", version.epoch(), version.rpm_version());
        let images = images(&sorted(width), evr);
        for some in images.chunks(500) {
            let list: Vec<String> = some.iter().map(|image| format!("'{image}'")).collect();
            let script = format!(
                "%{{lua: v = {{ {} }} for i = 2, #v do if rpm.vercmp(v[i-1], v[i]) ~= -1 then print(v[i-1], v[i]) end end}}",
                list.join(",")
            );
            let wrong = with_input(Command::new("rpm").args(["--eval", &script]), "");
            assert_eq!(wrong.trim(), "", "rpm says that these are not in order");
        }
    }
}

#[test]
fn dpkg_takes_the_greatest_epoch_that_we_do_and_no_greater_one() {
    let accepts = |version: &str| {
        let answer = Command::new("dpkg")
            .args(["--validate-version", version])
            .status();
        answer.unwrap().success()
    };
    let greatest = i32::MAX;
    assert!(accepts(
        &ReleaseVersion::parse(&format!("{greatest}!1.0"))
            .unwrap()
            .deb_upstream()
    ));
    let refused = ReleaseVersion::parse(&format!("{}!1.0", i64::from(greatest) + 1)).unwrap_err();
    assert!(refused.rule.contains("2147483647"), "{refused}");
    assert!(!accepts(&format!("{}:1.0", i64::from(greatest) + 1)));
}

proptest! {
    #[test]
    fn a_snapshot_is_behind_its_release_and_before_the_next(text in version(3), n in 0..1000_u64) {
        let release = ReleaseVersion::parse(&text).unwrap();
        let (snapshot, later) = (release.snapshot_after(n), release.snapshot_after(n + 1));
        prop_assert!(release < snapshot || (n == 0 && release == snapshot), "{release} {snapshot}");
        prop_assert!(snapshot < later);
        prop_assert!(release.snapshot_before(n) < release || release.pep440().is_dev());
    }
}
