//! A channel inherits others: their projects are its own to pip and uv, in order, and for whoever may read the child.

use std::process::Command;

use crate::circle::{admin, configure};
use crate::clients::shelf::{Shelf, wheel};
use crate::harness::{Request, StaticHost, Venv, Yard, get, run};

fn publish(yard: &Yard, channel: &str, name: &str, version: &str) {
    publish_text(yard, channel, name, version, "");
}

fn publish_text(yard: &Yard, channel: &str, name: &str, version: &str, text: &str) {
    let shelf = Shelf::new(&[wheel(name, version).text(text)]);
    let file = shelf.files().remove(0);
    admin(yard, &["publish", file.to_str().unwrap(), "--channel", channel]).ok();
}

fn installed(venv: &Venv, name: &str) -> String {
    run(&mut Command::new(venv.bin(name))).ok().stdout
}

#[test]
fn pip_and_uv_install_what_is_inherited_and_the_nearer_channel_wins() {
    let yard = Yard::new();
    configure(&yard, "base", "{}");
    configure(&yard, "team", r#"{"inherits":["base"]}"#);
    publish(&yard, "base", "ferry", "1.0.0");
    publish_text(&yard, "base", "tide", "1.0.0", "from base");
    publish_text(&yard, "team", "tide", "1.0.0", "from team");
    let index = yard.url("/team/simple/");
    let pip = Venv::new();
    pip.pip(&["install", "--index-url", &index, "ferry", "tide"]).ok();
    assert!(installed(&pip, "ferry").contains("1.0.0"));
    let own = get(&yard.url("/team/simple/tide/")).is(200);
    let base = get(&yard.url("/base/simple/tide/")).is(200);
    assert_ne!(
        own.text(),
        base.text(),
        "the file of the nearer channel has its own digest"
    );
    assert_eq!(own.text().matches("<a ").count(), 1);
    let uv = Venv::new();
    uv.uv_pip("install", &["--index-url", &index, "ferry"]).ok();
    // The child holds nothing of it: a new version appears with its parent's.
    publish(&yard, "base", "ferry", "1.1.0");
    uv.uv_pip("install", &["--index-url", &index, "--upgrade", "ferry"])
        .ok();
    assert!(installed(&uv, "ferry").contains("1.1.0"));
    let root = get(&index).is(200);
    assert!(root.text().contains("ferry") && root.text().contains("tide"));
}

#[test]
fn as_of_a_revision_the_parent_is_as_it_was_too() {
    let yard = Yard::new();
    configure(&yard, "base", "{}");
    configure(&yard, "team", r#"{"inherits":["base"]}"#);
    publish(&yard, "base", "ferry", "1.0.0");
    let before = yard.revision();
    publish(&yard, "base", "ferry", "1.1.0");
    let venv = Venv::new();
    let index = yard.url(&format!("/team@{before}/simple/"));
    venv.pip(&["install", "--index-url", &index, "ferry"]).ok();
    assert!(installed(&venv, "ferry").contains("1.0.0"));
}

#[test]
fn who_may_read_the_child_reads_what_it_inherits_and_nobody_else() {
    let yard = Yard::new();
    configure(&yard, "secret", r#"{"public":false}"#);
    configure(&yard, "open", r#"{"inherits":["secret"]}"#);
    configure(&yard, "closed", r#"{"public":false,"inherits":["main"]}"#);
    publish(&yard, "secret", "ferry", "1.0.0");
    publish(&yard, "main", "tide", "1.0.0");
    get(&yard.url("/secret/simple/ferry/")).is(401);
    let page = get(&yard.url("/open/simple/ferry/")).is(200);
    let link = page
        .text()
        .split("href=\"../../")
        .nth(1)
        .unwrap()
        .split('#')
        .next()
        .unwrap()
        .to_owned();
    get(&yard.url(&format!("/open/{link}"))).is(200);
    get(&yard.url(&format!("/secret/{link}"))).is(401);
    get(&yard.url("/closed/simple/tide/")).is(401);
    Request::new("GET", &yard.url("/closed/simple/tide/"))
        .token(&yard.admin_token())
        .send()
        .is(200);
}

#[test]
fn a_static_copy_of_a_channel_has_what_it_inherits() {
    let yard = Yard::new();
    configure(&yard, "base", "{}");
    configure(
        &yard,
        "team",
        r#"{"inherits":["base"],"upstream":"http://127.0.0.1:9/simple/"}"#,
    );
    publish(&yard, "base", "ferry", "1.0.0");
    publish_text(&yard, "base", "tide", "1.0.0", "from base");
    publish_text(&yard, "team", "tide", "1.0.0", "from team");
    let copy = yard.data().join("../copy");
    admin(&yard, &["export", "team", copy.to_str().unwrap(), "--verify"]).ok();
    for project in ["ferry", "tide"] {
        let page = std::fs::read_to_string(copy.join(format!("simple/{project}/index.html"))).unwrap();
        let served = get(&yard.url(&format!("/team/simple/{project}/"))).is(200);
        assert_eq!(page, served.text());
    }
    let host = StaticHost::python(&copy);
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--index-url",
        &format!("{}/simple/", host.url()),
        "ferry",
        "tide",
    ])
    .ok();
    assert!(installed(&venv, "ferry").contains("1.0.0"));
    assert_eq!(
        std::fs::read_dir(copy.join("files")).unwrap().count(),
        2,
        "what is hidden is not copied"
    );
}
