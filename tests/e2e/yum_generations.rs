//! Who holds an old repomd.xml still finds everything that it names.

use crate::circle::admin;
use crate::harness::{DnfRoot, SmallRpm, Yard, get, put_in_yum};

/// The addresses of everything that a repomd.xml names.
fn named(repository: &str, repomd: &str) -> Vec<String> {
    let all = repomd.split("<location href=\"").skip(1);
    all.map(|rest| format!("{repository}{}", rest.split('"').next().unwrap()))
        .collect()
}

#[test]
fn a_client_that_is_five_publishes_behind_still_downloads_everything_that_it_knows_of() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").changes("- [bugfix] Shines").put(&yard);
    put_in_yum(
        &yard,
        "any/comps.xml",
        b"<comps><group><id>house</id></group></comps>",
    )
    .is(201);
    let root = DnfRoot::of(&yard);
    root.dnf(&["makecache"]).ok();
    let repository = yard.url("/main/yum/any/x86_64/");
    let repomd = get(&format!("{repository}repodata/repomd.xml")).is(200);
    let old: Vec<(String, Vec<u8>)> = named(&repository, repomd.text())
        .into_iter()
        .map(|url| (url.clone(), get(&url).is(200).body))
        .collect();
    assert_eq!(old.len(), 6, "{old:?}");

    for version in ["2", "3", "4", "5"] {
        SmallRpm::new("lamp", version).put(&yard);
    }
    put_in_yum(
        &yard,
        "any/comps.xml",
        b"<comps><group><id>home</id></group></comps>",
    )
    .is(201);
    admin(&yard, &["yank", "lamp==1", "--channel", "main"]).ok();
    let current = get(&format!("{repository}repodata/repomd.xml")).is(200);
    for (url, _) in &old {
        assert!(
            !named(&repository, current.text()).contains(url),
            "{url} is still current"
        );
    }
    let all_there = || {
        for (url, body) in &old {
            assert!(get(url).is(200).body == *body, "{url} is another file now");
        }
    };
    all_there();
    admin(&yard, &["gc"]).ok();
    all_there();
    // dnf itself, which is content with what it has fetched, and with the package that is no longer listed.
    root.dnf_as_it_is(&["repoquery", "--list", "lamp"])
        .ok()
        .says(&["/usr/share/lamp/version"]);
    root.dnf_as_it_is(&["install", "lamp"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "1-1");
    root.dnf(&["upgrade"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "5-1");
}
