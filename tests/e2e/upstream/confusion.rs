use super::Stage;
use crate::circle::{admin, configure};
use crate::clients::shelf::wheel;
use crate::harness::{Pages, Request, Venv, get};

/// The versions that pip would take.
fn pip_takes(stage: &Stage, name: &str) -> crate::harness::Outcome {
    Venv::new().pip(&["install", "--dry-run", "--index-url", &stage.index(), name])
}

fn publishes(stage: &mut Stage, name: &str, version: &str) {
    let own = stage.file(wheel(name, version));
    admin(&stage.yard, &["publish", own.to_str().unwrap()]).ok();
}

#[test]
fn a_higher_version_of_an_own_name_is_not_taken_from_the_upstream() {
    let mut stage = Stage::new(Pages::Json);
    publishes(&mut stage, "ferry", "1.0.0");
    stage.offers("ferry", "9.0.0");
    pip_takes(&stage, "ferry")
        .ok()
        .says(&["ferry-1.0.0"])
        .never_says(&["9.0.0"]);
    admin(&stage.yard, &["remove", "ferry==1.0.0", "--channel", "main"]).ok();
    pip_takes(&stage, "ferry").fails();
    assert_eq!(stage.other.asked("ferry"), Vec::<String>::new());
}

#[test]
fn a_reserved_name_does_not_leak_out_before_it_is_uploaded() {
    let mut stage = Stage::new(Pages::Json);
    let upstream = stage.other.simple();
    configure(
        &stage.yard,
        "main",
        &format!(r#"{{"upstream":"{upstream}","reserved":["corp-*"]}}"#),
    );
    stage.offers("corp-billing", "9.0.0");
    pip_takes(&stage, "corp-billing").fails();
    pip_takes(&stage, "Corp_Billing").fails();
    assert_eq!(stage.other.asked("orp"), Vec::<String>::new());
}

#[test]
fn a_name_that_came_from_the_upstream_is_the_channel_s_once_it_publishes_it() {
    let mut stage = Stage::new(Pages::Json);
    stage.offers("ferry", "9.0.0");
    pip_takes(&stage, "ferry").ok().says(&["ferry-9.0.0"]);
    let link = stage.link("ferry", ".whl");
    get(&link).is(200);
    publishes(&mut stage, "ferry", "1.0.0");
    pip_takes(&stage, "ferry").ok().says(&["ferry-1.0.0"]);
    get(&link).is(404);
}

#[test]
fn an_open_project_has_both_and_its_own_file_wins() {
    let mut stage = Stage::new(Pages::Json);
    publishes(&mut stage, "ferry", "1.0.0");
    stage.offers("ferry", "9.0.0");
    let own = stage.file(wheel("ferry", "1.0.0").text("another one"));
    stage.other.offers("ferry", &own);
    let said = Request::new("PUT", &stage.yard.url("/api/v1/channels/main/projects/ferry"))
        .token(&stage.yard.admin_token())
        .header("content-type", "application/json")
        .send_bytes(br#"{"open":true}"#);
    assert!([200, 201].contains(&said.status), "{said:?}");
    pip_takes(&stage, "ferry").ok().says(&["ferry-9.0.0"]);
    let page = get(&format!("{}ferry/", stage.index())).is(200);
    assert_eq!(page.text().matches("<a ").count(), 2);
    let theirs = crate::harness::sha256(&std::fs::read(own).unwrap());
    assert!(!page.text().contains(&theirs), "the channel's own file wins");
}
