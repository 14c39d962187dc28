//! Under which conditions, and which part of it, a representation is wanted (RFC 9110, 13 and 14).

use crate::app::App;
use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, Method, header, request::Parts};
use packyard_types::Timestamp;
use std::{convert::Infallible, ops::Range};

/// Most parts of one answer: more are answered with the whole, as 14.2 advises.
const PARTS: usize = 16;
/// A gap that is cheaper to send than the headers of another part.
const GAP_BYTES: u64 = 160;

/// The headers of a request that say so.
#[derive(Debug, Clone, Default)]
pub struct Conditional {
    head: bool,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
    range: Option<String>,
    if_range: Option<String>,
    insists: bool,
}

impl FromRequestParts<App> for Conditional {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.method, &parts.headers))
    }
}

/// What the conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it.
    Send,
    /// The client's copy is still good: 304.
    Fresh,
    /// It is not what the client wants to have more of: 412.
    Failed,
}

/// What is sent of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Ranges of it: at least one, in order, none of which touches another.
    Ranges(Vec<Range<u64>>),
    /// It has no such part: 416.
    Unsatisfiable,
}

impl Conditional {
    /// Whether the client wants nothing out of a cache: `uv --refresh`.
    pub fn insists(&self) -> bool {
        self.insists
    }

    fn of(method: &Method, headers: &HeaderMap) -> Self {
        let list = |name: HeaderName| {
            let mut all = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
            let first = all.next()?.to_owned();
            Some(all.fold(first, |list, more| list + "," + more))
        };
        let date = |name: HeaderName| Timestamp::parse_http_date(headers.get(name)?.to_str().ok()?);
        // Ranges are defined for GET alone; anybody else's are not there (14.2).
        let get = method == Method::GET;
        let insists = list(header::CACHE_CONTROL)
            .is_some_and(|said| said.split(',').any(|d| d.trim().eq_ignore_ascii_case("no-cache")));
        Self {
            head: method == Method::HEAD,
            if_match: list(header::IF_MATCH),
            if_none_match: list(header::IF_NONE_MATCH),
            if_modified_since: date(header::IF_MODIFIED_SINCE),
            if_unmodified_since: date(header::IF_UNMODIFIED_SINCE),
            range: list(header::RANGE).filter(|_| get),
            if_range: list(header::IF_RANGE),
            insists,
        }
    }

    /// Whether only the headers are wanted.
    pub fn is_head(&self) -> bool {
        self.head
    }

    /// In the order of 13.2.2: what must match, then what must not; a date counts only where no tag is given. A date has
    /// whole seconds: of what was modified within a second it does not say enough.
    pub fn verdict(&self, etag: &str, modified: Timestamp) -> Verdict {
        let matches = match (&self.if_match, self.if_unmodified_since) {
            // A weak tag matches nothing here: what is wanted is more of the same bytes.
            (Some(known), _) => tags(known).any(|tag| tag == "*" || tag == etag),
            (None, Some(since)) => modified <= since,
            (None, None) => true,
        };
        if !matches {
            return Verdict::Failed;
        }
        let fresh = match (&self.if_none_match, self.if_modified_since) {
            (Some(known), _) => tags(known).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag),
            (None, Some(since)) => modified <= since,
            (None, None) => false,
        };
        if fresh { Verdict::Fresh } else { Verdict::Send }
    }

    /// Which part of a file of `size` bytes is sent.
    pub fn part(&self, size: u64, etag: &str, modified: Timestamp) -> Part {
        let Some(range) = &self.range else {
            return Part::Whole;
        };
        if let Some(condition) = &self.if_range
            && condition != etag
            && Timestamp::parse_http_date(condition) != Some(modified)
        {
            return Part::Whole;
        }
        byte_ranges(range, size)
    }
}

fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

/// The ranges of a `bytes=` header. What cannot be read is as if it were not there (14.2).
fn byte_ranges(header: &str, size: u64) -> Part {
    let unit = header.trim().split_once('=');
    let Some((_, specs)) = unit.filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes")) else {
        return Part::Whole;
    };
    let mut ranges = Vec::new();
    for spec in specs.split(',').map(str::trim).filter(|s| !s.is_empty()) {
        match byte_range(spec, size) {
            Some(range) => ranges.push(range),
            None => return Part::Whole,
        }
    }
    if ranges.is_empty() {
        return Part::Whole;
    }
    ranges.retain(|r| r.start < r.end);
    if ranges.is_empty() {
        return Part::Unsatisfiable;
    }
    ranges.sort_by_key(|r| r.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(GAP_BYTES) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    if joined.len() > PARTS {
        return Part::Whole;
    }
    Part::Ranges(joined)
}

/// `0-4`, `5-`, `-3`; an empty range where the file has no such bytes, none where it is not a range.
fn byte_range(spec: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let digits = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| s.parse().unwrap_or(u64::MAX))
    };
    let range = match (first, last) {
        ("", "") => return None,
        ("", n) => size.saturating_sub(digits(n)?)..size,
        (a, "") => digits(a)?..size,
        (a, b) => {
            let (a, b) = (digits(a)?, digits(b)?);
            if a > b {
                return None;
            }
            a..b.saturating_add(1)
        }
    };
    Some(range.start.min(size)..range.end.min(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn one(range: Range<u64>) -> Part {
        Part::Ranges([range].into())
    }

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(byte_ranges("bytes=0-4", 10), one(0..5));
        assert_eq!(byte_ranges("Bytes = 0-4", 10), one(0..5));
        assert_eq!(byte_ranges("bytes=5-", 10), one(5..10));
        assert_eq!(byte_ranges("bytes=-3", 10), one(7..10));
        assert_eq!(byte_ranges("bytes=-30", 10), one(0..10));
        assert_eq!(byte_ranges("bytes=8-99", 10), one(8..10));
        assert_eq!(byte_ranges("bytes=0-99999999999999999999999", 10), one(0..10));
        for beyond in [
            "bytes=10-",
            "bytes=-0",
            "bytes=99999999999999999999999-",
            "bytes=10-11, 20-",
        ] {
            assert_eq!(byte_ranges(beyond, 10), Part::Unsatisfiable, "{beyond}");
        }
        for odd in [
            "bytes=4-2",
            "lines=1-2",
            "bytes=x-",
            "bytes=--1",
            "bytes=",
            "bytes=-",
            "bytes=+1-2",
        ] {
            assert_eq!(byte_ranges(odd, 10), Part::Whole, "{odd}");
        }
    }

    #[test]
    fn several_ranges_are_put_in_order_and_joined_where_they_touch_or_nearly_do() {
        assert_eq!(
            byte_ranges("bytes=0-9, 5000-5009", 9999),
            Part::Ranges(vec![0..10, 5000..5010])
        );
        assert_eq!(
            byte_ranges("bytes=-9,0-9", 9999),
            Part::Ranges(vec![0..10, 9990..9999])
        );
        assert_eq!(byte_ranges("bytes=0-9,5-19,30-39", 9999), one(0..40));
        assert_eq!(byte_ranges("bytes=0-9,99999-", 9999), one(0..10));
        let many: Vec<String> = (0..40).map(|n| format!("{0}-{0}", n * 1000)).collect();
        assert_eq!(
            byte_ranges(&format!("bytes={}", many.join(",")), 99_999),
            Part::Whole
        );
    }

    fn asked(method: &Method, headers: &[(HeaderName, &'static str)]) -> Conditional {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        Conditional::of(method, &map)
    }

    #[test]
    fn conditions_are_judged_in_their_order() {
        use Verdict::{Failed, Fresh, Send};
        let modified = Timestamp::parse_http_date("Sat, 21 Nov 2026 15:00:00 GMT").unwrap();
        let (before, after) = ("Sat, 21 Nov 2026 14:00:00 GMT", "Sat, 21 Nov 2026 16:00:00 GMT");
        let (is, is_not) = (header::IF_MATCH, header::IF_NONE_MATCH);
        let (since, not_since) = (header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE);
        for (headers, verdict) in [
            (vec![], Send),
            (vec![(is_not.clone(), "\"other\", W/\"tag\"")], Fresh),
            (
                vec![(is_not.clone(), "\"other\""), (is_not.clone(), "\"tag\"")],
                Fresh,
            ),
            (vec![(is_not.clone(), "*")], Fresh),
            (vec![(is_not.clone(), "\"other\""), (since.clone(), after)], Send),
            (vec![(since.clone(), after)], Fresh),
            (vec![(since.clone(), before)], Send),
            (vec![(since, "yesterday")], Send),
            (vec![(is.clone(), "\"tag\"")], Send),
            (vec![(is.clone(), "*")], Send),
            (vec![(is.clone(), "W/\"tag\"")], Failed),
            (vec![(is.clone(), "\"other\"")], Failed),
            (vec![(is.clone(), "\"tag\""), (not_since.clone(), before)], Send),
            (vec![(not_since.clone(), before)], Failed),
            (vec![(not_since, after)], Send),
            (vec![(is, "\"other\""), (is_not, "\"tag\"")], Failed),
        ] {
            let asked = asked(&Method::GET, &headers);
            assert_eq!(asked.verdict("\"tag\"", modified), verdict, "{headers:?}");
        }
    }

    #[test]
    fn the_second_in_which_it_changed_again_is_no_proof_that_a_client_has_it() {
        let modified = Timestamp::parse_http_date("Sat, 21 Nov 2026 15:00:00 GMT").unwrap();
        let later = modified.half_a_second_later();
        let same = "Sat, 21 Nov 2026 15:00:00 GMT";
        let since = asked(&Method::GET, &[(header::IF_MODIFIED_SINCE, same)]);
        assert_eq!(since.verdict("\"tag\"", modified), Verdict::Fresh);
        assert_eq!(since.verdict("\"tag\"", later), Verdict::Send);
        let range = [(header::RANGE, "bytes=0-0"), (header::IF_RANGE, same)];
        let range = asked(&Method::GET, &range);
        assert_eq!(range.part(9, "\"tag\"", modified), one(0..1));
        assert_eq!(range.part(9, "\"tag\"", later), Part::Whole);
    }

    #[test]
    fn a_range_counts_for_get_alone_and_only_of_what_the_client_knows() {
        let modified = Timestamp::parse_http_date("Sat, 21 Nov 2026 15:00:00 GMT").unwrap();
        let range = (header::RANGE, "bytes=0-0");
        let part = |method: &Method, headers: &[(HeaderName, &'static str)]| {
            asked(method, headers).part(9, "\"tag\"", modified)
        };
        let first = || one(0..1);
        assert_eq!(part(&Method::GET, std::slice::from_ref(&range)), first());
        assert_eq!(part(&Method::HEAD, std::slice::from_ref(&range)), Part::Whole);
        for (condition, expected) in [
            ("\"tag\"", first()),
            ("W/\"tag\"", Part::Whole),
            ("\"other\"", Part::Whole),
            ("Sat, 21 Nov 2026 15:00:00 GMT", first()),
            ("Sat, 21 Nov 2026 15:00:01 GMT", Part::Whole),
        ] {
            let headers = [range.clone(), (header::IF_RANGE, condition)];
            assert_eq!(part(&Method::GET, &headers), expected, "{condition}");
        }
    }
}
