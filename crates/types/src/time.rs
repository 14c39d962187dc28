//! Points in time. Reading the clock is for `cli` and `server`; here they are only parsed and written.

use crate::Invalid;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A point in time, UTC, to the microsecond. Written as RFC 3339.
///
/// ```
/// # use packyard_types::Timestamp;
/// let t = Timestamp::from_unix_seconds(1_553_212_800);
/// assert_eq!(t.to_string(), "2019-03-22T00:00:00Z");
/// assert_eq!(t.rfc2822(), "Fri, 22 Mar 2019 00:00:00 +0000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Seconds since 1970, clamped to the years that can be written (-9999 to 9999).
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let clamped = seconds.clamp(
            jiff::Timestamp::MIN.as_second(),
            jiff::Timestamp::MAX.as_second() - 1,
        );
        Self(jiff::Timestamp::from_second(clamped).expect("the range was clamped"))
    }

    /// A system time, cut to the microsecond.
    pub fn from_system_time(time: std::time::SystemTime) -> Self {
        let exact = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self(jiff::Timestamp::from_microsecond(exact.as_microsecond()).expect("cut from a valid time"))
    }

    /// Parses RFC 3339.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let t: jiff::Timestamp = s
            .parse()
            .map_err(|e| Invalid::new("time", s, format!("it must be RFC 3339 ({e})")))?;
        Ok(Self(
            jiff::Timestamp::from_microsecond(t.as_microsecond()).expect("cut from a valid time"),
        ))
    }

    /// Parses an HTTP date (IMF-fixdate, `Fri, 22 Mar 2019 00:00:00 GMT`); none for anything else.
    pub fn parse_http_date(s: &str) -> Option<Self> {
        let civil = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", s).ok()?;
        Some(Self(civil.to_zoned(TimeZone::UTC).ok()?.timestamp()))
    }

    /// Parses what advisories say: a date, or a date and a time (of UTC where they name no zone), or seconds since 1970; none
    /// for anything else.
    ///
    /// ```
    /// # use packyard_types::Timestamp;
    /// let t = Timestamp::parse("2026-03-01T00:00:00Z").ok();
    /// assert_eq!(Timestamp::parse_issued("2026-03-01 00:00:00"), t);
    /// assert_eq!(Timestamp::parse_issued("2026-03-01 00:00:00 UTC"), t);
    /// assert_eq!(Timestamp::parse_issued("2026-03-01"), t);
    /// assert_eq!(Timestamp::parse_issued("1772323200"), t);
    /// assert_eq!(Timestamp::parse_issued("yesterday"), None);
    /// ```
    pub fn parse_issued(s: &str) -> Option<Self> {
        let s = s.trim();
        if let Ok(seconds) = s.parse::<u32>() {
            return Some(Self::from_unix_seconds(i64::from(seconds)));
        }
        let zoned = Self::parse(s).ok();
        let plain = || {
            let plain = s.strip_suffix(" UTC").unwrap_or(s);
            let civil: jiff::civil::DateTime = plain.parse().ok()?;
            Some(Self(civil.to_zoned(TimeZone::UTC).ok()?.timestamp()))
        };
        zoned.or_else(plain)
    }

    /// Microseconds since 1970.
    pub fn unix_microseconds(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_microsecond().div_euclid(1_000_000)
    }

    /// Half a second later.
    #[must_use]
    pub fn half_a_second_later(self) -> Self {
        let half = jiff::SignedDuration::from_millis(500);
        self.0.checked_add(half).map_or(self, Self)
    }

    /// Without the fraction of the second.
    #[must_use]
    pub fn whole_second(self) -> Self {
        Self::from_unix_seconds(self.unix_seconds())
    }

    /// Noon UTC of the same day, as RPM changelogs want it.
    #[must_use]
    pub fn noon(self) -> Self {
        Self::from_unix_seconds(self.unix_seconds().div_euclid(86_400) * 86_400 + 43_200)
    }

    /// `Fri, 22 Mar 2019 00:00:00 +0000`, as in debian/changelog.
    pub fn rfc2822(self) -> String {
        self.strftime("%a, %d %b %Y %H:%M:%S +0000")
    }

    /// `Fri, 22 Mar 2019 00:00:00 UTC`, as in a Release file.
    pub fn release_date(self) -> String {
        self.strftime("%a, %d %b %Y %H:%M:%S UTC")
    }

    /// `Fri, 22 Mar 2019 00:00:00 GMT`, as in HTTP headers (RFC 9110, IMF-fixdate).
    pub fn http_date(self) -> String {
        self.strftime("%a, %d %b %Y %H:%M:%S GMT")
    }

    /// Any `strftime` pattern, in UTC and English.
    pub fn strftime(self, pattern: &str) -> String {
        self.0.to_zoned(TimeZone::UTC).strftime(pattern).to_string()
    }

    /// Year, month, day, hour, minute, second in UTC, as a zip entry wants them.
    pub fn civil(self) -> (i16, u8, u8, u8, u8, u8) {
        let z = self.0.to_zoned(TimeZone::UTC);
        let part = |n: i8| u8::try_from(n).unwrap_or(0);
        (
            z.year(),
            part(z.month()),
            part(z.day()),
            part(z.hour()),
            part(z.minute()),
            part(z.second()),
        )
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        Self::parse(&s)
    }
}

impl From<Timestamp> for String {
    fn from(t: Timestamp) -> String {
        t.to_string()
    }
}
