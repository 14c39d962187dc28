//! What handlers take: parsed and checked before they run.

mod accept;
mod access;
mod channel;
mod host;
mod json;
mod upload;
mod url;

pub use accept::{Preferred, SimpleFormat};
pub use access::{Caller, LocalCaller};
pub use channel::Channel;
pub use host::BaseUrl;
pub use json::parsed;
pub use upload::receive;
pub use url::{Path, Query};
