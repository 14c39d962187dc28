//! The real tools as judges of what this crate reads and writes: rpmbuild, rpm, gpg, createrepo_c. `tests/run`
//! installs them; a missing one is a failure.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod createrepo;
mod dpkg;
mod dpkg_source;
mod envelope;
mod installed;
mod refusals;
mod rpmbuild;
mod specimen;
mod tools;
