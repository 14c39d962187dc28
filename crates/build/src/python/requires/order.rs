//! The order of Debian versions (deb-version(7)), for deciding which of two bounds is the tighter one.

use std::cmp::Ordering;

/// Compares two versions as dpkg does.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let epoch = |v: &str| {
        v.split_once(':')
            .map_or(0, |(epoch, _)| epoch.parse::<u64>().unwrap_or(0))
    };
    let rest = |v: &str| v.split_once(':').map_or(v, |(_, rest)| rest).to_owned();
    let parts = |v: &str| {
        let rest = rest(v);
        rest.rsplit_once('-')
            .map_or((rest.clone(), String::new()), |(u, r)| {
                (u.to_owned(), r.to_owned())
            })
    };
    let ((upstream_a, revision_a), (upstream_b, revision_b)) = (parts(a), parts(b));
    epoch(a)
        .cmp(&epoch(b))
        .then_with(|| by_parts(&upstream_a, &upstream_b))
        .then_with(|| by_parts(&revision_a, &revision_b))
}

/// Stretches of other characters and of digits in turn; the end is before everything but a tilde.
fn by_parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() || !b.is_empty() {
        let (text_a, text_b) = (take(&mut a, false), take(&mut b, false));
        let by_text = by_text(text_a, text_b);
        if by_text.is_ne() {
            return by_text;
        }
        let number = |digits: &str| digits.trim_start_matches('0').to_owned();
        let (number_a, number_b) = (number(take(&mut a, true)), number(take(&mut b, true)));
        let by_number = number_a.len().cmp(&number_b.len()).then(number_a.cmp(&number_b));
        if by_number.is_ne() {
            return by_number;
        }
    }
    Ordering::Equal
}

/// Letters before all other characters, but a tilde before even the end.
fn by_text(a: &str, b: &str) -> Ordering {
    let rank = |c: Option<u8>| match c {
        Some(b'~') => -1,
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(c),
        Some(c) => i32::from(c) + 256,
    };
    let (mut a, mut b) = (a.bytes(), b.bytes());
    loop {
        let (x, y) = (a.next(), b.next());
        let order = rank(x).cmp(&rank(y));
        if order.is_ne() || x.is_none() {
            return order;
        }
    }
}

/// Cuts off the digits, or what is before the next digit.
fn take<'a>(text: &mut &'a str, digits: bool) -> &'a str {
    let end = text
        .find(|c: char| c.is_ascii_digit() != digits)
        .unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    *text = rest;
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        let versions = [
            "1.0",
            "1.0-1",
            "1.0~rc1",
            "1.0~~",
            "1.0~~dev1",
            "1.0.~",
            "1.0+post~",
            "1.0+post1",
            "1.0+dfsg-1",
            "1.0.1",
            "1:0.9",
            "2~~",
            "2",
            "2.0",
            "10",
            "1.0-1+b1",
            "1.0a",
            "1.0-10",
            "01.0",
            "1.0.0",
        ];
        for a in versions {
            for b in versions {
                let holds = |operator: &str| {
                    let mut dpkg = std::process::Command::new("dpkg");
                    dpkg.args(["--compare-versions", a, operator, b])
                        .status()
                        .unwrap()
                        .success()
                };
                let expected = match (holds("lt"), holds("eq")) {
                    (true, _) => Ordering::Less,
                    (_, true) => Ordering::Equal,
                    _ => Ordering::Greater,
                };
                assert_eq!(compare(a, b), expected, "{a} and {b}");
            }
        }
    }
}
