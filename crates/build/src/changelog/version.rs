//! Versions as people write them in changelogs, and the nearest version for what is none.

use packyard_types::ReleaseVersion;

/// `1.2.3`, `v1.2.3`, PEP 440 or semantic.
pub(super) fn parse(text: &str) -> Option<ReleaseVersion> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    ReleaseVersion::parse(text)
        .or_else(|_| ReleaseVersion::from_semver(text))
        .ok()
}

/// Words that people write behind a version, and what PEP 440 says for them. The first that fits is taken.
const WORDS: [(&str, &str); 17] = [
    ("snapshot", ".dev"),
    ("nightly", ".dev"),
    ("dev", ".dev"),
    ("alpha", "a"),
    ("beta", "b"),
    ("preview", "rc"),
    ("pre", "rc"),
    ("rc", "rc"),
    ("cr", "rc"),
    ("post", ".post"),
    ("patch", ".post"),
    ("hotfix", ".post"),
    ("rev", ".post"),
    ("a", "a"),
    ("b", "b"),
    ("p", ".post"),
    ("m", "a"),
];

/// The version that a text is nearest to: its numbers, and of what follows them what PEP 440 knows.
pub(super) fn nearest(text: &str) -> Option<ReleaseVersion> {
    if let Some(version) = parse(text) {
        return Some(version);
    }
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let text = text[start..].to_ascii_lowercase();
    let is_date = text.split('-').count() >= 3 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let text = if is_date { text.replace('-', ".") } else { text };
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let numbers: Vec<&str> = text[..end].split('.').filter(|n| !n.is_empty()).collect();
    let release = numbers.join(".");
    let rest = text[end..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let known = WORDS.iter().find_map(|(word, image)| {
        let number = rest.strip_prefix(word)?.trim_start_matches(['.', '-', '_', '~']);
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        let plain = number.len() == digits.len() || !number[digits.len()..].starts_with(char::is_alphabetic);
        let digits = if digits.is_empty() { "0".to_owned() } else { digits };
        plain.then(|| format!("{release}{image}{digits}"))
    });
    let candidates = [known, Some(release)];
    candidates
        .iter()
        .flatten()
        .find_map(|text| ReleaseVersion::parse(text).ok())
}

/// The release that a `.devN` leads to.
pub(super) fn without_dev(version: &ReleaseVersion) -> ReleaseVersion {
    let text = version.to_string();
    let text = text.split(".dev").next().unwrap_or(&text);
    ReleaseVersion::parse(text).unwrap_or_else(|_| version.clone())
}

/// Which number of a version goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bump {
    /// The first.
    Major,
    /// The second.
    Minor,
    /// The third.
    Micro,
}

/// The next version, as wide as this one. A pre-release goes to its release where that is such a step already.
pub fn bump(version: &ReleaseVersion, by: Bump) -> Result<ReleaseVersion, String> {
    let mut release = version.pep440().release().to_vec();
    let index = match by {
        Bump::Major => 0,
        Bump::Minor => 1,
        Bump::Micro => 2,
    };
    let width = release.len();
    let Some(number) = release.get(index).copied() else {
        let wanted = if index == 1 { "second" } else { "third" };
        return Err(format!(
            "{version} has no {wanted} number, and a project keeps as many as it began with"
        ));
    };
    let is_step = version.pep440().any_prerelease() && release[index + 1..].iter().all(|n| *n == 0);
    if !is_step {
        release[index] = number
            .checked_add(1)
            .ok_or_else(|| format!("{version} cannot go up"))?;
    }
    release[index + 1..].fill(0);
    debug_assert_eq!(release.len(), width);
    let text: Vec<String> = release.iter().map(u64::to_string).collect();
    ReleaseVersion::parse(&format!("{}!{}", version.epoch(), text.join("."))).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_goes_up_and_stays_as_wide() {
        let up = |text: &str, by| bump(&ReleaseVersion::parse(text).unwrap(), by).map(|v| v.to_string());
        assert_eq!(up("1.2.3", Bump::Major).unwrap(), "2.0.0");
        assert_eq!(up("1.2.3", Bump::Minor).unwrap(), "1.3.0");
        assert_eq!(up("1!1.2.3.post1", Bump::Micro).unwrap(), "1!1.2.4");
        assert_eq!(up("1.2", Bump::Minor).unwrap(), "1.3");
        assert_eq!(up("2.0.0rc1", Bump::Major).unwrap(), "2.0.0");
        assert_eq!(up("1.2.3rc1", Bump::Minor).unwrap(), "1.3.0");
        assert_eq!(up("1.2.3rc1", Bump::Micro).unwrap(), "1.2.3");
        assert!(up("1.2", Bump::Micro).unwrap_err().contains("no third number"));
    }

    #[test]
    fn what_is_no_version_has_a_nearest_one() {
        for (text, expected) in [
            ("1.0-foo!", "1.0"),
            ("1.0.0-SNAPSHOT", "1.0.0.dev0"),
            ("2.1-M3", "2.1a3"),
            ("1.4.0.Final", "1.4.0"),
            ("1.0_rc_2", "1.0rc2"),
            ("1.2.3-patch4", "1.2.3.post4"),
            ("2024-05-01", "2024.5.1"),
            ("1.2.x", "1.2"),
            ("r7", "7"),
        ] {
            assert_eq!(nearest(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(nearest("next"), None);
    }
}
