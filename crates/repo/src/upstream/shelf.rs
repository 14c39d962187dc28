//! The pages of upstreams that were asked for last, in memory.

use super::{PageId, record::PageRecord};
use packyard_types::Timestamp;
use std::{collections::HashMap, sync::Arc};

/// Most files on all pages together: some 400 bytes each.
const MOST_FILES: usize = 100_000;
/// What a page counts beside its files.
const OF_A_PAGE: usize = 4;

/// What is known of a page.
#[derive(Debug, Clone)]
pub struct Known {
    /// The page as it came last; none where there is none there, or none came yet.
    pub kept: Option<Arc<PageRecord>>,
    /// When the upstream said so last.
    pub confirmed_at: Timestamp,
    /// Until when that is good.
    pub fresh_until: Timestamp,
    /// Why it could not be asked for again, where that was tried in vain, and until when it is not tried.
    pub failed: Option<(String, Timestamp)>,
}

impl Known {
    fn cost(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.page.files.len()) + OF_A_PAGE
    }
}

/// The pages. Those that were not asked for in the longest time leave.
#[derive(Default)]
pub struct Shelf {
    known: HashMap<PageId, (Known, u64)>,
    cost: usize,
    clock: u64,
}

impl Shelf {
    /// What is known of a page.
    pub fn get(&mut self, id: &PageId) -> Option<Known> {
        self.clock += 1;
        let (known, used) = self.known.get_mut(id)?;
        *used = self.clock;
        Some(known.clone())
    }

    /// Puts what is known now.
    pub fn put(&mut self, id: PageId, known: Known) {
        self.clock += 1;
        self.cost += known.cost();
        if let Some((old, _)) = self.known.insert(id, (known, self.clock)) {
            self.cost -= old.cost();
        }
        while self.cost > MOST_FILES && self.known.len() > 1 {
            let oldest = self.known.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                return;
            };
            if let Some((old, _)) = self.known.remove(&oldest) {
                self.cost -= old.cost();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_types::UpstreamUrl;

    #[test]
    fn the_page_that_nobody_asked_for_leaves_first() {
        let mut shelf = Shelf::default();
        let id = |n: usize| -> PageId {
            let url = UpstreamUrl::parse("http://u.example/").unwrap();
            (url, format!("p{n}").parse().unwrap())
        };
        let time = Timestamp::from_unix_seconds(0);
        let known = Known {
            kept: None,
            confirmed_at: time,
            fresh_until: time,
            failed: None,
        };
        let most = MOST_FILES / OF_A_PAGE;
        for n in 0..=most {
            shelf.put(id(n), known.clone());
            shelf.get(&id(0)).unwrap();
        }
        assert_eq!(shelf.known.len(), most);
        assert!(shelf.get(&id(1)).is_none() && shelf.get(&id(most)).is_some());
        shelf.put(id(2), known.clone());
        assert_eq!(shelf.cost, most * OF_A_PAGE);
    }
}
