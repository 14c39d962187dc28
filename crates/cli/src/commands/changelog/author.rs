//! Who adds and closes entries, and when: the environment, as `dch` reads it.

use crate::report::Usage;
use packyard_build::changelog::Author;
use packyard_types::Timestamp;
use std::{path::Path, process::Command, time::SystemTime};

/// `DEBFULLNAME` and `DEBEMAIL`, else `NAME` and `EMAIL`, else git's identity. The mail address may bring the name with
/// it, `Name <mail>`.
pub fn author(dir: &Path) -> Option<Author> {
    let email = variable("DEBEMAIL")
        .or_else(|| variable("EMAIL"))
        .or_else(|| git(dir, "user.email"))?;
    let whole = Author::parse(&email);
    let address = whole
        .as_ref()
        .map_or(email.as_str(), |author| author.email.as_str());
    let name = variable("DEBFULLNAME")
        .or_else(|| whole.as_ref().map(|author| author.name.clone()))
        .or_else(|| variable("NAME"))
        .or_else(|| git(dir, "user.name"))?;
    Author::parse(&format!("{name} <{address}>"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn git(dir: &Path, key: &str) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["config", key])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `SOURCE_DATE_EPOCH`, else the clock.
pub fn now() -> anyhow::Result<Timestamp> {
    match variable("SOURCE_DATE_EPOCH") {
        None => Ok(Timestamp::from_system_time(SystemTime::now()).whole_second()),
        Some(text) => match text.trim().parse() {
            Ok(seconds) => Ok(Timestamp::from_unix_seconds(seconds)),
            Err(_) => Err(Usage(format!("SOURCE_DATE_EPOCH is `{text}`, not a number of seconds")).into()),
        },
    }
}
