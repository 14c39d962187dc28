//! Good packages are read, bad ones are refused with a message that helps, and no bytes whatever end in a panic.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod bad_archives;
mod bad_packages;
mod bad_payloads;
mod bad_rpms;
mod damage;
mod deb_rules;
mod findings;
mod good;
mod hostile;
mod make;
mod raw_rpm;
mod raw_zip;
mod rules;
mod tar_confusion;
mod uploads;
mod written;
mod zip_confusion;
