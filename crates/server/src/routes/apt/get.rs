//! What is read under `/{channel}/apt/`: indexes, packages, keys.

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Channel, Path},
    respond::Conditional,
    routes::apt::Answer,
    setup::InstallLines,
};
use packyard_types::{ArtifactName, Digest, Ecosystem, Family, ServedPath, View};

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
            let (apt, _) = app.yard.public_keys()?;
            app.text(apt, "application/pgp-keys")?
        }
        AptPath::Sources(suite) => {
            let distribution = app.yard.distribution_of(&at.channel, &suite, Family::Deb)?;
            let components = app.yard.components(&at.channel, &distribution)?;
            let (apt, _) = app.yard.public_keys()?;
            let install = InstallLines::of(&base, &channel);
            let text = install.apt_sources(&suite, &components, &apt);
            app.text(text, "text/plain; charset=utf-8")?
        }
    };
    app.respond(served, &cond, channel.public).await
}
