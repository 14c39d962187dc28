//! Pages made small, with every parameter fixed: the same page has the same bytes on every node.

use super::Coding;
use crate::RepoError;
use flate2::{Compression, GzBuilder};
use std::io::Write;

/// As small as half a second of a page of ten thousand files allows; most of a page is digests, which nothing shrinks.
const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;

/// A page's bytes in a coding.
pub fn pressed(text: String, coding: Coding) -> Result<Vec<u8>, RepoError> {
    let failed = RepoError::io("compressing a page");
    match coding {
        Coding::Identity => Ok(text.into_bytes()),
        Coding::Gzip => {
            let out = Vec::with_capacity(text.len() / 3);
            let mut out = GzBuilder::new()
                .mtime(0)
                .operating_system(3)
                .write(out, Compression::new(GZIP_LEVEL));
            out.write_all(text.as_bytes())
                .and_then(|()| out.finish())
                .map_err(failed)
        }
        Coding::Zstd => zstd::bulk::compress(text.as_bytes(), ZSTD_LEVEL).map_err(failed),
    }
}
