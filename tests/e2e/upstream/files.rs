use std::time::{Duration, Instant};

use super::Stage;
use crate::clients::shelf::wheel;
use crate::harness::{Pages, Request, get, sha256};

/// A wheel of two megabytes that do not shrink.
fn large(stage: &mut Stage) -> std::path::PathBuf {
    let file = stage.file(wheel("tide", "1.0.0"));
    let mut bytes = std::fs::read(&file).unwrap();
    // What a wheel is, is not judged on its way through.
    let mut seed = 1_u32;
    bytes.extend(
        std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(2 << 20),
    );
    std::fs::write(&file, bytes).unwrap();
    stage.other.offers("tide", &file);
    file
}

#[test]
fn sixteen_clients_at_once_cost_one_download_and_bytes_flow_before_it_ends() {
    let mut stage = Stage::new(Pages::Json);
    let file = large(&mut stage);
    let whole = std::fs::read(file).unwrap();
    let link = stage.link("tide", ".whl");
    let head = Request::new("HEAD", &link).send().is(200);
    assert_eq!(head.header("content-length"), whole.len().to_string());
    assert_eq!(
        stage.other.asked(".whl").len(),
        0,
        "the page says how large it is"
    );
    stage.other.pauses(Duration::from_millis(600));
    let clients: Vec<_> = (0..16)
        .map(|n| {
            let link = link.clone();
            std::thread::spawn(move || match n {
                0 => Request::new("GET", &link)
                    .header("range", "bytes=1000-1999")
                    .send()
                    .is(206),
                _ => get(&link).is(200),
            })
        })
        .collect();
    let began = Instant::now();
    for (n, client) in clients.into_iter().enumerate() {
        let reply = client.join().unwrap();
        if n == 0 {
            assert_eq!(reply.body, whole[1000..2000]);
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "a part came when all had come"
            );
        } else {
            assert_eq!(sha256(&reply.body), sha256(&whole));
        }
    }
    assert_eq!(stage.other.asked(".whl").len(), 1);
    stage.other.is_away(true);
    let again = get(&link).is(200);
    assert_eq!(again.body, whole);
    assert!(again.header("cache-control").contains("immutable"));
    let fresh = Request::new("GET", &link)
        .header("if-none-match", again.header("etag"))
        .send();
    fresh.is(304);
}

#[test]
fn metadata_is_passed_on_checked_and_kept() {
    let mut stage = Stage::new(Pages::Json);
    let file = stage.offers("tide", "1.0.0");
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let text = b"Metadata-Version: 2.1\nName: tide\nVersion: 1.0.0\n";
    stage.other.has_metadata("tide", &name, text);
    let link = format!("{}.metadata", stage.link("tide", ".whl"));
    assert_eq!(get(&link).is(200).body, text);
    stage.other.is_away(true);
    assert_eq!(get(&link).is(200).body, text);
    assert_eq!(stage.other.asked(".metadata").len(), 1);
    assert_eq!(stage.other.asked(".whl").len(), 1);
}

#[test]
fn the_size_that_an_html_page_does_not_say_is_asked_for() {
    let mut stage = Stage::new(Pages::Html);
    let whole = std::fs::read(large(&mut stage)).unwrap();
    let link = stage.link("tide", ".whl");
    let head = Request::new("HEAD", &link).send().is(200);
    assert_eq!(head.header("content-length"), whole.len().to_string());
    let tail = Request::new("GET", &link)
        .header("range", "bytes=-100")
        .send()
        .is(206);
    assert_eq!(tail.body, whole[whole.len() - 100..]);
    assert_eq!(stage.other.asked(".whl").len(), 1);
}

#[test]
fn a_file_that_the_upstream_does_not_name_is_not_there() {
    let mut stage = Stage::new(Pages::Json);
    let link = stage.offers("tide", "1.0.0");
    let digest = sha256(&std::fs::read(link).unwrap());
    let other = "0".repeat(64);
    for (digest, name) in [
        (&other, "tide-1.0.0-py3-none-any.whl"),
        (&digest, "tide-2.0.0-py3-none-any.whl"),
        (&digest, "ferry-1.0.0-py3-none-any.whl"),
    ] {
        get(&stage.yard.url(&format!("/main/files/{digest}/{name}"))).is(404);
    }
    assert_eq!(stage.other.asked(".whl").len(), 0);
}
