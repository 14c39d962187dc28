//! Versions of Debian packages: `[EPOCH:]UPSTREAM[-REVISION]` (deb-version(7)).

/// The greatest epoch that dpkg reads.
const GREATEST_EPOCH: u64 = i32::MAX as u64;

/// Whether dpkg takes a text for a version, without a warning: it begins with a digit, and holds nothing else than
/// letters, digits and `.+-~`, after an epoch also `:`.
///
/// ```
/// # use packyard_formats::deb::version::is_version;
/// assert!(is_version("1:1.0~rc1-2") && is_version("1:2:3"));
/// assert!(!is_version("v1.0") && !is_version("1.0-") && !is_version("1.0_1"));
/// ```
pub fn is_version(version: &str) -> bool {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "1"));
    let good = |text: &str, also: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    };
    epoch.bytes().all(|b| b.is_ascii_digit())
        && epoch.parse::<u64>().is_ok_and(|epoch| epoch <= GREATEST_EPOCH)
        && upstream.starts_with(|c: char| c.is_ascii_digit())
        && good(upstream, ".+-~:")
        && good(revision, ".+~")
}
