use super::*;

fn parse(text: &str) -> Result<Manifest, Vec<String>> {
    let file = SourceText::new("packyard.toml", text);
    Manifest::parse(&file).map_err(|found| found.iter().map(ToString::to_string).collect())
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_known_one() {
    let errors = parse("[package]\nsumary = 'x'\n").unwrap_err();
    assert_eq!(
        errors,
        [
            "unknown key `sumary` in [package]\n --> packyard.toml:2:1\n  |\n2 | sumary = 'x'\n  | ^^^^^^\nhint: did you mean `summary`?"
        ]
    );
}

#[test]
fn all_that_is_wrong_is_shown_at_once() {
    let text = "[[file]]\ntarget = 'relative'\nsource = 'a'\n[deb]\nname = 'X'\n[[socket]]\nname='x'\n[python]\nlayout = 'bundel'\n";
    let errors = parse(text).unwrap_err().join("\n");
    for expected in [
        "install path",
        "Debian package name",
        "a [[socket]] needs `listen-stream`",
        "`bundel` is no value for `layout`",
    ] {
        assert!(errors.contains(expected), "{expected}: {errors}");
    }
}

#[test]
fn a_table_in_the_place_of_an_array_of_tables_is_all_that_is_said() {
    let text = "[user]\nname = 'x'\n[[file]]\nsource = 'a'\ntarget = '/etc/a'\nowner = 'x'\n";
    let says = "`user` must be an array of tables, written as [[user]], not a table\n --> packyard.toml:1:1\n  |\n\
                1 | [user]\n  | ^^^^^^\nhint: write it as [[user]]";
    assert_eq!(parse(text).unwrap_err(), [says]);
    let says = parse("[deb]\nname = 1\n").unwrap_err().remove(0);
    assert!(
        says.starts_with("`name` in [deb] must be a string, not an integer"),
        "{says}"
    );
}

#[test]
fn the_ending_of_a_unit_is_added_to_its_name() {
    let service =
        "[[service]]\nname = 'x.service'\nexec = '/x'\n[[timer]]\nname = 'x.timer'\non-boot = '1'\n";
    let read = parse(service).unwrap();
    assert_eq!((&*read.services[0].name, &*read.triggers[0].name), ("x", "x"));
    assert_eq!(
        parse("[[timer]]\nname = 'x.service'\non-boot = '1'\n").unwrap_err(),
        [
            "`x.service` is the name of a service, not of a timer\n --> packyard.toml:2:8\n  |\n2 | name = 'x.service'\n  \
          |        ^^^^^^^^^^^\nhint: write `x`: the ending is added to it"
        ]
    );
}

#[test]
fn every_table_is_read() {
    let text = r#"
[package]
name = "x"
version = {from = "changelog"}
[python]
layout = "private"
[python.deb-names]
PyYAML = "python3-yaml"
[deb]
section = "web"
revision = 2
depends = ["adduser"]
[rpm]
python = "3.9"
requires = ["a >= 1"]
[[file]]
source = "man/x.1"
target = "/usr/share/man/man1/"
mode = "0640"
config = "noreplace"
format = ["deb"]
[[service]]
name = "x"
exec = "/usr/bin/x"
user = "x"
environment = {A = "b"}
hardening = true
[service.service]
LimitNOFILE = 1024
[[timer]]
name = "x"
on-calendar = "daily"
[[user]]
name = "x"
[[tmpfile]]
path = "/run/x"
[scripts]
postinstall = "true"
deb.preremove = "false"
"#;
    let m = parse(text).unwrap();
    assert_eq!(
        (m.layout, m.package.version_from),
        (Some(Layout::Private), Some(VersionFrom::Changelog))
    );
    assert_eq!(m.deb_names["pyyaml"], "python3-yaml");
    assert_eq!(
        (m.deb.revision.as_deref(), &m.deb.relations["Depends"][..]),
        (Some("2"), &["adduser".to_owned()][..])
    );
    assert_eq!(
        m.files[0].target.of("x.1").unwrap().as_str(),
        "/usr/share/man/man1/x.1"
    );
    assert_eq!((m.files[0].mode, m.files[0].format.rpm), (Some(0o640), false));
    let said = |key: &str| {
        m.services[0]
            .value("Service", key)
            .map(|setting| setting.values.join("|"))
    };
    assert_eq!(said("User").as_deref(), Some("x"));
    assert_eq!(said("LimitNOFILE").as_deref(), Some("1024"));
    assert_eq!(m.tmpfiles[0].fields, ["d", "/run/x", "-", "-", "-", "-", "-"]);
    assert_eq!(
        (&*m.scripts.all["postinstall"].0, &*m.scripts.deb["preremove"].0),
        ("true", "false")
    );
}

#[test]
fn the_tool_table_of_pyproject_is_the_same() {
    let file = SourceText::new(
        "pyproject.toml",
        "[project]\nname='x'\n[tool.packyard.deb]\nsection='web'\n",
    );
    assert_eq!(
        Manifest::parse_tool_table(&file).unwrap().deb.section.as_deref(),
        Some("web")
    );
}

/// The first line of the only problem of a project file, and its place and hint.
fn problem(text: &str) -> String {
    let errors = parse(text).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].clone()
}

#[test]
fn no_key_of_one_line_can_write_a_field_of_its_own() {
    for (table, key) in [
        ("package", "name"),
        ("package", "summary"),
        ("package", "license"),
        ("package", "homepage"),
        ("package", "maintainer"),
        ("deb", "section"),
        ("deb", "priority"),
        ("rpm", "vendor"),
        ("rpm", "group"),
    ] {
        for (value, what) in [
            (
                "x\\nPre-Depends: evil",
                "has a line break or another control character",
            ),
            ("x\\u001b[1m", "has a line break or another control character"),
            (" ", "is empty"),
        ] {
            let problem = problem(&format!("[{table}]\n{key} = \"{value}\"\n"));
            let expected = format!("`{key}` in [{table}] {what}\n --> packyard.toml:2:");
            assert!(problem.starts_with(&expected), "{problem}");
        }
    }
}

#[test]
fn words_of_debian_are_those_that_debian_has() {
    for (line, message, hint) in [
        (
            "section = 'nett'",
            "`nett` is none of Debian's sections",
            "did you mean `net`?",
        ),
        (
            "section = 'contribb/net'",
            "`contribb` in `section` is no area",
            "did you mean `contrib`?",
        ),
        (
            "priority = 'optionl'",
            "`optionl` is none of Debian's priorities",
            "did you mean `optional`?",
        ),
        (
            "priority = 'x'",
            "`x` is none of Debian's priorities",
            "it can be required, important",
        ),
    ] {
        let problem = problem(&format!("[deb]\n{line}\n"));
        assert!(
            problem.starts_with(message) && problem.contains(hint),
            "{problem}"
        );
    }
    let read = parse("[deb]\nsection = 'contrib/net'\npriority = 'extra'\n").unwrap();
    assert_eq!(read.deb.section.as_deref(), Some("contrib/net"));
    assert_eq!(read.deb.priority.as_deref(), Some("extra"));
}

#[test]
fn a_homepage_is_the_address_of_a_page() {
    for url in ["example.org", "https://", "javascript:alert(1)", "https://a b"] {
        let problem = problem(&format!("[package]\nhomepage = '{url}'\n"));
        assert!(problem.contains("is not the address of a page"), "{problem}");
    }
    let read = parse("[package]\nhomepage = 'http://example.org'\n").unwrap();
    assert_eq!(read.package.homepage.as_deref(), Some("http://example.org"));
}

#[test]
fn a_number_that_is_none_is_shown_with_what_it_can_be() {
    for value in ["-1", "4294967296"] {
        let problem = problem(&format!("[rpm]\nepoch = {value}\n"));
        let expected = format!("`epoch` in [rpm] must be a whole number from 0, not {value}\n");
        assert!(problem.starts_with(&expected), "{problem}");
    }
}
