//! The upload API: what twine, `uv publish` and `poetry publish` send.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel},
    routes::upload::{may_publish, publish_one},
};
use axum::{
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartRejection},
    },
    response::IntoResponse,
};
use blake2::{Blake2b, digest::consts::U32};
use http::StatusCode;
use md5::Md5;
use packyard_repo::{Incoming, RepoError, Source, Upload};
use packyard_types::{ArtifactName, Digest, Ecosystem, ProjectName};
use sha2::Digest as _;
use std::collections::BTreeMap;

/// What an upload form says, and the file in it.
#[derive(Default)]
struct Form {
    fields: BTreeMap<String, String>,
    file: Option<(ArtifactName, Upload)>,
}

/// `POST /{channel}/legacy/`: what twine, `uv publish` and `poetry publish` send. The same bytes again are fine.
pub async fn upload(app: App, Caller(access): Caller, channel: Channel, request: Request) -> Answer {
    may_publish(&access, &channel)?;
    let no_form = |e: MultipartRejection| ApiError::bad_request(format!("this is not an upload form: {e}"));
    let form = Multipart::from_request(request, &app).await.map_err(no_form)?;
    let form = read_form(&app, form).await?;
    let (name, upload) = form.checked().await?;
    let incoming = Incoming {
        name,
        distribution: None,
        component: None,
        source: Source::Upload(upload),
        uploaded_at: None,
    };
    let receipt = publish_one(&app, &access, channel, incoming).await?;
    Ok((StatusCode::OK, axum::Json(receipt)).into_response())
}

async fn read_form(app: &App, mut multipart: Multipart) -> Result<Form, ApiError> {
    /// Most bytes of text in a form: a README may be long, a bomb is longer.
    const TEXT_BYTES: usize = 16 << 20;
    /// Most fields: a classifier each.
    const FIELDS: usize = 10_000;
    const CHECKED: [&str; 6] = [
        ":action",
        "name",
        "version",
        "sha256_digest",
        "md5_digest",
        "blake2_256_digest",
    ];
    let mut form = Form::default();
    let broken = |e: axum::extract::multipart::MultipartError| {
        ApiError::bad_request(format!("the upload form cannot be read: {e}"))
    };
    let (mut fields, mut text_bytes) = (0, 0);
    while let Some(mut field) = multipart.next_field().await.map_err(broken)? {
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
        let mut text = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            text_bytes += piece.len();
            if text_bytes > TEXT_BYTES || fields > FIELDS {
                return Err(RepoError::TooLarge {
                    what: format!("field {key}"),
                    limit_bytes: TEXT_BYTES as u64,
                }
                .into());
            }
            // What the archive says counts; of the form only what can contradict it is kept.
            if CHECKED.contains(&key.as_str()) {
                text.extend_from_slice(&piece);
            }
        }
        if CHECKED.contains(&key.as_str()) && form.fields.contains_key(&key) {
            return Err(ApiError::bad_request(format!("the form says `{key}` twice")));
        }
        form.fields
            .insert(key, String::from_utf8_lossy(&text).into_owned());
    }
    Ok(form)
}

async fn read_content(app: &App, mut field: Field<'_>) -> Result<(ArtifactName, Upload), ApiError> {
    let filename = field.file_name().unwrap_or_default().to_owned();
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
    /// The file, once everything that the form says of it has been checked. What the archive says is checked at intake.
    async fn checked(self) -> Result<(ArtifactName, Upload), ApiError> {
        let action = self.fields.get(":action").map_or("file_upload", String::as_str);
        if action != "file_upload" {
            return Err(ApiError::bad_request(format!(
                "`:action` is `{action}`; only `file_upload` is known"
            )));
        }
        let Some((name, upload)) = self.file else {
            return Err(ApiError::bad_request(
                "the form has no file in its field `content`",
            ));
        };
        let get = |key: &str| self.fields.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        if let Some(form_name) = get("name")
            && ProjectName::parse(form_name).map(String::from).as_deref() != Ok(name.package())
        {
            return Err(disagree(&name, "name", form_name, name.package()));
        }
        if let Some(form_version) = get("version")
            && packyard_types::normal_pep440(form_version).as_deref() != Some(name.version())
        {
            return Err(disagree(&name, "version", form_version, name.version()));
        }
        let mut upload = upload;
        if let Some(claimed) = get("sha256_digest") {
            let claimed: Digest = claimed.to_ascii_lowercase().parse()?;
            upload = upload.expect(name.as_str(), &claimed)?;
        }
        let (md5, blake2) = (get("md5_digest"), get("blake2_256_digest"));
        if md5.is_some() || blake2.is_some() {
            let path = upload.path().to_owned();
            let hashed = tokio::task::spawn_blocking(move || other_digests(&path)).await;
            let (md5_found, blake2_found) = hashed
                .unwrap_or_else(|e| Err(std::io::Error::other(e)))
                .map_err(|source| RepoError::Io {
                    operation: format!("hashing `{name}`"),
                    source,
                })?;
            for (kind, claimed, found) in [("md5", md5, md5_found), ("blake2_256", blake2, blake2_found)] {
                if claimed.is_some_and(|c| !c.eq_ignore_ascii_case(&found)) {
                    let claimed = claimed.unwrap_or_default();
                    let detail = format!("`{name}` has {kind} {found}, not {claimed} as the form says");
                    return Err(ApiError::bad_request(detail));
                }
            }
        }
        Ok((name, upload))
    }
}

fn disagree(name: &ArtifactName, field: &str, form: &str, file: &str) -> ApiError {
    let detail = format!("`{name}`: the form says {field} `{form}`, the file says `{file}`");
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        detail,
        Some("upload the file with a current twine or uv"),
    )
}

/// MD5 and BLAKE2b-256 of a file, in hexadecimal.
fn other_digests(path: &std::path::Path) -> std::io::Result<(String, String)> {
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
