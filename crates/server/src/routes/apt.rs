//! apt, dput, curl: everything under `/{channel}/apt/`.

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Caller, Channel, Path, receive},
    respond::Conditional,
    routes::upload::{answer, may_publish, publish_one},
    setup::InstallLines,
};
use axum::{body::Body, response::Response};
use http::StatusCode;
use packyard_repo::{Incoming, Source};
use packyard_types::{
    ArtifactKind, ArtifactName, ComponentName, Digest, Ecosystem, Family, KeyUse, ServedPath, View,
};

type Answer = Result<Response, ApiError>;

/// What may be asked for under `/{channel}/apt/`.
///
/// ```text
/// dists/{distribution}/…                                     Index
/// pool/{sha256}/{filename}                                   Package
/// pool/{distribution}/{component}/{source}/{filename}        Alias
/// key.asc                                                    Key
/// {distribution}.sources                                     Sources
/// ```
enum AptPath {
    Index(ServedPath),
    Package(Digest, ArtifactName),
    Alias(String, ArtifactName),
    Key,
    Sources(String),
}

impl AptPath {
    fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        Some(match parts[..] {
            ["dists", ..] => Self::Index(ServedPath::parse(path).ok()?),
            ["pool", digest, name] => Self::Package(digest.parse().ok()?, ArtifactName::parse(name).ok()?),
            ["pool", distribution, _component, _source, name] => {
                Self::Alias(distribution.to_owned(), ArtifactName::parse(name).ok()?)
            }
            ["key.asc"] => Self::Key,
            [file] => Self::Sources(file.strip_suffix(".sources")?.to_owned()),
            _ => return None,
        })
    }
}

/// `GET /{channel}/apt/…`
pub async fn get(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    Path((segment, path)): Path<(String, String)>,
) -> Answer {
    let at = &channel.at;
    let parsed = AptPath::parse(&path).ok_or_else(|| ApiError::no_page(&format!("/{segment}/apt/{path}")))?;
    let served = match parsed {
        AptPath::Index(path) => channel.kept(app.yard.index_file(at, View::Apt, &path).await?),
        AptPath::Package(digest, name) => app.yard.artifact_file(&at.channel, &digest, &name)?,
        AptPath::Alias(distribution, name) => {
            let (distribution, _) = app.yard.distribution(&at.channel, &distribution)?;
            app.yard
                .artifact_alias(at, Ecosystem::Apt, &distribution, &name)?
        }
        AptPath::Key => {
            let apt = app.yard.public_keys(KeyUse::Apt)?;
            app.text(apt, "application/pgp-keys")?
        }
        AptPath::Sources(suite) => {
            let distribution = app.yard.distribution_of(&at.channel, &suite, Family::Deb)?;
            let components = app.yard.components(&at.channel, &distribution)?;
            let apt = app.yard.public_keys(KeyUse::Apt)?;
            let install = InstallLines::of(&base, &channel);
            let text = install.apt_sources(&suite, &components, &apt);
            app.text(text, "text/plain; charset=utf-8")?
        }
    };
    app.respond(served, &cond, channel.public).await
}

/// `PUT /{channel}/apt/upload/{distribution}/{component}/{filename}`: one .deb, published at once.
pub async fn put(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((segment, path)): Path<(String, String)>,
    body: Body,
) -> Answer {
    may_publish(&access, &channel)?;
    let parts: Vec<&str> = path.split('/').collect();
    let ["upload", distribution, component, filename] = parts[..] else {
        let detail = format!("nothing is taken at `/{segment}/apt/{path}`");
        let hint = format!("PUT a .deb to /{segment}/apt/upload/DISTRIBUTION/COMPONENT/FILENAME");
        return Err(ApiError::new(StatusCode::NOT_FOUND, detail, Some(&hint)));
    };
    let name = ArtifactName::parse(filename)?;
    if name.kind() != ArtifactKind::Deb {
        let detail = format!("`{name}` is not a .deb");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, None));
    }
    let distribution = Some(app.yard.upload_distribution(&channel.at.channel, distribution)?);
    let component = Some(ComponentName::parse(component)?);
    let source = Source::Upload(receive(&app, name.as_str(), body).await?);
    let incoming = Incoming {
        name,
        distribution,
        component,
        source,
        uploaded_at: None,
    };
    Ok(answer(publish_one(&app, &access, channel, incoming).await?))
}
