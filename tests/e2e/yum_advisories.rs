//! Advisories where people look at packages: `packyard show`, the API and the package's page.

use crate::circle::admin;
use crate::harness::{Project, SmallRpm, Yard, get, put_in_yum};
use serde_json::Value;

/// Version 1 of a package, 2 that mends a hole, 3 that is nicer.
fn yard_with_vault() -> Yard {
    let yard = Yard::new();
    SmallRpm::new("vault", "1").subpackage("doc").put(&yard);
    SmallRpm::new("vault", "2")
        .subpackage("doc")
        .changes("- [security: important] The door locks (CVE-2026-1234, CVE-2026-5678)\n- [bugfix] Oil")
        .put(&yard);
    SmallRpm::new("vault", "3")
        .changes("- [enhancement] Shines brighter")
        .put(&yard);
    yard
}

const WRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<updates>
<update from=\"jo@example.org\" status=\"final\" type=\"security\" version=\"1\">
<id>HOUSE-2026-1</id><title>Vaults &lt;b&gt;burn&lt;/b&gt;</title><severity>Critical</severity>
<issued date=\"2026-03-01 00:00:00\"/><description>Change the vault.</description>
<references><reference href=\"https://example.org\" id=\"CVE-2026-9999\" type=\"cve\"/></references>
<pkglist><collection><package name=\"vault\" version=\"3\" release=\"1\" epoch=\"0\" arch=\"noarch\">
<filename>vault-3-1.noarch.rpm</filename></package></collection></pkglist></update>
<update from=\"jo@example.org\" status=\"final\" type=\"bugfix\" version=\"1\"><id>vault-2-1</id>
<title>Said better</title><description>It was no hole after all.</description></update>
<update from=\"jo@example.org\" status=\"final\" type=\"bugfix\" version=\"1\"><id>HOUSE-2026-2</id>
<title>Vaults of others</title><description>Not this one.</description>
<pkglist><collection><package name=\"vault\" version=\"3\" release=\"2\" epoch=\"0\" arch=\"noarch\">
<filename>vault-3-2.noarch.rpm</filename></package></collection></pkglist></update>
</updates>
";

/// The advisories of a version, as `packyard show --json` prints them.
fn shown(yard: &Yard, version: &str) -> Vec<Value> {
    let said = admin(yard, &["show", &format!("vault=={version}"), "--json"])
        .ok()
        .stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    let versions = said["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 1, "{said}");
    versions[0]["advisories"].as_array().unwrap().clone()
}

#[test]
fn show_tells_of_each_version_why_to_update_to_it() {
    let yard = yard_with_vault();
    assert_eq!(shown(&yard, "1"), Vec::<Value>::new());
    let two = shown(&yard, "2");
    let expected = serde_json::json!([{
        "id": "vault-2-1", "type": "security", "severity": "Important", "title": "vault-2-1: security update",
        "issued": "2019-03-22T12:00:00Z", "cves": ["CVE-2026-1234", "CVE-2026-5678"], "written": false,
        "distributions": ["any"],
    }]);
    assert_eq!(Value::from(two), expected);
    let three = shown(&yard, "3");
    assert_eq!(three[0]["type"], "enhancement");
    assert_eq!(three[0]["severity"], Value::Null);
    admin(&yard, &["show", "vault==2"]).ok().says(&[
        "security (Important)  vault-2-1  CVE-2026-1234, CVE-2026-5678  issued 2019-03-22T12:00:00Z  any",
        "vault-2-1: security update",
    ]);
    // Of what is not shown in full it names what is grave.
    admin(&yard, &["show", "vault"])
        .ok()
        .says(&[
            "enhancement  vault-3-1",
            "other versions: 2  (security: vault-2-1), 1",
        ])
        .never_says(&["CVE-2026-1234"]);
}

#[test]
fn what_is_written_by_hand_is_told_of_the_versions_that_it_names() {
    let yard = yard_with_vault();
    put_in_yum(&yard, "any/updateinfo.xml", WRITTEN.as_bytes()).is(201);
    // One that takes the place of what a changelog says, and names no package, concerns none; dnf shows none, either.
    assert_eq!(shown(&yard, "2"), Vec::<Value>::new());
    let three = shown(&yard, "3");
    let ids: Vec<&str> = three.iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["HOUSE-2026-1", "vault-3-1"]);
    let expected = serde_json::json!({
        "id": "HOUSE-2026-1", "type": "security", "severity": "Critical", "title": "Vaults <b>burn</b>",
        "issued": "2026-03-01T00:00:00Z", "cves": ["CVE-2026-9999"], "written": true, "distributions": ["any"],
    });
    assert_eq!(three[0], expected);
    // As of before it was written, it says what the changelogs said.
    let before = format!("main@{}", yard.revision() - 1);
    admin(&yard, &["show", "vault==2", "--channel", &before])
        .ok()
        .says(&["security (Important)  vault-2-1"]);
}

#[test]
fn one_distribution_says_nothing_of_another() {
    let yard = Yard::new();
    let vault = SmallRpm::new("vault", "3");
    let bytes = std::fs::read(vault.build().remove(0)).unwrap();
    for distribution in ["el8", "el9"] {
        let place = format!("{distribution}/vault-3-1.noarch.rpm");
        put_in_yum(&yard, &place, &bytes).is(201);
    }
    put_in_yum(&yard, "el9/updateinfo.xml", WRITTEN.as_bytes()).is(201);
    let all = shown(&yard, "3");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["distributions"], serde_json::json!(["el9"]));
}

#[test]
fn the_page_of_a_package_tells_why_to_update() {
    let yard = yard_with_vault();
    let plain = yard.url("/main/packages/vault/1");
    assert!(!get(&plain).is(200).text().contains("Advisories"));
    put_in_yum(
        &yard,
        "any/updateinfo.xml",
        WRITTEN.replace("vault-2-1", "vault-9-1").as_bytes(),
    )
    .is(201);
    let page = get(&yard.url("/main/packages/vault")).is(200);
    let text = page.text();
    for said in [
        "<h2>Advisories</h2>",
        "<strong>security</strong> (Important)",
        "vault-2-1: vault-2-1: security update",
        "https://www.cve.org/CVERecord?id=CVE-2026-1234",
        "<strong>security</strong> (Critical)",
        "<td>enhancement</td>",
        "HOUSE-2026-1: Vaults &#60;b&#62;burn",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(
        !text.contains("HOUSE-2026-2") && !text.contains("<b>burn"),
        "{text}"
    );
    let one = get(&yard.url("/main/packages/vault/2")).is(200);
    assert!(one.text().contains("CVE-2026-5678") && !one.text().contains("HOUSE-2026-1"));
}

#[test]
fn a_version_that_is_yanked_advises_nobody() {
    let yard = yard_with_vault();
    admin(&yard, &["yank", "vault==2", "--channel", "main"]).ok();
    assert_eq!(shown(&yard, "2"), Vec::<Value>::new());
}

#[test]
fn a_project_that_yum_knows_nothing_of_has_no_advisories() {
    let yard = Yard::new();
    yard.publish(&Project::hello_world().build_with(&["--format", "wheel"]));
    let said = admin(&yard, &["show", "hello-world", "--json"]).ok().stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["versions"][0]["advisories"], serde_json::json!([]));
}
