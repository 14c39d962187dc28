//! dnf, zypper, curl: everything under `/{channel}/yum/`.

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Caller, Channel, Path, receive, receive_up_to},
    respond::Conditional,
    routes::{
        api::channels::status,
        upload::{answer, may_publish, publish_one},
    },
    setup::InstallLines,
};
use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use packyard_repo::{AliasPlace, DocumentWish, Incoming, Source, Yard};
use packyard_types::{
    ArtifactName, Digest, DocumentKind, DocumentName, Ecosystem, Family, Permission, ServedPath, View,
};

type Answer = Result<Response, ApiError>;

/// What may be asked for under `/{channel}/yum/`.
///
/// ```text
/// {distribution}/{basearch}/repodata/…                       Index
/// {distribution}/source/…                                    the same, for source packages
/// {distribution}/{basearch}/Packages/{sha256}/{filename}     Package
/// {distribution}/{basearch}/Packages/{letter}/{filename}     Alias
/// key.asc                                                    Key
/// {distribution}.repo                                        Repo
/// ```
enum YumPath {
    Index(ServedPath),
    Package(Digest, ArtifactName),
    Alias(String, ArtifactName),
    Key,
    Repo(String),
}

impl YumPath {
    fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        Some(match parts[..] {
            [_, _, "repodata", _] => Self::Index(ServedPath::parse(path).ok()?),
            [distribution, _, "Packages", first, name] => {
                let name = ArtifactName::parse(name).ok()?;
                match first.parse() {
                    Ok(digest) => Self::Package(digest, name),
                    Err(_) => Self::Alias(distribution.to_owned(), name),
                }
            }
            ["key.asc"] => Self::Key,
            [file] => Self::Repo(file.strip_suffix(".repo")?.to_owned()),
            _ => return None,
        })
    }
}

/// `GET /{channel}/yum/…`
pub async fn get(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    Path((segment, path)): Path<(String, String)>,
) -> Answer {
    let at = &channel.at;
    let parsed = YumPath::parse(&path).ok_or_else(|| ApiError::no_page(&format!("/{segment}/yum/{path}")))?;
    let served = match parsed {
        YumPath::Index(path) => channel.kept(app.yard.index_file(at, View::Yum, &path).await?),
        YumPath::Package(digest, name) => app.yard.artifact_file(&at.channel, &digest, &name)?,
        YumPath::Alias(distribution, name) => {
            let place = AliasPlace {
                ecosystem: Ecosystem::Yum,
                distribution: app.yard.distribution(&at.channel, &distribution)?.0,
                within: None,
            };
            app.yard.artifact_alias(at, &place, &name)?
        }
        YumPath::Key => {
            let rpm = app.yard.yum_keys_of(&at.channel)?;
            app.text(rpm, "application/pgp-keys")?
        }
        YumPath::Repo(distribution) => {
            app.yard
                .distribution_of(&at.channel, &distribution, Family::Rpm)?;
            let install = InstallLines::of(&base, &channel);
            let text = install.yum_repo(&distribution);
            app.text(text, "text/plain; charset=utf-8")?
        }
    };
    app.respond(served, &cond, channel.public).await
}

/// The documents that may be put beside packages.
fn document(filename: &str) -> Option<(DocumentKind, DocumentName)> {
    let kind = match filename {
        "comps.xml" => DocumentKind::group(),
        "updateinfo.xml" => DocumentKind::updateinfo(),
        _ => return None,
    };
    Some((kind, DocumentName::parse(filename).ok()?))
}

/// `DELETE /{channel}/yum/upload/{distribution}/comps.xml`, and `updateinfo.xml`.
pub async fn delete(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((segment, path)): Path<(String, String)>,
) -> Answer {
    may_publish(&access, &channel)?;
    let parts: Vec<&str> = path.split('/').collect();
    let named = match parts[..] {
        ["upload", distribution, filename] => document(filename).map(|(kind, _)| (distribution, kind)),
        _ => None,
    };
    let Some((distribution, kind)) = named else {
        let detail = format!("nothing is taken away at `/{segment}/yum/{path}`");
        let hint = "`packyard remove` takes packages out of a channel";
        return Err(ApiError::new(StatusCode::NOT_FOUND, detail, Some(hint)));
    };
    let done = app
        .yard
        .delete_document(&access, &channel.at.channel, distribution, &kind)
        .await?;
    Ok(Json(done).into_response())
}

/// `PUT /{channel}/yum/upload/{distribution}/{filename}`: one .rpm, published at once; or `comps.xml`, or
/// `updateinfo.xml`, in place of what is there.
pub async fn put(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((segment, path)): Path<(String, String)>,
    body: Body,
) -> Answer {
    may_publish(&access, &channel)?;
    let parts: Vec<&str> = path.split('/').collect();
    let ["upload", distribution, filename] = parts[..] else {
        let detail = format!("nothing is taken at `/{segment}/yum/{path}`");
        let hint = format!(
            "PUT an .rpm, a comps.xml or an updateinfo.xml to /{segment}/yum/upload/DISTRIBUTION/FILENAME"
        );
        return Err(ApiError::new(StatusCode::NOT_FOUND, detail, Some(&hint)));
    };
    if let Some((kind, name)) = document(filename) {
        access.allow_whole(Permission::Publish, &channel.at.channel)?;
        let upload = receive_up_to(&app, filename, body, Yard::MAX_DOCUMENT_BYTES).await?;
        let wish = DocumentWish {
            distribution: distribution.to_owned(),
            kind,
            name,
            upload,
            note: None,
        };
        let done = app.yard.put_document(&access, &channel.at.channel, wish).await?;
        return Ok((status(done.changed), Json(done)).into_response());
    }
    let name = ArtifactName::parse(filename)?;
    if name.kind().ecosystem() != Ecosystem::Yum {
        let detail = format!("`{name}` is not an .rpm");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, None));
    }
    let distribution = Some(app.yard.upload_distribution(&channel.at.channel, distribution)?);
    let source = Source::Upload(receive(&app, name.as_str(), body).await?);
    let incoming = Incoming {
        name,
        distribution,
        component: None,
        source,
        uploaded_at: None,
    };
    Ok(answer(publish_one(&app, &access, channel, incoming).await?))
}
