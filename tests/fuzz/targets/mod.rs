//! The readers.

mod archives;
mod inside;
mod packages;
mod programs;
mod texts;
mod tokens;

pub use archives::{ar, record, streams, tar, zip};
pub use inside::{
    changelog_text, deb_control, deb_data, jwt_claims, rpm_header, rpm_payload, sdist_tar, tar_headers,
    wheel_file,
};
pub use packages::{deb, rpm, sdist, wheel};
use packyard_formats::intake::Limits;
pub use programs::elf;
pub use texts::{changelog, changes, deb822, document, dsc, index, metadata, simple_page};
pub use tokens::{issuer, jwt};

fn limits() -> Limits {
    Limits {
        unpacked_bytes: 4 << 20,
        entries: 10_000,
        ..Limits::default()
    }
}
