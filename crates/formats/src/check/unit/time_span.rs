//! Time spans (systemd.time(7), "Parsing Time Spans"): `5min 20s`, `2 h`, `90`, `infinity`.

const UNITS: &str = "usec us µs μs msec ms seconds second sec s minutes minute min m months month M hours hour hr h days \
    day d weeks week w years year y";

/// Says what is wrong with a time span.
pub fn check(text: &str) -> Result<(), String> {
    if text == "infinity" {
        return Ok(());
    }
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("it is empty".into());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let is_number = number.ends_with(|c: char| c.is_ascii_digit()) && number.matches('.').count() < 2;
        if !is_number {
            return Err(format!("`{rest}` does not begin with a number"));
        }
        let after = after.trim_start();
        let word = after
            .find(|c: char| c.is_ascii_digit() || c.is_whitespace())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(word);
        if !unit.is_empty() && !UNITS.split_whitespace().any(|known| known == unit) {
            return Err(format!("`{unit}` is no unit of time"));
        }
        rest = after.trim_start();
    }
    Ok(())
}
