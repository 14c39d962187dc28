use super::*;
use crate::python::requires::Pythons;
use packyard_types::ProjectName;
use std::path::Path;

/// A project's requirements for a distribution, with a Python and names of its own.
struct Case {
    distribution: &'static str,
    python: Option<&'static str>,
    required: Option<&'static str>,
    names: Vec<(&'static str, &'static str)>,
}

const ANY: Case = Case {
    distribution: "any",
    python: None,
    required: None,
    names: Vec::new(),
};

fn on(distribution: &'static str, python: &'static str) -> Case {
    Case {
        distribution,
        python: Some(python),
        ..ANY
    }
}

fn named(names: &[(&'static str, &'static str)]) -> Case {
    Case {
        names: names.to_vec(),
        ..on("bookworm", "3.11")
    }
}

impl Case {
    fn ask<T>(&self, texts: &[&str], what: impl Fn(&Debian<'_>) -> T) -> T {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let names = self
            .names
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let python = self.python.map(|v| v.parse().unwrap());
        what(&Debian {
            asked: Asked {
                project: &ProjectName::parse("demo").unwrap(),
                root: Path::new("/nonexistent"),
                requires_dist: &texts,
                pythons: Pythons {
                    known: python.as_ref(),
                    required: self.required,
                },
            },
            names: &names,
            distribution: self.distribution,
            // As `docs/targets.md` has it: noble takes its names from trixie.
            release: DebRelease::of(if self.distribution == "noble" {
                "trixie"
            } else {
                self.distribution
            }),
            is_borrowed: self.distribution == "noble",
        })
    }

    fn depends(&self, texts: &[&str]) -> String {
        self.ask(texts, |debian| debian.depends().unwrap().texts.join(", "))
    }

    fn notes(&self, texts: &[&str]) -> String {
        self.ask(texts, |debian| debian.depends().unwrap().notes.join("\n"))
    }

    fn error(&self, texts: &[&str]) -> String {
        self.ask(texts, |debian| debian.depends().unwrap_err().to_string())
    }
}

#[test]
fn requirements_become_relations_of_the_packages_that_hold_them() {
    assert_eq!(
        ANY.depends(&["requests>=2.0,<3", "PyYAML", "attrs!=21.1"]),
        "python3-attr (<< 21.1) | python3-attr (>> 21.1.0.0.~), python3-yaml, python3-requests (>= 2), \
         python3-requests (<< 3~~)"
    );
    assert_eq!(
        on("bookworm", "3.11").depends(&["Django>=3.2,<5"]),
        "python3-django (>= 3:3.2), python3-django (<< 3:5~~)"
    );
}

#[test]
fn a_package_that_was_renamed_is_an_alternative_where_the_release_is_open() {
    let pytz = ["pytz>=2020.1,<2030"];
    assert_eq!(
        on("bookworm", "3.11").depends(&pytz),
        "python3-tz (>= 2020.1), python3-tz (<< 2030~~)"
    );
    assert_eq!(
        ANY.depends(&["pytz>=2020.1"]),
        "python3-pytz (>= 2020.1) | python3-tz (>= 2020.1)"
    );
    assert_eq!(ANY.depends(&["pytz"]), "python3-pytz | python3-tz");
}

#[test]
fn what_is_said_twice_is_one_range() {
    let twice = ["six>=1.0", "six>=1.10; python_version >= '3'", "six<2"];
    assert_eq!(ANY.depends(&twice), "python3-six (>= 1.10), python3-six (<< 2~~)");
    let extra = ["six; extra == 'dev'", "six; sys_platform == 'win32'", "demo[all]"];
    assert_eq!(ANY.depends(&extra), "");
}

#[test]
fn what_turns_on_an_unknown_python_is_an_alternative() {
    assert_eq!(
        ANY.depends(&["importlib-metadata>=3.6; python_version < '3.8'"]),
        "python3-importlib-metadata (>= 3.6) | python3 (>= 3.8)"
    );
    assert_eq!(
        ANY.depends(&["six>=1,<2; python_version >= '3.9'"]),
        "python3-six (>= 1) | python3 (<< 3.9~~), python3-six (<< 2~~) | python3 (<< 3.9~~)"
    );
    assert_eq!(
        ANY.depends(&["six; python_version >= '3.9' and python_version < '3.11'"]),
        "python3-six | python3 (<< 3.9~~) | python3 (>= 3.11)"
    );
    assert_eq!(
        on("trixie", "3.13").depends(&["importlib-metadata; python_version < '3.8'"]),
        ""
    );
    let newer = Case {
        required: Some(">=3.8"),
        ..ANY
    };
    assert_eq!(newer.depends(&["importlib-metadata; python_version < '3.8'"]), "");
}

#[test]
fn what_no_supported_python_needs_may_be_without_a_package() {
    let old = ["no-such-backport; python_version < '3.9'"];
    assert_eq!(ANY.depends(&old), "");
    assert!(
        ANY.notes(&old)
            .contains("`no-such-backport; python_version < '3.9'` is left out")
    );
}

#[test]
fn all_unknown_names_are_shown_at_once_with_what_may_have_been_meant() {
    let error = on("bookworm", "3.11").error(&["yaml>=5", "six", "requets", "accelerate"]);
    for part in [
        "no package of bookworm is known for `accelerate`, `requets`, `yaml>=5`",
        "[python.deb-names]\n",
        "`accelerate` is in forky, sid, not in bookworm",
        "did you mean `requests` (its package is python3-requests)? then put the requirement right",
        "nearest names to `yaml`: pyyaml (python3-yaml)",
        "accelerate = \"python3-…\"\nrequets = \"python3-…\"\nyaml = \"python3-…\"",
        "(\"\" for a requirement that needs none)",
    ] {
        assert!(error.contains(part), "no {part:?} in:\n{error}");
    }
}

#[test]
fn the_line_to_paste_names_no_package_that_is_only_called_alike() {
    let error = on("bookworm", "3.11").error(&["internal-acme-lib"]);
    assert!(
        error.contains("nearest names to `internal-acme-lib`: "),
        "{error}"
    );
    assert!(
        error.ends_with("[python.deb-names]\ninternal-acme-lib = \"python3-…\""),
        "{error}"
    );
}

#[test]
fn the_project_file_names_packages_over_the_table() {
    let case = named(&[
        ("own", "python3-own | python3-other"),
        ("ranged", "python3-ranged (>= 7)"),
        ("two", "python3-a, python3-b"),
        ("nothing", ""),
        ("web", "python3-django"),
        ("url", "python3-url"),
    ]);
    assert_eq!(
        case.depends(&["own>=1"]),
        "python3-own (>= 1) | python3-other (>= 1)"
    );
    assert_eq!(case.depends(&["ranged<2"]), "python3-ranged (>= 7)");
    assert_eq!(case.depends(&["two>=1"]), "python3-a, python3-b");
    assert_eq!(case.depends(&["nothing>=1"]), "");
    assert_eq!(case.depends(&["web>=4"]), "python3-django (>= 3:4)");
    assert_eq!(
        case.depends(&["url @ https://example.org/url.zip"]),
        "python3-url"
    );
}

#[test]
fn an_extra_is_never_dropped_silently() {
    let plain = on("bookworm", "3.11");
    assert_eq!(
        plain.depends(&["uvicorn[standard]>=0.15"]),
        "python3-uvicorn (>= 0.15)"
    );
    let notes = plain.notes(&["uvicorn[standard]>=0.15"]);
    assert!(
        notes.contains("`uvicorn[standard]` is taken to be `python3-uvicorn`"),
        "{notes}"
    );
    assert!(notes.contains("\"uvicorn[standard]\" = \"python3-…\""), "{notes}");
    let said = named(&[("uvicorn[standard]", "python3-httptools, python3-websockets")]);
    assert_eq!(
        said.depends(&["uvicorn[standard]"]),
        "python3-uvicorn, python3-httptools, python3-websockets"
    );
    assert_eq!(said.notes(&["uvicorn[standard]"]), "");
}

#[test]
fn a_package_with_a_version_of_its_own_is_judged_by_what_it_holds() {
    let bookworm = on("bookworm", "3.11");
    assert_eq!(bookworm.depends(&["protobuf>=4.20,<5"]), "python3-protobuf");
    let notes = bookworm.notes(&["protobuf>=4.20,<5"]);
    assert!(
        notes.contains("is checked now and not by apt")
            && notes.contains("bookworm's python3-protobuf holds 4.21.12"),
        "{notes}"
    );
    let error = bookworm.error(&["protobuf>=5"]);
    assert!(
        error.contains("bookworm's python3-protobuf holds 4.21.12"),
        "{error}"
    );
}

#[test]
fn a_release_that_borrows_names_is_not_judged_by_the_versions_of_the_lender() {
    let noble = on("noble", "3.12");
    assert_eq!(
        noble.depends(&["click==8.1.*"]),
        "python3-click (>= 8.1~~), python3-click (<< 8.2~~)"
    );
    // Trixie's holds 8.1.8, which is no reason to refuse what noble may hold.
    assert_eq!(noble.depends(&["click<8.1"]), "python3-click (<< 8.1~~)");
    let notes = noble.notes(&["click==8.1.*"]);
    assert!(
        notes.contains("whose version in noble is not known") && !notes.contains("trixie"),
        "{notes}"
    );
    assert_eq!(noble.notes(&["click"]), "");
    assert_eq!(on("trixie", "3.13").depends(&["click==8.1.*"]), "python3-click");
}

#[test]
fn what_cannot_be_said_is_refused() {
    for (text, why) in [
        (
            "six @ https://example.org/six.zip",
            "apt does not fetch from URLs",
        ),
        ("six>2,<1", "no version meets `six>2,<1`"),
        ("six==1.0+local", "Debian has no image of `==1.0+local`"),
        ("six===latest", "is not a requirement"),
    ] {
        let error = on("bookworm", "3.11").error(&[text]);
        assert!(error.contains(why) && error.contains("hint:"), "{error}");
    }
}

#[test]
fn extras_of_the_project_are_suggested_as_far_as_they_are_known() {
    let texts = [
        "six",
        "PyYAML>=6; extra == 'yaml'",
        "no-such-thing; extra == 'yaml'",
        "demo[yaml]; extra == 'all'",
        "pytest; extra == 'test'",
    ];
    let extras = ["all", "yaml"].map(str::to_owned);
    let suggests = ANY.ask(&texts, |debian| debian.suggests(&extras).unwrap());
    assert_eq!(suggests.texts, ["python3-yaml (>= 6)"]);
    assert!(
        suggests.notes[0].contains("extras want no-such-thing"),
        "{:?}",
        suggests.notes
    );
}
