use super::*;

fn deb(requirements: &[&str]) -> Vec<String> {
    let texts: Vec<String> = requirements.iter().map(ToString::to_string).collect();
    deb_depends(&texts, &BTreeMap::new(), Pythons::default())
        .unwrap()
        .0
}

#[test]
fn requirements_become_debian_relations() {
    assert_eq!(
        deb(&["PyYAML", "requests>=2.0,<3"]),
        [
            "python3-yaml",
            "python3-requests (>= 2.0)",
            "python3-requests (<< 3~)"
        ]
    );
    assert_eq!(
        deb(&["a~=1.4.2"]),
        ["python3-a (>= 1.4.2)", "python3-a (<< 1.5~)"]
    );
    assert_eq!(
        deb(&[
            "a; sys_platform == 'win32'",
            "b; extra == 'dev'",
            "c; sys_platform == 'linux'"
        ]),
        ["python3-c"]
    );
}

#[test]
fn what_depends_on_the_python_is_refused_until_that_is_known() {
    let texts = ["tomli; python_version < '3.11'".to_owned()];
    let error = deb_depends(&texts, &BTreeMap::new(), Pythons::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("tomli") && error.contains("--for bookworm"),
        "{error}"
    );
    let python: Version = "3.9".parse().unwrap();
    assert_eq!(
        rpm_requires(
            &texts,
            Pythons {
                known: Some(&python),
                required: None
            }
        )
        .unwrap()[0]
            .name,
        "python3.9dist(tomli)"
    );
}

#[test]
fn a_marker_that_the_own_python_requirement_rules_out_is_no_dependency() {
    let texts = ["a; python_version < '3.8'", "b; python_version >= '3.8'"].map(str::to_owned);
    let pythons = Pythons {
        known: None,
        required: Some(">=3.8.1"),
    };
    assert_eq!(
        deb_depends(&texts, &BTreeMap::new(), pythons).unwrap().0,
        ["python3-b"]
    );
    assert_eq!(rpm_requires(&texts, pythons).unwrap().len(), 1);
    let names = BTreeMap::from([("tomli".to_owned(), "python3-tomli".to_owned())]);
    let open = ["tomli; python_version < '3.11'".to_owned()];
    assert_eq!(deb_depends(&open, &names, pythons).unwrap().0, ["python3-tomli"]);
}

#[test]
fn versions_are_written_as_fedora_writes_them() {
    let shown = ["1.0", "1.0.0rc1", "10.0", "1.2.post1"].map(|v| rpm_dist_version(&v.parse().unwrap()));
    assert_eq!(shown, ["1", "1~rc1", "10", "1.2^post1"]);
}
