//! dnf, zypper and rpm through a rotation.

use super::{fingerprint, key, signers};
use crate::harness::{DnfRoot, Yard, Zypper, get};

#[test]
fn dnf_lives_through_a_rotation() {
    let (yard, project) = Yard::with_hello_world();
    let old = DnfRoot::of(&yard);
    old.dnf(&["install", "hello-world"]).ok();
    let before = fingerprint(&yard, "yum", "current");
    key(&yard, &["rotate"]).ok();
    let next = fingerprint(&yard, "yum", "next");
    let signature = get(&yard.url("/main/yum/any/x86_64/repodata/repomd.xml.asc")).is(200);
    assert_eq!(signers(&signature.body), [&before[24..], &next[24..]]);
    project.bump("1.1.4");
    yard.publish(&project.build());
    old.dnf(&["upgrade"]).ok();
    assert!(old.installed("hello-world").unwrap().starts_with("1.1.4"));
    let both = DnfRoot::of(&yard);
    both.dnf(&["install", "hello-world"]).ok();

    key(&yard, &["rotate", "--finish"]).ok();
    project.bump("1.1.5");
    yard.publish(&project.build());
    // dnf asks for key.asc again when it meets a key that it does not know, and -y takes it.
    old.dnf(&["upgrade"]).ok();
    both.dnf(&["upgrade"]).ok();
    assert!(both.installed("hello-world").unwrap().starts_with("1.1.5"));
    // What the former key signed still verifies.
    let fresh = DnfRoot::of(&yard);
    fresh.dnf(&["install", "hello-world-1.1.3"]).ok();
}

#[test]
fn zypper_lives_through_a_rotation() {
    let (yard, project) = Yard::with_hello_world();
    let old = Zypper::of(&yard);
    old.run(&["install", "--no-recommends", "hello-world"]).ok();
    key(&yard, &["rotate"]).ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    old.run(&["refresh", "--force"]).ok();
    old.run(&["update", "--no-recommends"]).ok();
    let both = Zypper::of(&yard);
    both.run(&["install", "--no-recommends", "hello-world"]).ok();
    key(&yard, &["rotate", "--finish"]).ok();
    project.bump("1.1.5");
    yard.publish(&project.build());
    both.run(&["refresh", "--force"]).ok();
    both.run(&["update", "--no-recommends"]).ok();
    assert_eq!(both.installed("hello-world"), "1.1.5");
    old.run(&["refresh", "--force"]).ok();
    old.run(&["update", "--no-recommends"]).ok();
    assert_eq!(old.installed("hello-world"), "1.1.5");
}
