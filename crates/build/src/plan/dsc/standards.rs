//! `Standards-Version`: the newest version of Debian's policy on the day of the release. lintian takes a later one for a
//! slip, and what is generated follows them all.

use packyard_types::Timestamp;

/// Versions of the policy with the days on which they came out, newest first. 4.6.2 is what bookworm's lintian knows.
const VERSIONS: [(&str, &str); 16] = [
    ("2022-12-17", "4.6.2"),
    ("2022-05-11", "4.6.1"),
    ("2021-08-18", "4.6.0"),
    ("2020-11-17", "4.5.1"),
    ("2020-01-20", "4.5.0"),
    ("2019-09-29", "4.4.1"),
    ("2019-07-07", "4.4.0"),
    ("2018-12-23", "4.3.0"),
    ("2018-08-25", "4.2.1"),
    ("2018-04-05", "4.1.4"),
    ("2017-12-27", "4.1.3"),
    ("2017-09-28", "4.1.1"),
    ("2017-08-21", "4.1.0"),
    ("2017-05-28", "4.0.0"),
    ("2016-04-06", "3.9.8"),
    ("2016-02-01", "3.9.7"),
];

/// The version for a changelog whose newest entry has this date.
pub(super) fn version(date: Timestamp) -> &'static str {
    let day = date.strftime("%Y-%m-%d");
    let earlier = VERSIONS.iter().find(|(out, _)| *out < day.as_str());
    earlier.unwrap_or(&VERSIONS[VERSIONS.len() - 1]).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_followed_from_the_day_after_it_came_out() {
        let version = |seconds| version(Timestamp::from_unix_seconds(seconds));
        // 2022-12-17 and the day after, 2019-03-22, 2001.
        assert_eq!(version(1_671_271_200), "4.6.1");
        assert_eq!(version(1_671_357_600), "4.6.2");
        assert_eq!(version(1_553_212_800), "4.3.0");
        assert_eq!(version(1_000_000_000), "3.9.7");
    }
}
