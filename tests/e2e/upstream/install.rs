use std::process::Command;

use super::Stage;
use crate::circle::{admin, configure};
use crate::clients::shelf::{sdist, wheel};
use crate::harness::{Pages, Request, Venv, Yard, eventually, get, packyard, run};

#[test]
fn pip_installs_through_a_json_upstream_and_goes_on_while_it_is_away() {
    let mut stage = Stage::new(Pages::Json);
    stage.offers("tide", "1.0.0");
    let index = stage.index();
    Venv::new().pip(&["install", "--index-url", &index, "tide"]).ok();
    stage.other.is_away(true);
    let page = stage.page_anew("tide").is(200);
    assert!(page.header("x-packyard-stale").starts_with("20"), "{page:?}");
    Venv::new().pip(&["install", "--index-url", &index, "tide"]).ok();

    // Neither the process nor its index is needed to know it.
    stage.yard.stop();
    packyard(["reindex", "--data", stage.yard.data().to_str().unwrap()]).ok();
    stage.yard.start();
    let venv = Venv::new();
    venv.pip(&["install", "--index-url", &index, "tide"]).ok();
    run(&mut Command::new(venv.bin("tide"))).ok().says(&["1.0.0"]);
    assert_eq!(stage.other.asked(".whl").len(), 1);
    packyard(["fsck", "--data", stage.yard.data().to_str().unwrap()]).ok();
    stage.other.is_away(false);
    let page = stage.page_anew("tide").is(200);
    assert_eq!(page.header("x-packyard-stale"), "");
}

#[test]
fn uv_installs_through_an_html_upstream_and_takes_the_next_version() {
    let mut stage = Stage::new(Pages::Html);
    stage.offers("tide", "1.0.0");
    let source = stage.file(sdist("tide", "1.0.0"));
    stage.other.offers("tide", &source);
    let (index, venv) = (stage.index(), Venv::new());
    venv.uv_pip("install", &["--index-url", &index, "tide"]).ok();
    stage.offers("tide", "1.1.0");
    stage.page_anew("tide").is(200);
    venv.uv_pip("install", &["--index-url", &index, "--upgrade", "tide"])
        .ok();
    run(&mut Command::new(venv.bin("tide"))).ok().says(&["1.1.0"]);
}

#[test]
fn what_needs_something_of_both_is_installed_through_one_index() {
    let mut stage = Stage::new(Pages::Json);
    stage.offers("tide", "1.0.0");
    let own = stage.file(wheel("ferry", "1.0.0").needs("tide>=1"));
    admin(&stage.yard, &["publish", own.to_str().unwrap()]).ok();
    // A channel that only inherits has its parent's upstream.
    configure(&stage.yard, "team", r#"{"inherits":["main"]}"#);
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--index-url",
        &stage.yard.url("/team/simple/"),
        "ferry",
    ])
    .ok();
    run(&mut Command::new(venv.bin("tide"))).ok().says(&["1.0.0"]);
}

#[test]
fn another_packyard_is_an_upstream_with_all_that_it_says() {
    let (far, near) = (Yard::new(), Yard::new());
    let shelf = crate::clients::shelf::Shelf::new(&[wheel("tide", "1.0.0").python(">=3.8")]);
    let file = shelf.files().remove(0);
    admin(&far, &["publish", file.to_str().unwrap()]).ok();
    let upstream = far.url("/main/simple/");
    configure(
        &near,
        "main",
        &format!(r#"{{"public":false,"upstream":"{upstream}"}}"#),
    );
    get(&near.url("/main/simple/tide/")).is(401);
    let json = |yard: &Yard| {
        Request::new("GET", &yard.url("/main/simple/tide/"))
            .header("accept", "application/vnd.pypi.simple.v1+json")
            .token(&yard.admin_token())
            .send()
            .is(200)
            .json()
    };
    let (theirs, ours) = (json(&far), json(&near));
    assert_eq!(theirs["files"], ours["files"]);
    assert_eq!(theirs["versions"], ours["versions"]);
    let token = near.admin_token();
    let index = near
        .url("/main/simple/")
        .replace("http://", &format!("http://__token__:{token}@"));
    let venv = Venv::new();
    venv.pip(&["install", "--dry-run", "--index-url", &index, "tide"])
        .ok();
    assert!(
        !far.log().replace(".whl.metadata", "").contains(".whl"),
        "only the metadata is needed: {}",
        far.log()
    );
    venv.pip(&["install", "--index-url", &index, "tide"]).ok();
}

#[test]
fn the_page_of_a_project_says_where_each_file_comes_from_and_why() {
    let mut stage = Stage::new(Pages::Json);
    stage.offers("tide", "1.0.0");
    let page = stage.yard.url("/main/packages/tide");
    let before = get(&page).is(200);
    assert!(
        before.text().contains("tide-1.0.0-py3-none-any.whl") && before.text().contains("not yet"),
        "{}",
        before.text()
    );
    assert!(before.text().contains(&format!(
        "{}files/tide/",
        stage.other.simple().replace("simple/", "")
    )));
    get(&stage.link("tide", ".whl")).is(200);
    eventually("the wheel to be kept", || {
        (!get(&page).text().contains("not yet")).then_some(())
    });
    stage.other.is_away(true);
    stage.page_anew("tide").is(200);
    assert!(get(&page).text().contains("Stale"));
}
