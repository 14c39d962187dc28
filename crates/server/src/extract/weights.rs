//! Headers by which a client says what it likes, and how much: `a;q=0.5, b` (RFC 9110, 12.4.2).

use http::{HeaderMap, HeaderName};

/// One value of such a header, without its parameters, in lower case; and its weight, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// What is liked.
    pub value: String,
    /// How much; 0 is not at all.
    pub weight: f32,
}

/// The values of a header, in their order. What cannot be read is passed over.
pub fn weighted(headers: &HeaderMap, name: &HeaderName) -> Vec<Weighted> {
    let texts = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    texts
        .flat_map(|text| pieces(text, ','))
        .filter_map(read)
        .collect()
}

fn read(element: &str) -> Option<Weighted> {
    let mut parts = pieces(element, ';');
    let value = parts.next().unwrap_or_default().trim();
    if value.is_empty() {
        return None;
    }
    let mut weight = 1.0;
    for part in parts {
        let Some((key, number)) = part.split_once('=') else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case("q") {
            weight = number.trim().parse().ok().filter(|w| (0.0..=1.0).contains(w))?;
            break;
        }
    }
    let value = value.to_ascii_lowercase();
    Some(Weighted { value, weight })
}

/// The pieces between separators that do not stand in a quoted string.
fn pieces(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => return true,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, header::ACCEPT};

    fn read_all(lines: &[&str]) -> Vec<(String, f32)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        let all = weighted(&headers, &ACCEPT);
        all.into_iter().map(|w| (w.value, w.weight)).collect()
    }

    #[test]
    fn weights_stand_after_other_parameters_and_quoted_commas_separate_nothing() {
        let read = read_all(&[
            "Text/HTML;charset=\"a,b;q=0\" ; Q=0.5, b",
            "c;q=0, d;q=2, e;q=x, , ;q=1, f;q=.2",
        ]);
        let expected = [("text/html", 0.5), ("b", 1.0), ("c", 0.0), ("f", 0.2)];
        assert_eq!(read, expected.map(|(v, w)| (v.to_owned(), w)));
    }
}
