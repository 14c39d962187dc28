use super::*;
use pep508_rs::pep440_rs::VersionSpecifiers;
use proptest::prelude::*;
use std::process::Command;

fn shown(specifiers: &str, epoch: u32) -> String {
    let specifiers: VersionSpecifiers = specifiers.parse().unwrap();
    let range = DebRange::of(specifiers.iter(), epoch).unwrap();
    let groups = range.groups("x");
    groups
        .iter()
        .map(|group| group.join(" | "))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn every_operator_has_its_image() {
    for (specifier, relation) in [
        (">=2.0", "x (>= 2)"),
        (">=2.0rc1", "x (>= 2~rc1)"),
        (">1.5", "x (>> 1.5.0.0.~)"),
        ("<3", "x (<< 3~~)"),
        ("<3rc1", "x (<< 3~rc1)"),
        ("<=1.5", "x (<< 1.5.0.0.~)"),
        ("==1.5", "x (>= 1.5), x (<< 1.5.0.0.~)"),
        ("===1.5", "x (>= 1.5), x (<< 1.5.0.0.~)"),
        ("==1.*", "x (>= 1~~), x (<< 2~~)"),
        ("~=1.4.2", "x (>= 1.4.2), x (<< 1.5~~)"),
        ("~=2.2.post3", "x (>= 2.2+post3), x (<< 3~~)"),
        ("!=1.5", "x (<< 1.5) | x (>> 1.5.0.0.~)"),
        ("!=1.5.*", "x (<< 1.5~~) | x (>= 1.6~~)"),
        ("", "x"),
    ] {
        assert_eq!(shown(specifier, 0), relation, "{specifier}");
    }
}

#[test]
fn specifiers_together_become_one_range() {
    assert_eq!(shown(">=1,>=2.0,<3,<4", 0), "x (>= 2), x (<< 3~~)");
    assert_eq!(
        shown(">=2,!=2.5,!=2.7.*,<3", 0),
        "x (>= 2), x (<< 2.5) | x (>> 2.5.0.0.~), x (<< 2.7~~) | x (>= 2.8~~), x (<< 3~~)"
    );
    assert_eq!(shown(">=3,!=2.5", 0), "x (>= 3)");
    let nothing: VersionSpecifiers = ">=3,<2".parse().unwrap();
    assert!(DebRange::of(nothing.iter(), 0).unwrap().is_empty());
}

#[test]
fn a_package_with_an_epoch_is_compared_with_it() {
    assert_eq!(shown(">=4.2,<5", 3), "x (>= 3:4.2), x (<< 3:5~~)");
    assert_eq!(shown(">=1!4.2", 0), "x (>= 1:4.2)");
    let old = DebRange::of(&">=4,<5".parse::<VersionSpecifiers>().unwrap().to_vec(), 0).unwrap();
    let new = DebRange::of(&">=4,<5".parse::<VersionSpecifiers>().unwrap().to_vec(), 1).unwrap();
    let groups: Vec<String> = old.or(&new).groups("x").iter().map(|g| g.join(" | ")).collect();
    assert_eq!(groups, ["x (>= 4)", "x (<< 5~~) | x (>= 1:4)", "x (<< 1:5~~)"]);
}

#[test]
fn a_version_that_debian_has_no_image_of_is_refused() {
    let local: VersionSpecifiers = "==1.0+cu118".parse().unwrap();
    assert_eq!(
        DebRange::of(local.iter(), 0).unwrap_err().to_string(),
        "==1.0+cu118"
    );
}

/// Whether a version meets relations of the package `x`, as dpkg compares: `order` is compared with dpkg itself below.
fn meets(version: &str, groups: &[Vec<String>]) -> bool {
    let holds = |relation: &String| {
        let Some(limit) = relation.strip_prefix("x (") else {
            return relation == "x";
        };
        let (operator, bound) = limit.trim_end_matches(')').split_once(' ').unwrap();
        let order = compare(version, bound);
        match operator {
            ">=" => order.is_ge(),
            ">>" => order.is_gt(),
            "<<" => order.is_lt(),
            other => panic!("{other}"),
        }
    };
    groups.iter().all(|group| group.iter().any(holds))
}

fn dpkg_holds(a: &str, operator: &str, b: &str) -> bool {
    let mut dpkg = Command::new("dpkg");
    dpkg.args(["--compare-versions", a, operator, b])
        .status()
        .unwrap()
        .success()
}

/// What Debian appends to a version.
const ENDS: [&str; 5] = ["-1", "-2+b1", "+dfsg-1", "+ds1-3", "-0ubuntu1~22.04"];

/// Versions of one release width, so that PEP 440 and dpkg agree on which are one version.
fn version() -> impl Strategy<Value = String> {
    let end = prop_oneof![
        4 => Just(""), 1 => Just("rc1"), 1 => Just("a2"), 1 => Just(".dev1"), 1 => Just(".post1"),
        1 => Just("rc1.dev3"), 1 => Just("b1.post1"), 1 => Just(".post2.dev1"),
    ];
    (0..3u8, 0..4u8, 0..3u8, end).prop_map(|(a, b, c, end)| format!("{a}.{b}.{c}{end}"))
}

fn specifier() -> impl Strategy<Value = String> {
    let operator = prop_oneof![
        Just(">="),
        Just(">"),
        Just("<"),
        Just("<="),
        Just("=="),
        Just("!="),
        Just("~="),
    ];
    prop_oneof![
        4 => (operator, version()).prop_map(|(operator, version)| format!("{operator}{version}")),
        1 => (prop_oneof![Just("=="), Just("!=")], 0..3u8, 0..4u8).prop_map(|(o, a, b)| format!("{o}{a}.{b}.*")),
    ]
}

/// A version of a range and one of a package, each with zeros at its end that PEP 440 takes no notice of.
fn padded() -> impl Strategy<Value = (String, String)> {
    let release = prop::collection::vec(0..3u8, 1..4);
    let text = |numbers: Vec<u8>, zeros: usize| {
        let zeros = zeros.min(4 - numbers.len());
        let all = numbers.into_iter().chain(std::iter::repeat_n(0, zeros));
        all.map(|n| n.to_string()).collect::<Vec<_>>().join(".")
    };
    let other = (
        prop_oneof![1 => Just(None), 1 => prop::collection::vec(0..3u8, 1..4).prop_map(Some)],
        0..4usize,
    );
    (release, 0..4usize, other).prop_map(move |(bound, zeros, (other, more))| {
        let version = text(other.unwrap_or_else(|| bound.clone()), more);
        (text(bound, zeros), version)
    })
}

/// What the head of this module says that Debian cannot follow.
fn cannot_be_said(specifier: &VersionSpecifier, version: &Version) -> bool {
    let bound = specifier.version();
    let is_exact = matches!(
        specifier.operator(),
        Operator::Equal | Operator::ExactEqual | Operator::NotEqual | Operator::LessThanEqual
    );
    let is_later_post = version.is_post() && !bound.is_post();
    is_exact && is_later_post && bound.release() == version.release() && bound.pre() == version.pre()
}

/// Every operator with every kind of version against every kind of version below, at and above it, as `packaging` (26.3,
/// pre-releases allowed) judges it: `+` is in the range, `.` is not.
#[test]
fn a_range_means_to_dpkg_what_it_means_to_pip() {
    let mut lines = include_str!("pep440.tsv").lines();
    let versions: Vec<&str> = lines
        .next()
        .unwrap()
        .split_once('\t')
        .unwrap()
        .1
        .split(' ')
        .collect();
    let mut judged = 0;
    for (specifier, verdicts) in lines.filter_map(|line| line.split_once('\t')) {
        let specifier: VersionSpecifier = specifier.parse().unwrap();
        for (text, verdict) in versions.iter().zip(verdicts.chars()) {
            let version: Version = text.parse().unwrap();
            if cannot_be_said(&specifier, &version) {
                continue;
            }
            // A package with an epoch of its own has left that of the project behind.
            for epoch in if version.epoch() + specifier.version().epoch() > 0 {
                0..1
            } else {
                0..2
            } {
                let groups = DebRange::of([&specifier], epoch).unwrap().groups("x");
                let image = image(&version, epoch).unwrap();
                for end in ENDS {
                    assert_eq!(
                        meets(&format!("{image}{end}"), &groups),
                        verdict == '+',
                        "{image}{end} in {specifier}"
                    );
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 20_000, "{judged}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Several specifiers are met by what meets each of them.
    #[test]
    fn specifiers_together_mean_all_of_them(
        specifiers in prop::collection::vec(specifier(), 1..5),
        text in version(),
        end in prop::sample::select(ENDS.to_vec()),
    ) {
        let specifiers: Vec<VersionSpecifier> = specifiers.iter().map(|s| s.parse().unwrap()).collect();
        let version = format!("{}{end}", image(&text.parse().unwrap(), 0).unwrap());
        let one = |s: &VersionSpecifier| meets(&version, &DebRange::of([s], 0).unwrap().groups("x"));
        let together = DebRange::of(&specifiers, 0).unwrap();
        let met = !together.is_empty() && meets(&version, &together.groups("x"));
        prop_assert_eq!(met, specifiers.iter().all(one), "{} in {:?}", version, specifiers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A release is in a range however many zeros either is written with, as PEP 440 has it.
    #[test]
    fn zeros_at_the_end_of_a_release_mean_nothing(
        (bound, version) in padded(),
        operator in prop::sample::select(vec![">=", ">", "<", "<=", "==", "!=", "~=", "==*", "!=*"]),
        end in prop::sample::select(vec!["", "-1", "-4", "+ds1-1", "+dfsg-2", "-0ubuntu1~22.04", "-2+b1"]),
    ) {
        prop_assume!(operator != "~=" || bound.contains('.'));
        let specifier = match operator.strip_suffix('*') {
            Some(operator) => format!("{operator}{bound}.*"),
            None => format!("{operator}{bound}"),
        };
        let specifier: VersionSpecifier = specifier.parse().unwrap();
        // Of a version with fewer numbers than a series has, `pep440_rs` compares no more than these.
        let parsed = wide(&version.parse().unwrap());
        let groups = DebRange::of([&specifier], 0).unwrap().groups("x");
        prop_assert_eq!(
            meets(&format!("{version}{end}"), &groups),
            specifier.contains(&parsed),
            "{}{} in {}: {:?}", version, end, specifier, groups
        );
    }
}

#[test]
fn what_bookworm_holds_meets_what_pip_would_take() {
    for (specifier, version, expected) in [
        ("==1.16", "1.16.0-4", true),
        ("<=6", "6.0-3", true),
        (">2", "2.0-1", false),
        ("!=2", "2.0-1", false),
        (">=2.0.0", "2.0-1", true),
        (">=2.0.0", "2-1", true),
        ("==2.0.*", "2-1", true),
        ("<3.0.0a0", "3.0-1", false),
        (">=2.0rc1", "2-1", true),
        ("==2.0rc1", "2.0~rc1-1", true),
    ] {
        let specifier: VersionSpecifier = specifier.parse().unwrap();
        let groups = DebRange::of([&specifier], 0).unwrap().groups("x");
        assert_eq!(meets(version, &groups), expected, "{version} in {specifier}");
        // `dpkg` itself agrees with the order that `meets` is worked out by.
        for relation in groups.iter().flatten() {
            let (operator, bound) = relation[3..].trim_end_matches(')').split_once(' ').unwrap();
            let said = compare(version, bound);
            let word = if operator == "<<" { "lt" } else { "gt" };
            let same = if operator == "<<" {
                said.is_lt()
            } else {
                said.is_gt()
            };
            assert_eq!(dpkg_holds(version, word, bound), same, "{version} {relation}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The bounds and the versions of the property above are ordered as dpkg itself orders them.
    #[test]
    fn bounds_are_ordered_as_dpkg_orders_them(
        (a, b) in (version(), version()),
        end in prop::sample::select(ENDS.to_vec()),
        mark in prop::sample::select(vec!["", ".~", ".0.~", "~~"]),
        epoch in 0..2u32,
    ) {
        let version = format!("{}{end}", image(&a.parse().unwrap(), 0).unwrap());
        let bound = format!("{}{mark}", image(&b.parse().unwrap(), epoch).unwrap());
        let order = compare(&version, &bound);
        prop_assert_eq!(order.is_lt(), dpkg_holds(&version, "lt", &bound), "{} << {}", version, bound);
        prop_assert_eq!(order.is_gt(), dpkg_holds(&version, "gt", &bound), "{} >> {}", version, bound);
    }
}
