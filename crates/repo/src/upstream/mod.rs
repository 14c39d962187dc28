//! Another index, asked for what a channel does not have: its pages, and the files that they name.
//!
//! | file | what |
//! |---|---|
//! | `fetch` | how another index is asked; implemented where HTTP is known |
//! | `origin` | whether an upstream answers these days |
//! | `record` | what is kept of what came, in the store, outside the history |
//! | `shelf` | pages in memory |
//! | `pages` | a page as it is now: fresh, asked for again, or stale |
//! | `download` | a file that is arriving, and whoever reads along |
//! | `downloads` | one download of a file, however many ask |
//! | `pace` | whether a file arrives fast enough |
//! | `files` | whether a file may be had, and its bytes |
//! | `offer` | what a page of a channel shows of it |
//! | `provenance` | where each file of a project comes from, and why |
//!
//! Whether a name may be asked for is decided in [`crate::lookup`] and nowhere else.

mod download;
mod downloads;
mod fetch;
mod files;
mod offer;
mod origin;
mod pace;
mod pages;
mod provenance;
mod record;
mod shelf;

pub use fetch::{Fetch, FetchFailed, FileAnswer, PageAnswer};
pub(crate) use files::Arriving;
pub(crate) use offer::Offer;
pub use provenance::{FileOrigin, Provenance, UpstreamState};
pub(crate) use record::named_by;

use downloads::Downloads;
use origin::Origins;
use packyard_types::{ProjectName, UpstreamUrl};
use pages::Asking;
use shelf::Shelf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A page of an upstream.
type PageId = (UpstreamUrl, ProjectName);

/// What this process knows of upstreams, and what is under way.
#[derive(Default)]
pub(crate) struct Upstreams {
    way: OnceLock<Way>,
    origins: Origins,
    shelf: Mutex<Shelf>,
    asking: Asking,
    downloads: Downloads,
}

/// How upstreams are asked.
struct Way {
    fetch: Arc<dyn Fetch>,
    /// Largest file that is taken.
    file_bytes: u64,
}

impl crate::Yard {
    /// Says how upstreams are asked, and how large a file of theirs may be; the first word counts. Without it, only what
    /// was kept before is served.
    pub fn ask_upstreams_by(&self, fetch: Arc<dyn Fetch>, file_bytes: u64) {
        let _ = self.upstreams().way.set(Way { fetch, file_bytes });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
