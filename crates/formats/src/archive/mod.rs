//! Archives, read as streams and with limits: ar, tar, cpio, zip and their compressions.
//!
//! Every byte is hostile. What is refused everywhere: paths that leave the tree, duplicate names, links out of the
//! tree, device nodes, more entries or bytes than the limits allow, and an unpacked size out of proportion.

pub mod ar;
pub mod budget;
pub mod checked;
pub mod codec;
pub mod contents;
pub mod cpio;
pub mod glance;
pub mod hashed;
pub mod inflate;
pub mod path;
pub mod tar;
pub mod zip;
