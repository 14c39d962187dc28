//! Native versions are compared as the real dpkg and the real rpm compare them, drawn and odd ones alike.

#![allow(clippy::unwrap_used)]

use packyard_types::{Ecosystem, native_order};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use std::{
    cmp::Ordering,
    io::Write as _,
    process::{Command, Stdio},
};

/// How many pairs each tool is asked for.
const PAIRS: usize = 2_000;

/// Pairs of versions, drawn alike in every run; the second is often the first with one piece changed.
fn drawn(piece: &str, epoch: bool) -> Vec<(String, String)> {
    let mut runner = TestRunner::deterministic();
    let pieces = prop::collection::vec(proptest::string::string_regex(piece).unwrap(), 0..4);
    let epochs = if epoch {
        vec!["", "", "", "0:", "1:", "01:", "10:"]
    } else {
        vec![""]
    };
    let revision = prop_oneof![
        Just(""),
        Just("-0"),
        Just("-1"),
        Just("-1~rc1"),
        Just("-1+b1"),
        Just("-01")
    ];
    let one = (prop::sample::select(epochs), 0..3_u32, pieces, revision)
        .prop_map(|(epoch, first, rest, revision)| format!("{epoch}{first}{}{revision}", rest.concat()))
        .boxed();
    let pair = (one.clone(), one);
    (0..PAIRS)
        .map(|_| pair.new_tree(&mut runner).unwrap().current())
        .collect()
}

fn answers(command: &mut Command, input: &str) -> Vec<Ordering> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, text) = (child.stdin.take().unwrap(), input.to_owned());
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let order = |word: &str| word.parse::<i32>().unwrap().cmp(&0);
    String::from_utf8(output.stdout)
        .unwrap()
        .split_whitespace()
        .map(order)
        .collect()
}

fn agree(ecosystem: Ecosystem, pairs: &[(String, String)], theirs: &[Ordering]) {
    assert_eq!(pairs.len(), theirs.len());
    for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
        assert!(
            theirs.contains(&order),
            "no pair is {order:?}: the draw shows too little"
        );
    }
    for ((a, b), theirs) in pairs.iter().zip(theirs) {
        assert_eq!(native_order(ecosystem, a, b), *theirs, "`{a}` and `{b}`");
    }
}

#[test]
fn debian_versions_are_ordered_as_dpkg_orders_them() {
    let mut pairs = drawn("[.+~-]?([0-2a-cA]|00|10)", true);
    // What the seams between the parts make of a hyphen, a missing revision and letters beside other signs.
    for (a, b) in [
        ("1.0", "1.0-0"),
        ("1.0-", "1.0"),
        ("1-1-1", "1-1"),
        ("1.a", "1.+"),
        ("1~~", "1~"),
        ("1~~a", "1~"),
    ] {
        pairs.push((a.to_owned(), b.to_owned()));
    }
    pairs.retain(|(a, b)| !a.ends_with('-') && !b.ends_with('-'));
    let script = "while read -r a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; then echo -1; \
        elif dpkg --compare-versions \"$a\" eq \"$b\"; then echo 0; else echo 1; fi; done";
    let input: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    let theirs = answers(Command::new("sh").args(["-c", script]), &input);
    agree(Ecosystem::Apt, &pairs, &theirs);
}

#[test]
fn rpm_versions_are_ordered_as_rpm_orders_them() {
    // rpm.vercmp compares one version or release; the seam between the two is not its matter.
    let pairs: Vec<_> = drawn("[.+~^_]?([0-2a-cA]|00|10)", false)
        .into_iter()
        .map(|(a, b)| (a.replace('-', "."), b.replace('-', ".")))
        .collect();
    let mut theirs = Vec::new();
    for some in pairs.chunks(500) {
        let list: Vec<String> = some.iter().map(|(a, b)| format!("{{'{a}','{b}'}}")).collect();
        let script = format!(
            "%{{lua: for _, p in ipairs({{ {} }}) do print(rpm.vercmp(p[1], p[2]) .. ' ') end}}",
            list.join(",")
        );
        theirs.extend(answers(Command::new("rpm").args(["--eval", &script]), ""));
    }
    agree(Ecosystem::Yum, &pairs, &theirs);
    for (a, b) in [("1:0-1", "9-1"), ("1.0-2", "1.0-1"), ("1.0-1.el9", "1.0-1.el8")] {
        assert!(native_order(Ecosystem::Yum, a, b).is_gt(), "{a} {b}");
    }
}
