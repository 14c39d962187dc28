use super::*;
use crate::python::requires::Pythons;
use std::path::Path;

fn required(texts: &[&str], python: Option<&str>, required: Option<&str>) -> Vec<String> {
    let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
    let python: Option<Version> = python.map(|v| v.parse().unwrap());
    let asked = Asked {
        project: &ProjectName::parse("demo").unwrap(),
        root: Path::new("/nonexistent"),
        requires_dist: &texts,
        pythons: Pythons {
            known: python.as_ref(),
            required,
        },
    };
    rpm_requires(&asked).unwrap().iter().map(shown).collect()
}

fn shown(dependency: &RpmDependency) -> String {
    let operator = match dependency.flags {
        None => return dependency.name.clone(),
        Some(RpmFlags::Equal) => "=",
        Some(RpmFlags::Less) => "<",
        Some(RpmFlags::LessOrEqual) => "<=",
        Some(RpmFlags::Greater) => ">",
        Some(RpmFlags::GreaterOrEqual) => ">=",
    };
    format!("{} {operator} {}", dependency.name, dependency.version)
}

/// Our own inputs, and what Fedora's `pythondistdeps.py` printed for each in a dist-info of Python 3.9
/// (`--normalized-names-format pep503 --require-extras-subpackages`).
#[test]
fn requirements_are_written_as_fedoras_generator_writes_them() {
    let golden = include_str!("requires.tsv");
    assert!(golden.lines().count() > 100);
    for line in golden.lines() {
        let (input, expected) = line.split_once('\t').unwrap();
        let input: Vec<&str> = input.split(" & ").collect();
        assert_eq!(
            required(&input, Some("3.9"), None).join(" & "),
            expected,
            "{input:?}"
        );
    }
}

#[test]
fn provides_are_written_as_fedoras_generator_writes_them() {
    let project = ProjectName::parse("Demo.Pkg_x").unwrap();
    for line in include_str!("provides.tsv").lines() {
        let (version, expected) = line.split_once('\t').unwrap();
        let provides = rpm_provides(&project, &version.parse().unwrap(), &"3.9".parse().unwrap());
        let provides: Vec<String> = provides.iter().map(shown).collect();
        assert_eq!(provides.join(" & "), expected, "{version}");
    }
}

#[test]
fn a_package_answers_to_its_other_names() {
    let named = |package| rpm_named_provides(package, "1.0-1", &"3.9".parse().unwrap());
    let shown: Vec<String> = named("python3-x").iter().map(shown).collect();
    assert_eq!(shown, ["python-x = 1.0-1", "python3.9-x = 1.0-1"]);
    assert_eq!(named("x-tools"), []);
}

#[test]
fn what_turns_on_an_unknown_python_is_a_condition() {
    assert_eq!(
        required(&["tomli>=1; python_version < '3.11'"], None, None),
        ["(python3dist(tomli) >= 1 if python3 < 3.11)"]
    );
    assert_eq!(
        required(
            &["a<2,>=1; python_version >= '3.8' and python_version < '3.10'"],
            None,
            None
        ),
        ["((python3dist(a) < 2~~ with python3dist(a) >= 1) if (python3 >= 3.8 with python3 < 3.10))"]
    );
    assert_eq!(
        required(&["a; python_version != '3.9'"], None, None),
        ["(python3dist(a) if (python3 < 3.9 or python3 >= 3.10))"]
    );
    let old = ["a; python_version < '3.8'", "b; python_version >= '3.8'"];
    assert_eq!(required(&old, None, Some(">=3.8.1")), ["python3dist(b)"]);
}

#[test]
fn a_requirement_that_is_a_url_is_refused() {
    let texts = ["x @ https://example.org/x-1.0.tar.gz".to_owned()];
    let asked = Asked {
        project: &ProjectName::parse("demo").unwrap(),
        root: Path::new("/nonexistent"),
        requires_dist: &texts,
        pythons: Pythons::default(),
    };
    let error = rpm_requires(&asked).unwrap_err().to_string();
    assert!(
        error.contains("does not fetch from URLs") && error.contains("hint:"),
        "{error}"
    );
}
