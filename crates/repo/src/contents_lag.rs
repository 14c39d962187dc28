//! apt's Contents files may lag behind the packages, and what brings index files, of yum too, up to what this process would
//! make.
//!
//! Contents files are large and few clients read them. Up to [`SMALL_BYTES`] they change with every commit. Beyond that a
//! commit leaves them as they are, its tree says as of which revision they are, and [`Yard::refresh_indexes`], which
//! a server runs once a minute, brings them up in a commit of its own. The packages themselves never lag.

use crate::{Proposal, RepoError, Yard};
use futures::future::join_all;
use packyard_types::{Actor, Change, Family, Operation, Revision, Tree, TreeKey, View};
use packyard_views::{apt, yum};

/// Up to so much text in a tree's Contents files they do not lag.
const SMALL_BYTES: u64 = 16 << 20;
/// Of more packages than that, in one commit, files are listed later.
const MANY_PACKAGES: usize = 2000;

/// Why index files are made anew, for the log.
const OF_AN_OLDER_VERSION: &str = "an older version made the index files";

/// What a commit does with the Contents files of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    /// They change with the rest.
    Same,
    /// They stay as of this revision.
    Later(Revision),
    /// What has changed since this revision is added to them.
    CatchUp(Revision),
}

/// Decides for a commit that follows `before`: `many` packages come or go, and a tree that is `refreshed` leaves nothing
/// for later. `current` is the tree that is advanced; there is none where everything is made anew.
pub(crate) fn contents(current: Option<&Tree>, many: usize, refreshed: bool, before: Revision) -> Contents {
    let large = many > MANY_PACKAGES;
    match current {
        None if large => Contents::Later(Revision(0)),
        None => Contents::Same,
        Some(tree) => match tree.contents_as_of {
            Some(as_of) if refreshed => Contents::CatchUp(as_of),
            Some(as_of) => Contents::Later(as_of),
            None if refreshed => Contents::Same,
            None if large || apt::contents_bytes(tree) > SMALL_BYTES => Contents::Later(before),
            None => Contents::Same,
        },
    }
}

impl Yard {
    /// Says under which URL the yard is served, or that it is served without a known one. Only what is said first
    /// counts.
    pub fn serve_at(&self, public_url: Option<&str>) {
        let url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        let _ = self.public_url().set(url);
    }

    /// Makes anew what of apt's index files is not as this process would make it: Contents that lag, files that an
    /// older version wrote, Release files that name another URL than [`Yard::serve_at`] has said. Each distribution is a
    /// commit of its own, by the actor `packyard`.
    pub async fn refresh_indexes(&self) -> Result<(), RepoError> {
        let mut stale = Vec::new();
        for (key, digest) in self.trees_of(View::Apt, Family::Deb)? {
            if let Some(note) = self.staleness(&key, &*self.tree(&digest).await?) {
                stale.push((key, note));
            }
        }
        self.refresh(stale).await
    }

    /// Makes anew yum's repositories that an older version wrote: what they lack it did not know. None becomes so while a
    /// process runs, so it is enough to do this once.
    pub async fn refresh_repositories(&self) -> Result<(), RepoError> {
        let mut stale = Vec::new();
        for (key, digest) in self.trees_of(View::Yum, Family::Rpm)? {
            // What a newer version wrote is for that to keep.
            if self.tree(&digest).await?.layout < yum::LAYOUT {
                stale.push((key, OF_AN_OLDER_VERSION));
            }
        }
        self.refresh(stale).await
    }

    async fn refresh(&self, stale: Vec<(TreeKey, &'static str)>) -> Result<(), RepoError> {
        let Ok(_) = self.writable() else {
            return Ok(());
        };
        let refreshes = stale.into_iter().map(|(key, note)| {
            let change = Change {
                actor: Actor::parse("packyard").expect("a plain word"),
                sender: packyard_types::Sender::default(),
                at: self.now(),
                note: Some(note.to_owned()),
                operation: Operation::Refresh {
                    channel: key.channel,
                    distribution: key.distribution,
                },
            };
            self.commit(Proposal::of(change))
        });
        for done in join_all(refreshes).await {
            done?;
        }
        Ok(())
    }

    /// The trees of a view, of distributions that take its packages.
    fn trees_of(
        &self,
        view: View,
        family: Family,
    ) -> Result<Vec<(TreeKey, packyard_types::Digest)>, RepoError> {
        self.read(|index| {
            let mut trees = Vec::new();
            for channel in index.channel_names()? {
                for (distribution, settings) in index.distributions(&channel)? {
                    let key = TreeKey {
                        channel: channel.clone(),
                        view,
                        distribution,
                    };
                    if settings.takes(family)
                        && let Some(digest) = index.tree(&key, None)?
                    {
                        trees.push((key, digest));
                    }
                }
            }
            Ok(trees)
        })
    }

    /// Why a tree is to be made anew, where it is.
    fn staleness(&self, key: &TreeKey, tree: &Tree) -> Option<&'static str> {
        if tree.layout < apt::LAYOUT {
            return Some(OF_AN_OLDER_VERSION);
        }
        if tree.contents_as_of.is_some() {
            return Some("the Contents files were behind");
        }
        let said = apt::public_url(tree, &key.channel, &key.distribution);
        let known = self.public_url().get()?;
        (*known != said).then_some("the yard is served under another URL")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_lag_only_where_that_saves_much_and_are_brought_up_by_a_refresh() {
        let before = Revision(7);
        let tree = |contents_as_of| Tree {
            contents_as_of,
            ..Tree::default()
        };
        let (fresh, behind) = (tree(None), tree(Some(Revision(3))));
        for (current, many, refreshed, expected) in [
            (None, 1, true, Contents::Same),
            (None, 5000, true, Contents::Later(Revision(0))),
            (Some(&fresh), 1, false, Contents::Same),
            (Some(&fresh), 5000, false, Contents::Later(before)),
            (Some(&fresh), 0, true, Contents::Same),
            (Some(&behind), 1, false, Contents::Later(Revision(3))),
            (Some(&behind), 1, true, Contents::CatchUp(Revision(3))),
        ] {
            assert_eq!(contents(current, many, refreshed, before), expected);
        }
    }
}
