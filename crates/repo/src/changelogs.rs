//! The changelogs that `apt changelog` asks for: those inside of the packages, by source and version.
//!
//! apt fills in the template `Changelogs` of a Release file with `COMPONENT/PREFIX/SOURCE/SOURCE_VERSION`, where the
//! version has no epoch and the prefix is the first letter of the source, of `lib…` the first four.

use crate::{RepoError, Served, Yard};
use packyard_index::Listed;
use packyard_types::{ArtifactKind, ChannelRef, ComponentName, Ecosystem, Facts, ProjectName};

/// Which changelog is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangelogPath {
    component: ComponentName,
    source: String,
    /// Without its epoch.
    version: String,
}

impl ChangelogPath {
    /// Reads `COMPONENT`, `PREFIX`, `SOURCE`, `SOURCE_VERSION`; none where they do not belong together.
    pub fn parse(component: &str, prefix: &str, source: &str, file: &str) -> Option<Self> {
        let length = if source.starts_with("lib") { 4 } else { 1 };
        let version = file.strip_prefix(source)?.strip_prefix('_')?;
        let fits = source.get(..length.min(source.len())) == Some(prefix) && !version.is_empty();
        fits.then_some(Self {
            component: ComponentName::parse(component).ok()?,
            source: source.to_owned(),
            version: version.to_owned(),
        })
    }

    /// Whether an artifact may be of that version. A binary package that was built again says `+b1` behind it.
    fn may_be(&self, listed: &Listed) -> bool {
        let artifact = &listed.artifact;
        let version = without_epoch(&artifact.version);
        let again = version
            .strip_prefix(&*self.version)
            .is_some_and(|rest| rest.starts_with("+b"));
        artifact.component == self.component && (version == self.version || again)
    }

    /// The changelog, where these facts are of that source and version.
    fn of(&self, listed: &Listed, facts: Facts) -> Option<String> {
        let (source, changelog) = match facts {
            Facts::Deb(deb) => {
                let said = deb.field("Source").or_else(|| deb.field("Package"))?;
                (said.to_owned(), deb.changelog)
            }
            Facts::Dsc(dsc) => (dsc.field("Source")?.to_owned(), dsc.changelog),
            _ => return None,
        };
        let (name, version) = match source.split_once(" (") {
            Some((name, rest)) => (name.trim(), rest.trim_end_matches(')').trim()),
            None => (source.trim(), listed.artifact.version.as_str()),
        };
        (name == self.source && without_epoch(version) == self.version)
            .then_some(changelog)
            .flatten()
    }
}

fn without_epoch(version: &str) -> &str {
    match version.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => version,
    }
}

impl Yard {
    /// The changelog of a source and version, as a package of the channel carries it; the source package's own first.
    pub async fn changelog(&self, channel: &ChannelRef, path: &ChangelogPath) -> Result<Served, RepoError> {
        let missing = |why: &str| RepoError::NotFound {
            what: format!(
                "changelog of source `{}` {} in component `{}` of channel `{}`{why}",
                path.source, path.version, path.component, channel.channel
            ),
            nearest: None,
        };
        let Ok(project) = ProjectName::from_source_package(&path.source) else {
            return Err(missing(""));
        };
        let of_project = channel.clone();
        let held = self
            .read_blocking(move |index| {
                let (name, at) = (&of_project.channel, of_project.at);
                Ok(index.of_project(name, &project, Some(Ecosystem::Apt), at)?)
            })
            .await?;
        let mut candidates: Vec<Listed> = held.into_iter().filter(|l| path.may_be(l)).collect();
        candidates.sort_by_key(|l| l.artifact.name.kind() != ArtifactKind::Dsc);
        for listed in &candidates {
            let facts = self.facts(&listed.artifact).await?;
            if let Some(text) = path.of(listed, facts) {
                let kind = "text/plain; charset=utf-8";
                return Ok(Served::text(
                    text.into_bytes(),
                    kind,
                    listed.published_at.whole_second(),
                ));
            }
        }
        Err(missing(if candidates.is_empty() {
            ""
        } else {
            ": the package is here, and brings none along"
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_apt_would_ask_for_is_a_path() {
        let parse = |p: &str| {
            let parts: Vec<&str> = p.split('/').collect();
            ChangelogPath::parse(parts[0], parts[1], parts[2], parts[3])
        };
        let path = parse("main/h/hello/hello_1.0-1").unwrap();
        assert_eq!((path.source.as_str(), path.version.as_str()), ("hello", "1.0-1"));
        assert!(parse("main/libx/libxml2/libxml2_2.9").is_some());
        assert!(parse("main/lib/lib/lib_2.9").is_some());
        for wrong in [
            "main/l/libxml2/libxml2_2.9",
            "main/h/hello/hullo_1.0",
            "main/h/hello/hello_",
            "main/h/hello/hello-1.0",
            "Ma in/h/hello/hello_1.0",
            "main/ä/ä/ä_1",
        ] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}
