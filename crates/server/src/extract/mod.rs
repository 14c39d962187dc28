//! What handlers take: parsed and checked before they run.

mod accept;
mod access;
mod channel;
mod coding;
mod host;
mod json;
mod shown;
mod upload;
mod url;
mod weights;

pub use accept::{Preferred, SimpleFormat};
pub use access::{Caller, LocalCaller};
pub use channel::Channel;
pub use coding::{PreferredCoding, content_encoding};
pub use host::BaseUrl;
pub use json::parsed;
pub use shown::Shown;
pub use upload::{receive, receive_up_to};
pub use url::{Path, Query};
