//! Publishing over a line that breaks.

use std::time::{Duration, Instant};

use crate::harness::{BadLine, Dist, Fate, Outcome, Project, Yard, free_port, packyard};

fn publish(yard: &Yard, server: &str, dist: &Dist, more: &[&str]) -> Outcome {
    let (directory, token) = (dist.directory(), yard.admin_token());
    let args = [
        "publish",
        directory.to_str().unwrap(),
        "--server",
        server,
        "--token",
        &token,
    ];
    packyard(args.iter().chain(more))
}

#[test]
fn a_release_arrives_over_a_line_that_breaks_everywhere_once() {
    let yard = Yard::new();
    let before = yard.revision();
    let line = BadLine::new(&yard, |request, made| match (request, made) {
        (r, 0) if r.starts_with("PUT") => Fate::BreaksOff,
        (r, 1) if r.starts_with("PUT") => Fate::LosesAnswer,
        (_, 0) => Fate::Busy,
        (_, 1) => Fate::LosesAnswer,
        _ => Fate::Passes,
    });
    publish(&yard, line.url(), &Project::hello_world().build(), &[])
        .ok()
        .says(&["trying again"]);
    assert_eq!(yard.revision(), before + 1);
    assert_eq!(line.requests("PUT").len(), 4 * 3, "{:?}", line.requests("PUT"));
    assert_eq!(line.requests("/releases").len(), 3);
}

#[test]
fn the_command_run_again_sends_only_what_is_missing() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::hello_world().build();
    let rpm = crate::harness::sha256(&std::fs::read(dist.rpm()).unwrap());
    let stuck = rpm.clone();
    let line = BadLine::new(&yard, move |request, _| {
        if request.ends_with(&stuck) {
            Fate::BreaksOff
        } else {
            Fate::Passes
        }
    });
    publish(&yard, line.url(), &dist, &[])
        .exits(1)
        .says(&["broke", "run the command again"]);
    assert!(
        line.requests("/releases").is_empty(),
        "a release was asked for without all of its files"
    );
    assert_eq!(yard.revision(), before);

    let line = BadLine::new(&yard, |_, _| Fate::Passes);
    let sent_before = publish(&yard, line.url(), &dist, &[]).ok();
    // The other workers may have stopped early; what they had sent is not sent again.
    assert!(line.requests("PUT").iter().any(|r| r.ends_with(&rpm)));
    assert!(line.requests("PUT").len() < 4, "{sent_before}");
    sent_before.says(&["of 4 files are at"]);
    assert_eq!(yard.revision(), before + 1);
    publish(&yard, line.url(), &dist, &[])
        .ok()
        .says(&["4 of 4 files are at"]);
}

#[test]
fn a_release_whose_answer_was_lost_is_not_stale() {
    let yard = Yard::new();
    let before = yard.revision();
    let line = BadLine::new(&yard, |request, made| {
        if request.ends_with("/releases") && made == 0 {
            Fate::LosesAnswer
        } else {
            Fate::Passes
        }
    });
    let dist = Project::greeter().build();
    publish(&yard, line.url(), &dist, &["--if-revision", &before.to_string()]).ok();
    assert_eq!(line.requests("/releases").len(), 2);
    assert_eq!(yard.revision(), before + 1);
}

#[test]
fn a_server_that_is_not_there_is_not_waited_for() {
    let yard = Yard::new();
    let began = Instant::now();
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    publish(&yard, &nowhere, &Project::greeter().build(), &[])
        .exits(1)
        .says(&["cannot be reached"]);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}
