//! What of all that was found shall go in: decided before anything is sent. Only `hashed` touches a file, and only where
//! two files claim the same name.

use super::{
    documents::Carried,
    look::{Candidate, Layout, Seen},
    outcome::LeftOut,
    root::Location,
    sources,
};
use packyard_formats::repository::FoundPart;
use packyard_types::{
    ArtifactKind, ArtifactName, ComponentName, Digest, DistributionName, DistributionSettings, Ecosystem,
    Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// An artifact that shall go in.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where its bytes are.
    pub at: Location,
    /// Its name.
    pub name: ArtifactName,
    /// Its digest, as its index says or as it was hashed.
    pub sha256: Option<Digest>,
    /// Where it goes.
    pub distribution: Option<DistributionName>,
    /// Where it goes.
    pub component: Option<ComponentName>,
    /// When it was first published.
    pub uploaded_at: Option<Timestamp>,
    /// The files beside it that belong to it, where its index says which; of a .dsc of this machine it says so itself.
    pub parts: Vec<FoundPart>,
}

/// Everything decided.
#[derive(Debug, Default)]
pub struct Plan {
    /// What was recognised.
    pub layouts: Vec<Layout>,
    /// What goes in.
    pub items: Vec<Item>,
    /// The same bytes in the same place again.
    pub duplicates: Vec<LeftOut>,
    /// What cannot be hosted yet, or is no package.
    pub passed_over: Vec<LeftOut>,
    /// What is damaged or contradicts another file.
    pub left_out: Vec<LeftOut>,
    /// Distributions to be declared where they are new.
    pub distributions: Vec<(DistributionName, DistributionSettings)>,
    /// Files that are yanked in the other place.
    pub yanked: Vec<String>,
    /// What goes along with packages.
    pub documents: Vec<Carried>,
}

/// `--distribution` and `--component`.
type Defaults = (Option<DistributionName>, Option<ComponentName>);

/// Decides. `hashed` reads a file that two candidates disagree about.
pub fn plan(
    seen: Vec<Seen>,
    defaults: &Defaults,
    hashed: &dyn Fn(&Path) -> anyhow::Result<Digest>,
) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    let mut taken: BTreeMap<(String, Option<DistributionName>), Vec<usize>> = BTreeMap::new();
    let places = sources::places(&seen);
    for source in seen {
        plan.layouts.extend(source.layouts);
        plan.distributions.extend(source.distributions);
        plan.documents.extend(source.documents);
        let faults = source.faults.into_iter();
        plan.left_out
            .extend(faults.map(|(file, reason)| LeftOut::of(file, reason)));
        for candidate in source.candidates {
            if sources::is_part(&places, candidate.at.file(), &candidate.filename) {
                continue;
            }
            plan.consider(candidate, defaults, &mut taken, hashed)?;
        }
    }
    plan.lift_what_is_in_any();
    Ok(plan)
}

impl Plan {
    fn consider(
        &mut self,
        candidate: Candidate,
        defaults: &Defaults,
        taken: &mut BTreeMap<(String, Option<DistributionName>), Vec<usize>>,
        hashed: &dyn Fn(&Path) -> anyhow::Result<Digest>,
    ) -> anyhow::Result<()> {
        let Candidate { at, filename, found } = candidate;
        let shown = at.to_string();
        let name = match ArtifactName::parse(&filename) {
            Ok(name) if name.kind() == ArtifactKind::Dsc && at.file().is_none() && found.parts.is_empty() => {
                self.passed_over.push(LeftOut::of(shown, UNVOUCHED));
                return Ok(());
            }
            Ok(name) => name,
            Err(e) => {
                let reason = why_not(&filename).map_or_else(|| e.to_string(), str::to_owned);
                self.passed_over.push(LeftOut::of(shown, reason));
                return Ok(());
            }
        };
        if found.yanked.is_some() {
            self.yanked.push(name.to_string());
        }
        let pip = name.kind().ecosystem() == Ecosystem::Pip;
        let mut item = Item {
            at,
            sha256: found.sha256,
            distribution: found.distribution.or_else(|| defaults.0.clone()).filter(|_| !pip),
            component: found.component.or_else(|| defaults.1.clone()).filter(|_| !pip),
            uploaded_at: found.time,
            parts: found.parts,
            name,
        };
        let same = taken
            .entry((item.name.to_string(), item.distribution.clone()))
            .or_default();
        for index in same.iter() {
            let other = &mut self.items[*index];
            if digest_of(&mut item, hashed)? != digest_of(other, hashed)? {
                let reason = format!(
                    "`{}` has the same name and other contents, and was found first",
                    other.at
                );
                self.left_out.push(LeftOut::of(shown, reason));
                return Ok(());
            }
            if item.component == other.component {
                // An index of each architecture lists the packages of all: that is no finding.
                if item.at != other.at {
                    let reason = format!("the same bytes as `{}`", other.at);
                    self.duplicates.push(LeftOut::of(shown, reason));
                }
                other.uploaded_at = other.uploaded_at.into_iter().chain(item.uploaded_at).min();
                return Ok(());
            }
        }
        same.push(self.items.len());
        self.items.push(item);
        Ok(())
    }

    /// A packyard export lists what is in `any` in every distribution: it goes into `any` only.
    fn lift_what_is_in_any(&mut self) {
        let in_any: BTreeSet<(ArtifactName, Digest)> = self
            .items
            .iter()
            .filter(|i| i.distribution.as_ref().is_some_and(DistributionName::is_any))
            .filter_map(|i| Some((i.name.clone(), i.sha256?)))
            .collect();
        self.items.retain(|i| {
            let elsewhere = i.distribution.as_ref().is_some_and(|d| !d.is_any());
            let known = i.sha256.is_some_and(|d| in_any.contains(&(i.name.clone(), d)));
            !(elsewhere && known)
        });
    }
}

/// Its digest; an empty one's where the bytes are elsewhere and no index says, which then differs from every other.
fn digest_of(
    item: &mut Item,
    hashed: &dyn Fn(&Path) -> anyhow::Result<Digest>,
) -> anyhow::Result<Option<Digest>> {
    if item.sha256.is_none()
        && let Some(file) = item.at.file()
    {
        item.sha256 = Some(hashed(file)?);
    }
    Ok(item.sha256)
}

const UNVOUCHED: &str = "it is a source package, and its index does not say the SHA-256 of its files; `dget` it and \
                         `packyard publish` the .dsc";

/// Why a file of this name cannot be hosted, in better words than that its name is not one of an artifact.
fn why_not(filename: &str) -> Option<&'static str> {
    let ends = |endings: &[&str]| endings.iter().any(|e| filename.ends_with(e));
    if filename.contains(".orig") || filename.contains(".debian.tar.") || ends(&[".diff.gz"]) {
        return Some("it belongs to a source package, whose .dsc is not beside it");
    }
    if ends(&[".udeb", ".ddeb"]) {
        return Some("packages of the installer and of debugging symbols are not hosted");
    }
    if ends(&[".zip", ".egg", ".tar.bz2", ".tgz", ".exe", ".msi"]) {
        return Some("of Python's old formats only .tar.gz is hosted");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_formats::repository::{Found, Place};
    use packyard_types::PartName;

    fn candidate(path: &str, digest: &[u8], distribution: Option<&str>) -> Candidate {
        let place = Place::below(path).unwrap();
        Candidate {
            at: Location::File(path.into()),
            filename: place.filename(),
            found: Found {
                sha256: Some(Digest::of(digest)),
                distribution: distribution.map(|d| DistributionName::parse(d).unwrap()),
                ..Found::at(place)
            },
        }
    }

    fn planned(candidates: Vec<Candidate>) -> Plan {
        let seen = Seen {
            candidates,
            ..Seen::default()
        };
        plan(vec![seen], &(None, None), &|_| anyhow::bail!("nothing is hashed")).unwrap()
    }

    #[test]
    fn the_same_bytes_go_in_once_and_other_bytes_of_the_same_name_are_left_out() {
        let plan = planned(vec![
            candidate("a/xx_1_all.deb", b"1", None),
            candidate("b/xx_1_all.deb", b"1", None),
            candidate("c/xx_1_all.deb", b"2", None),
            candidate("c/xx_1_all.deb", b"1", Some("bookworm")),
        ]);
        assert_eq!(
            (plan.items.len(), plan.duplicates.len(), plan.left_out.len()),
            (2, 1, 1)
        );
    }

    #[test]
    fn parts_without_their_source_package_and_old_formats_are_passed_over() {
        let names = ["y_1.debian.tar.xz", "x-1.zip", "x_1.orig.tar.gz", "backup.tar.gz"];
        let plan = planned(names.iter().map(|n| candidate(n, b"1", None)).collect());
        assert_eq!(
            (plan.items.len(), plan.passed_over.len(), plan.left_out.len()),
            (0, 4, 0)
        );
    }

    #[test]
    fn a_source_package_elsewhere_goes_in_with_its_files_or_is_passed_over_with_the_way_out() {
        let elsewhere = Candidate {
            at: Location::Url("http://localhost/pool/xx_1-1.dsc".to_owned()),
            ..candidate("pool/xx_1-1.dsc", b"1", None)
        };
        let mut whole = elsewhere.clone();
        whole.found.parts.push(FoundPart {
            name: PartName::parse("xx_1.orig.tar.gz").unwrap(),
            sha256: Digest::of(b"2"),
        });
        assert_eq!(planned(vec![whole]).items[0].parts.len(), 1);
        let plan = planned(vec![elsewhere]);
        assert_eq!((plan.items.len(), plan.passed_over.len()), (0, 1));
        assert!(plan.passed_over[0].reason.contains("packyard publish"));
    }

    #[test]
    fn the_files_of_a_source_package_go_in_with_its_dsc() {
        let names = [
            "xx_1-1.dsc",
            "xx_1.orig.tar.gz",
            "xx_1.orig.tar.gz.asc",
            "xx_1-1.debian.tar.xz",
        ];
        let plan = planned(names.iter().map(|n| candidate(n, b"1", None)).collect());
        assert_eq!((plan.items.len(), plan.passed_over.len()), (1, 0));
    }

    #[test]
    fn what_an_export_lists_in_any_too_goes_into_any_only() {
        let plan = planned(vec![
            candidate("apt/xx_1_all.deb", b"1", Some("any")),
            candidate("apt/xx_1_all.deb", b"1", Some("bookworm")),
            candidate("apt/yy_1_all.deb", b"2", Some("bookworm")),
        ]);
        let names: Vec<_> = plan.items.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["xx_1_all.deb", "yy_1_all.deb"]);
    }
}
