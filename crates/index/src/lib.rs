//! The index: a SQLite database that answers queries about the log. It is disposable: delete it, replay the log, and
//! every answer is the same. One function applies a commit's parts, whether they are new or replayed.
//!
//! | file | what |
//! |---|---|
//! | `schema` | tables |
//! | `index` | opening, transactions |
//! | `apply` | a commit's changes, trees and packs become rows |
//! | `queries` | the questions, one file a noun |

mod apply;
mod error;
mod index;
mod queries;
mod schema;

pub use apply::{Blobs, Packed};
pub use error::{IndexError, Lacking};
pub use index::{Applied, Index};
pub use queries::{
    artifacts::Listed,
    blobs::Gone,
    changed::Changed,
    channels::ChannelRow,
    documents::Documents,
    history::ChangeRow,
    summaries::PackageSummary,
    tokens::TokenRow,
    trees::{ServedFile, StoredTree},
};
