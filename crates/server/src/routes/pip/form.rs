//! The form of an upload: one file in `content`, and fields that tell of it. What the file says counts; the fields are
//! kept as claims, to be compared with it. Fields that nobody knows are read over, and so are `gpg_signature` and
//! `attestations`, which are not verified yet.

use super::digests;
use crate::{app::App, error::ApiError};
use axum::extract::{
    Multipart,
    multipart::{Field, MultipartError},
};
use http::StatusCode;
use packyard_repo::{Claims, RepoError, Upload};
use packyard_types::{ArtifactName, Ecosystem};
use std::collections::BTreeMap;

/// Most bytes of text in a form: a README may be long, a bomb is longer.
const TEXT_BYTES: usize = 16 << 20;
/// Most fields: a classifier each.
const FIELDS: usize = 10_000;
/// Fields that tell how the form is to be read, and not of the package.
const PROTOCOL: [&str; 5] = [
    ":action",
    "protocol_version",
    "sha256_digest",
    "md5_digest",
    "blake2_256_digest",
];
/// Files that were uploaded in earlier years, and that no index takes any more.
const OBSOLETE: [&str; 7] = [".zip", ".egg", ".exe", ".msi", ".tar.bz2", ".tgz", ".tar.xz"];

/// What an upload form says, and the file in it.
#[derive(Default)]
struct Form {
    protocol: BTreeMap<String, String>,
    claims: Claims,
    file: Option<(ArtifactName, Upload)>,
}

/// The file of a form, once all that does not need the archive has been checked; its claims go with it.
pub(super) async fn read(app: &App, mut multipart: Multipart) -> Result<(ArtifactName, Upload), ApiError> {
    let mut form = Form::default();
    let (mut fields, mut text_bytes) = (0, 0);
    while let Some(mut field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        let key = field.name().unwrap_or_default().to_owned();
        fields += 1;
        if key == "content" {
            if form.file.is_some() {
                return Err(ApiError::bad_request(
                    "the form has two files; send one upload for each",
                ));
            }
            form.file = Some(read_content(app, field).await?);
            continue;
        }
        let (mut text, kept) = (Vec::new(), PROTOCOL.contains(&&*key) || Claims::compares(&key));
        while let Some(piece) = field.chunk().await.map_err(|e| broken(&e))? {
            text_bytes += piece.len();
            if text_bytes > TEXT_BYTES || fields > FIELDS {
                return Err(RepoError::TooLarge {
                    what: format!("field {}", key.escape_debug()),
                    limit_bytes: TEXT_BYTES as u64,
                }
                .into());
            }
            if kept {
                text.extend_from_slice(&piece);
            }
        }
        form.say(key, &String::from_utf8_lossy(&text))?;
    }
    form.checked().await
}

fn broken(e: &MultipartError) -> ApiError {
    ApiError::bad_request(format!("the upload form cannot be read: {e}"))
}

async fn read_content(app: &App, mut field: Field<'_>) -> Result<(ArtifactName, Upload), ApiError> {
    let Some(filename) = field.file_name().map(ToOwned::to_owned) else {
        let detail = "the part `content` has no filename, or none that can be read";
        let hint = "send it as a file: `curl -F content=@PATH`";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, detail, Some(hint)));
    };
    if OBSOLETE.iter().any(|end| filename.to_lowercase().ends_with(end)) {
        let detail = format!(
            "`{}` is neither a wheel (.whl) nor an sdist (.tar.gz)",
            filename.escape_debug()
        );
        let hint = "build it with a current backend, which writes a .tar.gz (PEP 625) and a .whl";
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            detail,
            Some(hint),
        ));
    }
    let name = ArtifactName::parse(&filename)?;
    if name.kind().ecosystem() != Ecosystem::Pip {
        let detail = format!("`{filename}` is not a wheel or an sdist");
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            detail,
            Some("PUT a .deb or .rpm to its upload URL"),
        ));
    }
    let mut receiver = app.yard.receive(name.as_str(), app.settings.limits.file_bytes)?;
    let broken = |e| ApiError::bad_request(format!("`{filename}` did not arrive whole: {e}"));
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        receiver.write(&piece)?;
    }
    Ok((name, receiver.finish()))
}

impl Form {
    fn say(&mut self, key: String, text: &str) -> Result<(), ApiError> {
        if !PROTOCOL.contains(&&*key) {
            self.claims.say(&key, text);
            return Ok(());
        }
        let value = text.trim().to_owned();
        match self.protocol.get(&key) {
            Some(first) if *first != value => Err(ApiError::bad_request(format!(
                "the form says `{key}` twice, and not the same"
            ))),
            _ => {
                self.protocol.insert(key, value);
                Ok(())
            }
        }
    }

    /// The value of a field of the protocol, where it is given.
    fn get(&self, key: &str) -> Option<&str> {
        self.protocol
            .get(key)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// Whether this is an upload at all, and of the bytes that it should be.
    async fn checked(mut self) -> Result<(ArtifactName, Upload), ApiError> {
        for (key, only) in [(":action", "file_upload"), ("protocol_version", "1")] {
            let said = self.get(key).unwrap_or(only);
            if said != only {
                let detail = format!("`{key}` is `{}`, and only `{only}` is known", said.escape_debug());
                return Err(ApiError::bad_request(detail));
            }
        }
        let Some((name, upload)) = self.file.take() else {
            return Err(ApiError::bad_request(
                "the form has no file in its field `content`",
            ));
        };
        let claimed = digests::Claimed::parse(
            self.get("sha256_digest"),
            self.get("md5_digest"),
            self.get("blake2_256_digest"),
        )?;
        let upload = claimed.check(&name, upload).await?;
        Ok((name, upload.claiming(self.claims)))
    }
}
