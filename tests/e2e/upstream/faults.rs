use std::time::{Duration, Instant};

use super::Stage;
use crate::circle::admin;
use crate::clients::shelf::wheel;
use crate::harness::{Pages, Venv, get, sha256};

#[test]
fn an_upstream_that_lies_about_a_hash_is_refused_and_nothing_is_kept() {
    let mut stage = Stage::new(Pages::Json);
    let file = stage.file(wheel("tide", "1.0.0"));
    stage.other.sends("tide", &file, |bytes| bytes[100] ^= 1);
    let honest = std::fs::read(&file).unwrap();
    let mut lie = honest.clone();
    lie[100] ^= 1;
    get(&stage.link("tide", ".whl")).problem(502, &[&sha256(&honest), &sha256(&lie)]);
    Venv::new()
        .pip(&["install", "--retries", "0", "--index-url", &stage.index(), "tide"])
        .fails();
    assert!(stage.yard.log().contains(&sha256(&lie)), "{}", stage.yard.log());
    for digest in [sha256(&honest), sha256(&lie)] {
        let blob = format!("store/blobs/sha256/{}/{}/{digest}", &digest[..2], &digest[2..4]);
        assert!(!stage.yard.data().join(blob).exists());
    }
    stage.other.offers("tide", &file);
    std::thread::sleep(Duration::from_secs(4));
    Venv::new()
        .pip(&["install", "--index-url", &stage.index(), "tide"])
        .ok();
}

#[test]
fn an_upstream_that_is_not_there_is_an_error_that_may_pass_and_own_projects_do_not_notice() {
    let mut stage = Stage::new(Pages::Json);
    let own = stage.file(wheel("ferry", "1.0.0"));
    admin(&stage.yard, &["publish", own.to_str().unwrap()]).ok();
    stage.other.is_away(true);
    let refused = get(&format!("{}tide/", stage.index())).problem(503, &["tide", "upstream"]);
    assert_ne!(refused.header("retry-after"), "");
    // The upstream may have chosen the address that was asked: what is there is not told to strangers.
    let text = refused.text();
    assert!(
        text.contains("cannot be reached") || text.contains("answers with an error"),
        "{text}"
    );
    for detail in ["onnection", "refused", "tcp", "500", "502"] {
        assert!(!text.contains(detail), "{text}");
    }
    Venv::new()
        .pip(&["install", "--index-url", &stage.index(), "ferry"])
        .ok();
}

#[test]
fn an_upstream_that_hangs_on_one_project_slows_no_other() {
    let mut stage = Stage::new(Pages::Json);
    let own = stage.file(wheel("ferry", "1.0.0"));
    admin(&stage.yard, &["publish", own.to_str().unwrap()]).ok();
    stage.offers("tide", "1.0.0");
    stage.other.hangs(Some("/stuck"));
    let stuck = format!("{}stuck/", stage.index());
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let stuck = stuck.clone();
            std::thread::spawn(move || get(&stuck))
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    for project in ["ferry", "tide"] {
        get(&format!("{}{project}/", stage.index())).is(200);
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    for client in waiting {
        client.join().unwrap().is(503);
    }
    assert_eq!(
        stage.other.asked("/stuck").len(),
        1,
        "one asks, and the others wait for it"
    );
}

#[test]
fn where_there_is_a_copy_nobody_waits_long_for_an_upstream_that_hangs() {
    let mut stage = Stage::new(Pages::Json);
    stage.offers("tide", "1.0.0");
    get(&format!("{}tide/", stage.index())).is(200);
    stage.other.hangs(Some("/simple/tide/"));
    let began = Instant::now();
    let page = stage.page_anew("tide").is(200);
    assert!(!page.header("x-packyard-stale").is_empty() && page.text().contains("tide-1.0.0"));
    assert!(
        began.elapsed() < Duration::from_secs(11),
        "a copy is served after five seconds"
    );
    let began = Instant::now();
    get(&format!("{}tide/", stage.index())).is(200);
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "nobody waits for it again at once"
    );
}
