//! Real projects: what packyard makes of their sdists is what their own backends make of them.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::harness::{Backends, tool};

/// At least so many are built without their backend; the others are what a backend has to be asked for.
const NATIVE: usize = 27;

fn sdists() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(tool("sdists"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

#[test]
fn the_wheels_of_real_projects_are_those_of_their_backends() {
    let open = Mutex::new(sdists());
    let report = Mutex::new((Vec::new(), Vec::new(), Vec::new()));
    let work = || {
        loop {
            let Some(project) = open.lock().unwrap().pop() else {
                return;
            };
            let name = project.file_name().unwrap().to_str().unwrap().to_owned();
            let both = Backends::of(&project);
            let (ours, native) = both.ours();
            let compared = Backends::compare(&ours, &both.theirs());
            let mut report = report.lock().unwrap();
            if compared.code != Some(0) {
                report
                    .2
                    .push(format!("{name} (native: {native})\n{}", compared.stdout));
            } else if native {
                report.0.push(name);
            } else {
                report.1.push(name);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let (native, asked, differ) = report.into_inner().unwrap();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(native.len() >= NATIVE, "native: {native:?}\nasked: {asked:?}");
    assert!(native.len() + asked.len() >= 35, "{native:?} {asked:?}");
}
