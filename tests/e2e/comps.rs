//! Package groups, as dnf shows and installs them.

use std::fs;

use tempfile::TempDir;

use crate::harness::{DnfRoot, Request, SmallRpm, Yard, get, packyard, put_in_yum, run, system_command};

const COMPS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" \"comps.dtd\">
<comps>
  <group><id>house</id><name>House</name><description>What a house needs</description>
    <default>false</default><uservisible>true</uservisible>
    <packagelist>
      <packagereq type=\"mandatory\">lamp</packagereq>
      <packagereq type=\"default\">door</packagereq>
    </packagelist>
  </group>
</comps>
";

#[test]
fn dnf_lists_and_installs_a_group() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    SmallRpm::new("door", "1").put(&yard);
    put_in_yum(&yard, "any/comps.xml", COMPS.as_bytes()).is(201);
    let root = DnfRoot::of(&yard);
    root.dnf(&["group", "list"]).ok().says(&["House"]);
    root.dnf(&["group", "install", "house"]).ok();
    assert!(root.installed("lamp").is_some() && root.installed("door").is_some());
}

#[test]
fn groups_are_served_open_and_packed_in_every_distribution() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    put_in_yum(&yard, "any/comps.xml", COMPS.as_bytes()).is(201);
    let data = yard.data();
    packyard([
        "distribution",
        "create",
        "main/el7",
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    let root = yard.url("/main/yum/el7/x86_64/");
    let repomd = get(&format!("{root}repodata/repomd.xml"))
        .is(200)
        .text()
        .to_owned();
    assert!(
        repomd.contains("<data type=\"group\">") && repomd.contains("<data type=\"group_gz\">"),
        "{repomd}"
    );
    let href = |suffix: &str| {
        let mut all = repomd.split("href=\"").skip(1);
        let found = all.find(|rest| rest.split('"').next().unwrap().ends_with(suffix));
        found.unwrap().split('"').next().unwrap().to_owned()
    };
    let plain = get(&format!("{root}{}", href("-comps.xml"))).is(200);
    assert_eq!(plain.text(), COMPS);
    assert_eq!(plain.header("content-type"), "application/xml");
    let packed = get(&format!("{root}{}", href("-comps.xml.gz"))).is(200);
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);

    let away = Request::new("DELETE", &yard.url("/main/yum/upload/any/comps.xml"));
    away.token(&yard.admin_token()).send().is(200);
    let after = get(&format!("{root}repodata/repomd.xml"))
        .is(200)
        .text()
        .to_owned();
    assert!(!after.contains("group"), "{after}");
    // As of the revision before, they are there still.
    let then = yard.url(&format!(
        "/main@{}/yum/el7/x86_64/repodata/repomd.xml",
        yard.revision() - 1
    ));
    assert!(get(&then).is(200).text().contains("\"group\""));
}

#[test]
fn a_document_of_another_kind_is_served_as_it_is() {
    let yard = Yard::new();
    let at = "/api/v1/channels/main/distributions/any/documents/";
    let put = |kind: &str| Request::new("PUT", &yard.url(&format!("{at}{kind}"))).token(&yard.admin_token());
    put("modules?name=modules.yaml").send_bytes(b"---\n").is(201);
    let root = yard.url("/main/yum/any/x86_64/");
    let repomd = get(&format!("{root}repodata/repomd.xml"))
        .is(200)
        .text()
        .to_owned();
    assert!(
        repomd.contains("<data type=\"modules\">") && repomd.contains("-modules.yaml\""),
        "{repomd}"
    );
    put("primary").send_bytes(b"x").problem(400, &["primary"]);
    let list = get(&yard.url(at.trim_end_matches('/'))).is(200).json();
    assert_eq!(list["documents"][0]["kind"], "modules");
}

#[test]
fn an_import_brings_groups_advisories_and_other_documents_along_with_source_packages() {
    let old = TempDir::new().unwrap();
    let lamp = SmallRpm::new("lamp", "2");
    for file in lamp.build() {
        fs::copy(&file, old.path().join(file.file_name().unwrap())).unwrap();
    }
    let documents = TempDir::new().unwrap();
    let written = |name: &str, text: &str| {
        let file = documents.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let comps = written("comps.xml", COMPS);
    let advisories = written(
        "updateinfo.xml",
        "<updates><update type=\"bugfix\" status=\"final\" version=\"1\"><id>OLD-1</id><title>Bulbs</title>\
         <pkglist><collection><package name=\"lamp\" version=\"2\" release=\"1\" epoch=\"0\" arch=\"noarch\">\
         <filename>lamp-2-1.noarch.rpm</filename></package></collection></pkglist></update></updates>",
    );
    let product = written("productid", "-----BEGIN CERTIFICATE-----\n");
    let mut create = system_command("createrepo_c");
    run(create
        .arg("--quiet")
        .arg("--groupfile")
        .arg(&comps)
        .arg(old.path()))
    .ok();
    for file in [&advisories, &product] {
        let mut modify = system_command("modifyrepo_c");
        run(modify.arg(file).arg(old.path().join("repodata"))).ok();
    }

    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "lamp"]).ok();
    let import = || {
        let (old, data) = (old.path().to_str().unwrap(), yard.data());
        packyard(["import", old, "--data", data.to_str().unwrap()]).ok()
    };
    import().says(&["comps.xml of any: brought along", "productid"]);
    let revision = yard.revision();
    import().says(&["comps.xml of any: there already"]);
    assert_eq!(yard.revision(), revision);
    root.dnf(&["group", "list"]).ok().says(&["House"]);
    root.dnf(&["updateinfo", "list"])
        .ok()
        .says(&["OLD-1 bugfix lamp-2-1.noarch"]);
    let repo = yard.url("/main/yum/any/x86_64/repodata/repomd.xml");
    assert!(get(&repo).is(200).text().contains("\"productid\""));
    let sources = yard.url("/main/yum/any/source/Packages/l/lamp-2-1.src.rpm");
    get(&sources).is(200);
}

#[test]
fn what_is_no_comps_is_refused() {
    let yard = Yard::new();
    put_in_yum(&yard, "any/comps.xml", b"<comps><group></group></comps>").problem(422, &["line 1", "<id>"]);
    put_in_yum(&yard, "any/comps.xml", COMPS.replace("lamp", "a b").as_bytes()).problem(422, &["a b"]);
    put_in_yum(&yard, "any/other.xml", COMPS.as_bytes()).is(400);
}
