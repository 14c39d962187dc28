//! The nearest known word, for hints.

/// The candidate with the smallest edit distance, where that is small enough to be a slip of the fingers.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let scored = candidates.map(|candidate| (distance(word, candidate), candidate));
    scored
        .min()
        .filter(|(d, _)| *d <= limit)
        .map(|(_, candidate)| candidate)
}

/// How many characters are wrong, missing, too many, or have changed places with their neighbour (optimal string
/// alignment), in the first 64 of them; `-` and `_` count as equal.
pub fn distance(a: &str, b: &str) -> usize {
    let plain = |s: &str| {
        s.chars()
            .take(64)
            .map(|c| if c == '_' { '-' } else { c })
            .collect::<Vec<_>>()
    };
    let (a, b) = (plain(a), plain(b));
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let other = row[j] + usize::from(x != y);
            let mut best = other.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(above[j - 1] + 1);
            }
            next.push(best);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_and_another_word_does_not() {
        let known = ["summary", "description", "on-calendar"];
        assert_eq!(nearest("sumary", known.into_iter()), Some("summary"));
        assert_eq!(nearest("on_calendar", known.into_iter()), Some("on-calendar"));
        assert_eq!(nearest("sumamry", known.into_iter()), Some("summary"));
        assert_eq!(nearest("exce", ["exec", "user"].into_iter()), Some("exec"));
        assert_eq!(nearest("licence", known.into_iter()), None);
    }
}
