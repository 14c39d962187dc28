//! Promotion and rollback at the border: who may, what is refused, and what is said.

use crate::circle::{admin, publish_to, yard_of_three};
use crate::harness::{Project, Request, Yard};

fn post(yard: &Yard, path: &str, token: &str, body: &str) -> crate::harness::Reply {
    let request = Request::new("POST", &yard.url(path)).token(token);
    request
        .header("content-type", "application/json")
        .send_bytes(body.as_bytes())
}

#[test]
fn a_plan_changes_nothing_and_says_what_the_promotion_then_does() {
    let yard = yard_of_three();
    publish_to(&yard, &Project::hello_world(), "dev");
    let before = yard.revision();
    let promote = ["promote", "hello-world", "--from", "dev", "--to", "stable"];
    let plan = admin(&yard, &[&promote[..], &["--dry-run"]].concat()).ok();
    assert_eq!(yard.revision(), before);
    let plan = plan.says(&["hello-world is hello-world 1.1.3", "this is a plan"]);
    let done = admin(&yard, &promote).ok();
    assert_eq!(yard.revision(), before + 1);
    let added = |text: &str| text.lines().filter(|l| l.starts_with("added")).count();
    assert_eq!((added(&plan.stdout), added(&done.stdout)), (4, 4));
    admin(&yard, &promote).ok().says(&["nothing changed"]);
    assert_eq!(yard.revision(), before + 1);
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let yard = yard_of_three();
    publish_to(&yard, &Project::hello_world(), "dev");
    let token = yard.admin_token();
    let at = |channel: &str| format!("/api/v1/channels/{channel}/promotions");
    let body = |package: &str, from: &str| format!(r#"{{"from":"{from}","packages":["{package}"]}}"#);
    post(&yard, &at("stable"), &token, &body("helo-world", "dev")).problem(404, &["hello-world"]);
    post(&yard, &at("stable"), &token, &body("hello-world", "dve")).problem(404, &["dve"]);
    post(&yard, &at("stabel"), &token, &body("hello-world", "dev")).problem(404, &["stabel"]);
    post(&yard, &at("dev"), &token, &body("hello-world", "dev")).problem(400, &["the source itself"]);
    post(&yard, &at("stable"), &token, r#"{"from":"dev"}"#).problem(400, &["packages"]);
    post(&yard, "/api/v1/channels/dev/rollbacks", &token, r#"{"to":9999}"#).problem(404, &["9999"]);
    post(&yard, "/api/v1/channels/dev/rollbacks", &token, r#"{"to":1}"#).problem(404, &["came into being"]);
    post(
        &yard,
        "/api/v1/channels/dev/rollbacks",
        &token,
        r#"{"to":"nope"}"#,
    )
    .problem(404, &["tag `nope`"]);
}

#[test]
fn a_token_that_may_publish_may_not_promote() {
    let yard = yard_of_three();
    publish_to(&yard, &Project::hello_world(), "dev");
    let grant = |args: &[&str]| {
        let all = [&["token", "create", "--json"], args].concat();
        let answer: serde_json::Value = serde_json::from_str(&admin(&yard, &all).ok().stdout).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    };
    let publisher = grant(&["--can", "publish"]);
    let elsewhere = grant(&["--can", "promote", "--channel", "staging"]);
    let other_project = grant(&["--can", "promote", "--project", "other-*"]);
    let promoter = grant(&["--can", "promote", "--channel", "stable"]);
    let path = "/api/v1/channels/stable/promotions";
    let body = r#"{"from":"dev","packages":["hello-world"]}"#;
    for token in [publisher, elsewhere, other_project] {
        post(&yard, path, &token, body).problem(403, &["may not"]);
    }
    post(&yard, path, &promoter, body).is(201);
    post(&yard, path, &promoter, body).is(200);
}

#[test]
fn a_source_distribution_is_known_by_its_alias_and_a_misspelt_one_is_answered_with_the_nearest() {
    let yard = yard_of_three();
    admin(
        &yard,
        &["distribution", "create", "dev/bookworm", "--alias", "oldstable"],
    )
    .ok();
    let dist = Project::hello_world().build();
    let deb = format!("bookworm={}", dist.deb().display());
    admin(&yard, &["publish", &deb, "--channel", "dev"]).ok();
    let from = |d: &str| format!("dev/{d}");
    let promote = |d: &str, to: &str| admin(&yard, &["promote", "--all", "--from", &from(d), "--to", to]);
    promote("bokworm", "stable")
        .exits(1)
        .says(&["distribution `bokworm`", "did you mean `bookworm`?"]);
    promote("oldstable", "stable").ok().says(&["added", "(bookworm)"]);
    let doubtful = promote("oldstable", "stable/bookwrom").ok();
    doubtful.says(&["warning:", "did you mean `bookworm`?"]);
    promote("oldstable", "dev/bookworm")
        .exits(1)
        .says(&["the source itself"]);
}
