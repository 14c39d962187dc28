//! A change that is planned on what a channel holds: it is committed only if the channel is as it was when the plan was
//! made, and planned again if not.

use crate::{Proposal, RepoError};
use packyard_types::{Change, Revision};
use std::collections::BTreeMap;

/// How often a plan is made anew before the caller hears that the channel does not keep still.
/// One of those who try at the same time succeeds each time.
const TRIES: u32 = 100;

/// The tries at one change.
#[derive(Debug)]
pub(crate) struct Replan {
    /// What the caller asks for.
    wanted: Option<Revision>,
    planned_at: Revision,
    left: u32,
}

impl Replan {
    /// For a change that the caller wants only if the channel has not changed after `wanted`.
    pub(crate) fn new(wanted: Option<Revision>) -> Self {
        Self {
            wanted,
            planned_at: Revision(0),
            left: TRIES,
        }
    }

    /// The revision that the plan was made on.
    pub(crate) fn planned_at(&mut self, revision: Revision) {
        self.planned_at = revision;
    }

    /// The change, on the condition that the plan holds.
    pub(crate) fn proposal(&self, change: Change) -> Proposal {
        Proposal {
            change,
            small: BTreeMap::new(),
            if_revision: Some(self.wanted.unwrap_or(self.planned_at).min(self.planned_at)),
        }
    }

    /// Whether this error says no more than that the plan is out of date.
    pub(crate) fn may_try(&mut self, error: &RepoError) -> bool {
        let ours = match error {
            RepoError::Stale { current, .. } => self.wanted.is_none_or(|wanted| *current <= wanted),
            _ => false,
        };
        self.left = self.left.saturating_sub(1);
        ours && self.left > 0
    }
}
