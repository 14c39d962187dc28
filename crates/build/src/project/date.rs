//! The one time of everything that is built.

use super::ChangelogTrouble;
use crate::{Options, changelog::Changelog};
use packyard_types::Timestamp;

/// The first year that a wheel can name, where no date is known.
pub(super) fn year_1980() -> Timestamp {
    Timestamp::from_unix_seconds(315_532_800)
}

/// The date of the newest entry that has one and is part of the build; else the one that was passed in. Never later than
/// `SOURCE_DATE_EPOCH`, where that is set.
pub(super) fn date(
    changelog: &Result<Changelog, ChangelogTrouble>,
    options: &Options,
    closes_open_entry: bool,
) -> Option<Timestamp> {
    let newest = changelog
        .as_ref()
        .ok()
        .and_then(Changelog::newest)
        .and_then(|entry| entry.date);
    let opens_new = closes_open_entry && changelog.as_ref().is_ok_and(|c| c.unreleased().is_some());
    let logged = if opens_new { None } else { newest };
    let date = logged.or(options.source_date).or(newest)?;
    Some(options.latest_date.map_or(date, |latest| date.min(latest)))
}

/// Where the date is missing that is taken to be 1980 then.
pub(super) fn unknown_date(changelog: &Result<Changelog, ChangelogTrouble>) -> Option<String> {
    let entry = changelog.as_ref().ok()?.entries.first()?;
    Some(format!(
        "{}:{}: the date of this entry is unknown, so everything is dated 1980-01-01; write it into the changelog, or \
         set SOURCE_DATE_EPOCH",
        entry.place.file, entry.place.line
    ))
}
