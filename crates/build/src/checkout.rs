//! What version control knows of a project: passed in, because asking git is for whoever has the environment.

use packyard_types::{ProjectName, ReleaseVersion, Timestamp};

/// The commit that is checked out, and the history behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The commit's full id.
    pub commit: String,
    /// When it was made.
    pub date: Timestamp,
    /// How many commits there are, this one included.
    pub commits: u64,
    /// The tag of the newest release that is part of the history.
    pub tag: Option<ReleaseTag>,
    /// Whether files differ from the commit.
    pub is_dirty: bool,
    /// Whether the history was cut off when the repository was cloned, so that neither tags nor numbers can be trusted.
    pub is_shallow: bool,
}

/// A tag that names a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTag {
    /// The tag.
    pub name: String,
    /// What it says.
    pub version: ReleaseVersion,
    /// How many commits were made since.
    pub distance: u64,
}

impl Checkout {
    /// The commit's id as people write it. Its length is fixed: git's own choice depends on the clone.
    pub fn short_commit(&self) -> &str {
        self.commit.get(..7).unwrap_or(&self.commit)
    }
}

/// The tag that names the newest release: `1.2.3`, `v1.2.3`, `release-1.2.3` or, for a project that shares its
/// repository with others, `NAME-1.2.3`. Where tags with the project's name exist, only these count.
///
/// ```
/// # use packyard_build::newest_release_tag;
/// let newest = |tags: &[&str]| newest_release_tag(tags.iter().copied(), Some(&"my-app".parse().unwrap()));
/// assert_eq!(newest(&["v1.9", "v1.10", "nightly"]).unwrap().0, "v1.10");
/// assert_eq!(newest(&["v7.0", "my_app-1.2", "other-3.0"]).unwrap().1.to_string(), "1.2");
/// assert!(newest(&["nightly", "v1.0+local"]).is_none());
/// ```
pub fn newest_release_tag<'a>(
    tags: impl Iterator<Item = &'a str>,
    project: Option<&ProjectName>,
) -> Option<(String, ReleaseVersion)> {
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for tag in tags {
        if let Some(version) = project.and_then(|name| version_after_name(tag, name)) {
            own.push((version, tag));
        } else if let Some(version) = plain_version(tag.strip_prefix("release-").unwrap_or(tag)) {
            shared.push((version, tag));
        }
    }
    let candidates = if own.is_empty() { shared } else { own };
    candidates
        .into_iter()
        .max()
        .map(|(version, tag)| (tag.to_owned(), version))
}

/// `NAME-1.2.3`, `NAME/v1.2.3`, `NAME@1.2.3`; the name in any spelling.
fn version_after_name(tag: &str, project: &ProjectName) -> Option<ReleaseVersion> {
    let mut ends = tag.match_indices(['-', '_', '/', '@']);
    let split = |(at, _): (usize, &str)| {
        let is_ours = ProjectName::parse(&tag[..at]).is_ok_and(|name| name == *project);
        plain_version(&tag[at + 1..]).filter(|_| is_ours)
    };
    ends.find_map(split)
}

fn plain_version(text: &str) -> Option<ReleaseVersion> {
    let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let begins = digits.bytes().next().is_some_and(|b| b.is_ascii_digit());
    begins.then(|| ReleaseVersion::parse(digits).ok()).flatten()
}
