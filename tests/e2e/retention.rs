//! Retention and garbage collection, by command and as a client sees them.

use crate::circle::{admin, publish_to};
use crate::harness::{Project, Yard, get, packyard};

#[test]
fn a_channel_that_keeps_one_release_loses_the_others_for_good_only_when_they_are_collected() {
    let yard = Yard::new();
    let project = Project::hello_world();
    publish_to(&yard, &project, "main");
    let old = yard.revision();
    admin(&yard, &["channel", "set", "main", "--keep", "1"]).ok();
    project.bump("1.1.4");
    publish_to(&yard, &project, "main");
    assert_eq!(
        yard.revision(),
        old + 2,
        "what leaves leaves in the same revision"
    );
    let page = get(&yard.url("/main/simple/hello-world/")).is(200);
    assert!(!page.text().contains("1.1.3") && page.text().contains("1.1.4"));

    let from = format!("main@{old}");
    admin(
        &yard,
        &["promote", "hello-world==1.1.3", "--from", &from, "--to", "main"],
    )
    .ok()
    .says(&["added"]);
    assert!(
        get(&yard.url("/main/simple/hello-world/"))
            .text()
            .contains("1.1.3")
    );

    admin(&yard, &["gc"]).ok().says(&["keeps 1", "0 blobs"]);
    let before = yard.revision();
    admin(&yard, &["gc", "--dry-run", "--grace", "0s"]).ok();
    assert_eq!(yard.revision(), before);
    get(&yard.url(&format!("/{from}/simple/hello-world/"))).is(200);
    // Wheel, sdist, .deb, and the .rpm as it came and as it was signed.
    admin(&yard, &["gc", "--grace", "0s"]).ok().says(&["5 blobs"]);
    get(&yard.url(&format!("/{from}/simple/hello-world/"))).problem(410, &["pruned"]);
    admin(&yard, &["rollback", "main", "--to", &old.to_string()])
        .exits(1)
        .says(&["410", "pruned"]);
    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();
    admin(&yard, &["gc", "--grace", "soon"]).exits(2).says(&["12h"]);
}

#[test]
fn a_collection_that_does_not_say_whether_it_is_a_dry_run_is_refused() {
    let yard = Yard::new();
    let gc = |body: &str| {
        let request =
            crate::harness::Request::new("POST", &yard.url("/api/v1/gc")).token(&yard.admin_token());
        request
            .header("content-type", "application/json")
            .send_bytes(body.as_bytes())
    };
    for body in ["", "{}", r#"{"grace_seconds":0}"#] {
        gc(body).problem(400, &["dry_run"]);
    }
    gc(r#"{"dry_run":false}"#).is(200);
}
