//! What handlers take: parsed and checked before they run.

mod accept;
mod access;
mod channel;
mod host;
mod upload;

pub use accept::{Preferred, SimpleFormat};
pub use access::{Caller, LocalCaller};
pub use channel::Channel;
pub use host::BaseUrl;
pub use upload::receive;
