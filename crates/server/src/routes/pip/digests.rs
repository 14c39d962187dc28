//! The digests of an upload form. All that are given are checked; one that is no digest is an error, not ignored.

use crate::error::ApiError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use blake2::{Blake2b, digest::consts::U32};
use http::StatusCode;
use md5::Md5;
use packyard_repo::{RepoError, Upload};
use packyard_types::ArtifactName;
use sha2::Digest as _;
use std::path::Path;

/// What a form says of a file's bytes, in lower-case hexadecimal digits.
pub(super) struct Claimed {
    sha256: Option<String>,
    md5: Option<String>,
    blake2: Option<String>,
}

impl Claimed {
    /// Reads the fields; MD5 may also be URL-safe base64, as the documentation of the public index has it.
    pub fn parse(sha256: Option<&str>, md5: Option<&str>, blake2: Option<&str>) -> Result<Self, ApiError> {
        let field = |name: &str, said: Option<&str>, bytes: usize| match said {
            None => Ok(None),
            Some(said) => digits(said, bytes).map(Some).ok_or_else(|| {
                let detail = format!(
                    "`{name}` is `{}`, and it must be {} hexadecimal digits",
                    said.escape_debug(),
                    2 * bytes
                );
                ApiError::bad_request(detail)
            }),
        };
        Ok(Self {
            sha256: field("sha256_digest", sha256, 32)?,
            md5: field("md5_digest", md5, 16)?,
            blake2: field("blake2_256_digest", blake2, 32)?,
        })
    }

    /// Compares them with the file.
    pub async fn check(self, name: &ArtifactName, upload: Upload) -> Result<Upload, ApiError> {
        let mut pairs = Vec::new();
        if let Some(claimed) = self.sha256 {
            pairs.push(("sha256", claimed, upload.blob.digest.to_string()));
        }
        if self.md5.is_some() || self.blake2.is_some() {
            let path = upload.path().to_owned();
            let hashed = tokio::task::spawn_blocking(move || other_digests(&path)).await;
            let (md5, blake2) =
                hashed
                    .unwrap_or_else(|e| Err(std::io::Error::other(e)))
                    .map_err(|source| RepoError::Io {
                        operation: format!("hashing `{name}`"),
                        source,
                    })?;
            pairs.extend(self.md5.map(|claimed| ("md5", claimed, md5)));
            pairs.extend(self.blake2.map(|claimed| ("blake2_256", claimed, blake2)));
        }
        for (kind, claimed, found) in pairs {
            if claimed != found {
                let detail = format!("`{name}` has {kind} {found}, not {claimed} as the form says");
                let hint =
                    "it was changed or cut on its way, or by something after it was hashed; upload it again";
                return Err(ApiError::new(StatusCode::BAD_REQUEST, detail, Some(hint)));
            }
        }
        Ok(upload)
    }
}

/// A digest of so many bytes in lower-case hexadecimal digits.
fn digits(said: &str, bytes: usize) -> Option<String> {
    if said.len() == 2 * bytes && said.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(said.to_ascii_lowercase());
    }
    let raw = URL_SAFE_NO_PAD.decode(said.trim_end_matches('=')).ok()?;
    (bytes == 16 && raw.len() == bytes).then(|| hex(&raw))
}

/// MD5 and BLAKE2b-256 of a file, in hexadecimal.
fn other_digests(path: &Path) -> std::io::Result<(String, String)> {
    use std::io::Read;
    let (mut md5, mut blake2) = (Md5::new(), Blake2b::<U32>::new());
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((hex(&md5.finalize()), hex(&blake2.finalize())));
        }
        md5.update(&buffer[..n]);
        blake2.update(&buffer[..n]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_in_every_spelling_that_is_one() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        for said in [
            md5,
            "D41D8CD98F00B204E9800998ECF8427E",
            "1B2M2Y8AsgTpgAmY7PhCfg==",
            "1B2M2Y8AsgTpgAmY7PhCfg",
        ] {
            assert_eq!(digits(said, 16).as_deref(), Some(md5));
        }
        for said in [
            "",
            "d41d",
            "g41d8cd98f00b204e9800998ecf8427e",
            "1B2M2Y8AsgTpgAmY7PhC",
        ] {
            assert_eq!(digits(said, 16), None, "{said}");
        }
        // Only MD5 was ever sent in base64.
        assert_eq!(digits("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", 32), None);
    }
}
