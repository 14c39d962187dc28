//! Python's clients one by one: each installs, upgrades and is refused; each publisher publishes,
//! repeats itself and is refused.
//!
//! What they fetch are small wheels of the [shelf], so that the client takes longer than anything
//! else. No client knows of another index than the yard: its settings name that one alone, and
//! nothing but this machine can be reached over HTTPS.

mod pdm;
mod peers;
mod pip;
mod pip_tools;
mod poetry;
mod private;
mod publishers;
mod pypi_simple;
mod room;
pub mod shelf;
mod sources;
mod status;
mod twine;
mod uv;

use room::Room;
use shelf::{Item, Shelf, sdist, wheel};

use crate::circle::admin;
use crate::harness::{Outcome, Request, Yard};

/// Publishes what lies on a shelf to a channel, as one release.
#[track_caller]
fn publish(yard: &Yard, channel: &str, items: &[Item]) -> Outcome {
    let shelf = Shelf::new(items);
    let files = shelf.files();
    let mut args = vec!["publish", "--channel", channel];
    args.extend(files.iter().map(|file| file.to_str().unwrap()));
    admin(yard, &args).ok()
}

/// ferry 1.0.0, which needs tide, and anchor, of which there is only the source.
fn harbour_items() -> [Item; 3] {
    [
        wheel("ferry", "1.0.0").needs("tide>=1").python(">=3.8"),
        wheel("tide", "1.0.0"),
        sdist("anchor", "1.0.0"),
    ]
}

/// A yard with these in channel main.
fn harbour() -> Yard {
    let yard = Yard::new();
    publish(&yard, "main", &harbour_items());
    yard
}

/// The next versions: ferry 1.1.0, and 2.0.0 for a Python that nobody has.
fn next_ferries(yard: &Yard) {
    publish(
        yard,
        "main",
        &[
            wheel("ferry", "1.1.0").needs("tide>=1").python(">=3.8"),
            wheel("ferry", "2.0.0").python(">=3.99"),
        ],
    );
}

/// What the JSON page of a project in channel main says of one file.
#[track_caller]
fn listed(yard: &Yard, project: &str, filename: &str) -> serde_json::Value {
    let page = Request::new("GET", &yard.url(&format!("/main/simple/{project}/")))
        .header("accept", "application/vnd.pypi.simple.v1+json")
        .send()
        .is(200)
        .json();
    let files = page["files"].as_array().unwrap().iter();
    let mut found = files.filter(|file| file["filename"] == filename);
    found
        .next()
        .unwrap_or_else(|| panic!("no {filename}: {page}"))
        .clone()
}

/// The SHA-256 of one file of channel main, as its page says it.
#[track_caller]
fn hash_of(yard: &Yard, project: &str, filename: &str) -> String {
    let file = listed(yard, project, filename);
    file["hashes"]["sha256"].as_str().unwrap().to_owned()
}

/// This moment, after everything that was published before and before everything that will be.
fn moment() -> String {
    let pause = || std::thread::sleep(std::time::Duration::from_millis(20));
    pause();
    let mut date = std::process::Command::new("date");
    let now = crate::harness::run(date.args(["-u", "+%Y-%m-%dT%H:%M:%S.%6NZ"])).ok();
    pause();
    now.stdout.trim().to_owned()
}

/// The requests in the yard's log that ask for a wheel itself and not for its metadata.
fn fetched_wheels(yard: &Yard) -> Vec<String> {
    let log = yard.log();
    let lines = log.lines().filter(|line| line.contains(".whl\""));
    lines.map(ToOwned::to_owned).collect()
}
