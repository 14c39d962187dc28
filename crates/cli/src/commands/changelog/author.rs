//! Who adds and closes entries, and when: the environment, as `dch` reads it.

use crate::report::Usage;
use packyard_build::changelog::{Author, Dialect};
use packyard_types::Timestamp;
use std::{path::Path, process::Command, time::SystemTime};

/// `DEBFULLNAME` and `DEBEMAIL`, else `NAME` and `EMAIL`, else git's identity. The mail address may bring the name with
/// it, `Name <mail>`.
///
/// A value that can be no author is told where the dialect wants one.
pub fn author(dir: &Path, dialect: Dialect) -> anyhow::Result<Option<Author>> {
    match found(dir) {
        Some(Err(bad)) if matches!(dialect, Dialect::Debian | Dialect::Rpm) => Err(bad.into()),
        found => Ok(found.and_then(Result::ok)),
    }
}

fn found(dir: &Path) -> Option<Result<Author, Usage>> {
    let (email_from, email) = first(dir, ["DEBEMAIL", "EMAIL"], "user.email")?;
    let whole = Author::parse(&email);
    let address = whole
        .as_ref()
        .map_or(email.as_str(), |author| author.email.as_str());
    if Author::parse(&format!("Name <{address}>")).is_none() {
        let hint = format!("set {email_from} to an address such as name@example.org");
        let message = format!("{email_from} is `{}`, not a mail address", email.escape_debug());
        return Some(Err(Usage(format!("{message}\nhint: {hint}"))));
    }
    let told = variable("DEBFULLNAME").map(|name| ("DEBFULLNAME", name));
    let told = told.or_else(|| whole.as_ref().map(|author| (email_from, author.name.clone())));
    let (name_from, name) = told.or_else(|| first(dir, ["NAME", "NAME"], "user.name"))?;
    let author = Author::parse(&format!("{name} <{address}>"));
    Some(author.ok_or_else(|| {
        let message = format!(
            "{name_from} is `{}`, not the name of a person",
            name.escape_debug()
        );
        Usage(format!(
            "{message}\nhint: set {name_from} to a name without `<` and `>`"
        ))
    }))
}

/// The value that comes first, and where it is from.
fn first(dir: &Path, names: [&'static str; 2], key: &'static str) -> Option<(&'static str, String)> {
    let told = names.into_iter().find_map(|name| Some((name, variable(name)?)));
    told.or_else(|| Some((key, git(dir, key)?)))
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
