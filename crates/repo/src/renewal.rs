//! Release files with a Valid-Until are signed anew before they expire.

use crate::{Proposal, RepoError, Yard};
use futures::future::join_all;
use packyard_index::Index;
use packyard_types::{
    Actor, Change, ChannelName, DistributionName, Family, Operation, Timestamp, TreeKey, View,
};

/// A distribution whose Release file ends, and when it is half-way there.
struct Ending {
    channel: ChannelName,
    distribution: DistributionName,
    due: Timestamp,
}

impl Yard {
    /// Signs anew every Release file of whose validity half is over, all in one revision, and says when the next one is
    /// due; none where none expires. The actor is `packyard`. Where several processes do this, one may find that
    /// another was faster: the file is then signed twice, which does no harm.
    pub async fn renew(&self) -> Result<Option<Timestamp>, RepoError> {
        let Ok(_) = self.writable() else {
            return Ok(None);
        };
        let now = self.now();
        let overdue = self.read(endings)?.into_iter().filter(|e| e.due <= now);
        let renewals = overdue.map(|e| {
            let change = Change {
                actor: Actor::parse("packyard").expect("a plain word"),
                sender: packyard_types::Sender::default(),
                at: now,
                note: Some("signed anew, before it expires".to_owned()),
                operation: Operation::Refresh {
                    channel: e.channel,
                    distribution: e.distribution,
                },
            };
            self.commit(Proposal::of(change))
        });
        for done in join_all(renewals).await {
            done?;
        }
        Ok(self.read(endings)?.into_iter().map(|e| e.due).min())
    }
}

fn endings(index: &Index) -> Result<Vec<Ending>, RepoError> {
    let mut out = Vec::new();
    for channel in index.channel_names()? {
        for (distribution, settings) in index.distributions(&channel)? {
            let Some(seconds) = settings.valid_for_seconds.filter(|_| settings.takes(Family::Deb)) else {
                continue;
            };
            let key = TreeKey {
                channel: channel.clone(),
                view: View::Apt,
                distribution: distribution.clone(),
            };
            if let Some(made) = index.tree_made_at(&key)? {
                let half = i64::try_from(seconds / 2).unwrap_or(i64::MAX);
                let due = Timestamp::from_unix_seconds(made.unix_seconds().saturating_add(half));
                out.push(Ending {
                    channel: channel.clone(),
                    distribution,
                    due,
                });
            }
        }
    }
    Ok(out)
}
