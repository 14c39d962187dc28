//! Spans of time as they are typed and shown: `90s`, `30m`, `12h`, `7d`, `8w`, and `0`.

/// The units, the longest first.
const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A span in seconds. A number without a unit means nothing, but for none at all.
pub fn seconds(text: &str) -> Result<u64, String> {
    let parsed = UNITS.iter().find_map(|(unit, seconds)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        // Whatever counts in seconds is signed somewhere.
        count.checked_mul(*seconds).filter(|n| i64::try_from(*n).is_ok())
    });
    let zero = (text == "0").then_some(0);
    parsed
        .or(zero)
        .ok_or_else(|| format!("`{text}` is not a time: write 0, 90s, 30m, 12h, 7d or 8w"))
}

/// A span as one would type it: in days, or in the longest unit below that it is a whole number of.
pub fn typed(seconds: u64) -> String {
    let whole = |(_, length): &&(&str, u64)| seconds >= *length && seconds.is_multiple_of(*length);
    match UNITS[1..].iter().find(whole) {
        Some((unit, length)) => format!("{}{unit}", seconds / length),
        None => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_with_each_unit_and_no_span_without_one() {
        for (text, expected) in [
            ("0", 0),
            ("0s", 0),
            ("90s", 90),
            ("30m", 1800),
            ("72h", 259_200),
            ("8w", 4_838_400),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for wrong in ["", "7", "d", "-1d", "1y", "7é", "18446744073709551615s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_is_shown_in_the_longest_unit_that_it_fills() {
        for (span, shown) in [
            (604_800, "7d"),
            (43_200, "12h"),
            (5400, "90m"),
            (90, "90s"),
            (0, "0s"),
        ] {
            assert_eq!(typed(span), shown);
        }
    }
}
