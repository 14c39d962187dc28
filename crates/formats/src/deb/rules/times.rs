//! Times of files. A time to come makes `make` and backups go wrong until it is reached; one of the first years is a
//! clock that was never set. dak refuses both: more than a day ahead, and before 1975. But zero is what libraries write
//! into an archive where nobody gave a time (Python's tarfile does): such packages are about, nothing stumbles over
//! them, and they are taken; `check` says it.

use crate::archive::contents::Member;
use crate::deb::read::Deb;
use crate::fault::Fault;
use packyard_types::Timestamp;

/// 1975-01-01T00:00:00Z.
const OLDEST: i64 = 157_766_400;
const HINT: &str = "build it with the clock set, or with SOURCE_DATE_EPOCH of its newest changelog entry";

/// Judges the times of all entries; each kind of breach is told once, with its first entry.
pub(super) fn judge(deb: &Deb, newest: Option<i64>, faults: &mut Vec<Fault>) {
    let all = || deb.control_files.members.iter().chain(&deb.data.members);
    let early: Vec<&Member> = all()
        .filter(|m| m.mtime.is_some_and(|t| t < OLDEST && t != 0))
        .collect();
    faults.extend(told(&early, "before 1975"));
    if let Some(newest) = newest {
        let late: Vec<&Member> = all().filter(|m| m.mtime.is_some_and(|t| t > newest)).collect();
        faults.extend(told(&late, "more than a day ahead"));
    }
}

fn told(entries: &[&Member], what: &str) -> Option<Fault> {
    let first = entries.first()?;
    let others = match entries.len() - 1 {
        0 => String::new(),
        n => format!(", and so are {n} other entries"),
    };
    let time = first.mtime.unwrap_or_default();
    let time = match time {
        0.. => Timestamp::from_unix_seconds(time).to_string(),
        _ => "before 1970".to_owned(),
    };
    Some(Fault::new(format!("its time, {time}, is {what}{others}"), HINT).at(&first.path))
}
