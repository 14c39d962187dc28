//! zypper installs from a channel, and checks the signature of every repository and every package.

use crate::harness::{SmallRpm, Tamper, Yard, Zypper, get};

fn yard_with_lamp() -> Yard {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    yard
}

#[test]
fn zypper_installs_updates_goes_back_and_removes() {
    let yard = yard_with_lamp();
    let root = Zypper::of(&yard);
    root.run(&["refresh"]).ok();
    // Debian's zypper cannot read an rpm database from which everything was removed.
    root.run(&["install", "packyard-test-base"]).ok();
    root.run(&["install", "--no-recommends", "lamp"]).ok();
    assert_eq!(root.installed("lamp"), "1");
    root.rpm(&["-V", "lamp"]).ok();
    SmallRpm::new("lamp", "2").put(&yard);
    root.run(&["refresh", "--force"]).ok();
    root.run(&["list-updates"]).ok().says(&["lamp", "2-1"]);
    root.run(&["update", "--no-recommends"]).ok();
    assert_eq!(root.installed("lamp"), "2");
    root.run(&["install", "--oldpackage", "--no-recommends", "lamp-1"])
        .ok();
    assert_eq!(root.installed("lamp"), "1");
    root.run(&["search", "--details", "lamp"])
        .ok()
        .says(&["packyard main any", "2-1"]);
    root.run(&["info", "--provides", "--requires", "lamp"])
        .ok()
        .says(&["lamp = 2-1"]);
    root.run(&["remove", "lamp"]).ok();
    root.rpm(&["-q", "lamp"]).fails();
}

#[test]
fn zypper_refuses_what_was_changed_on_the_way() {
    let yard = yard_with_lamp();
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    let metadata = Tamper::new(&yard, "/repomd.xml", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replacen("<revision>", "<revision>9", 1).into_bytes();
    });
    let root = Zypper::with_repo(&metadata.redirect(&yard, repo.text()));
    root.run(&["refresh"]).fails().says(&["ignature"]);
    let package = Tamper::new(&yard, ".rpm", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let root = Zypper::with_repo(&package.redirect(&yard, repo.text()));
    root.run(&["refresh"]).ok();
    root.run(&["install", "--no-recommends", "lamp"]).fails();
    root.rpm(&["-q", "lamp"]).fails();
}

#[test]
fn zypper_refuses_a_repository_whose_key_it_was_not_told() {
    let (yard, other) = (yard_with_lamp(), Yard::new());
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    let root = Zypper::with_repo(repo.text());
    let key = root.write("key.asc", get(&other.url("/main/yum/key.asc")).is(200).text());
    root.rpm(&["--import", key.to_str().unwrap()]).ok();
    root.wary(&["refresh"]).fails().says(&["key"]);
}
