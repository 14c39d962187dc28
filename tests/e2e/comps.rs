//! Package groups, as dnf shows and installs them.

use crate::harness::{DnfRoot, Request, SmallRpm, Yard, get, packyard, put_in_yum};

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
fn what_is_no_comps_is_refused() {
    let yard = Yard::new();
    put_in_yum(&yard, "any/comps.xml", b"<comps><group></group></comps>").problem(422, &["line 1", "<id>"]);
    put_in_yum(&yard, "any/comps.xml", COMPS.replace("lamp", "a b").as_bytes()).problem(422, &["a b"]);
    put_in_yum(&yard, "any/other.xml", COMPS.as_bytes()).is(400);
}
