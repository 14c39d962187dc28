//! What is read under `/{channel}/apt/`: indexes, packages, keys.

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Channel, Path},
    respond::Conditional,
    routes::apt::Answer,
    setup::{AptSuite, InstallLines},
};
use packyard_repo::{AliasPlace, ChangelogPath, RepoError};
use packyard_types::{
    ArtifactName, ChannelRef, ComponentName, Digest, Ecosystem, KeyUse, PartName, ServedPath, View,
};

/// What may be asked for under `/{channel}/apt/`.
///
/// ```text
/// dists/{distribution}/…                                     Index
/// pool/{sha256}/{filename}                                   Package
/// pool/{sha256}/{filename of a part}                         Part
/// pool/{distribution}/{component}/{source}/{filename}        Alias, or AliasOfPart
/// changelogs/{component}/{prefix}/{source}/{source}_{version}  Changelog
/// key.asc                                                    Key
/// {distribution}.sources                                     Sources
/// ```
enum AptPath {
    Index(ServedPath),
    Package(Digest, ArtifactName),
    Part(Digest, PartName),
    Alias(Pool, ArtifactName),
    AliasOfPart(Pool, PartName),
    Changelog(ChangelogPath),
    Key,
    Sources(String),
}

/// The folders of an alias.
struct Pool {
    distribution: String,
    component: ComponentName,
    source: String,
}

impl Pool {
    fn place(self, app: &App, at: &ChannelRef) -> Result<AliasPlace, RepoError> {
        Ok(AliasPlace {
            ecosystem: Ecosystem::Apt,
            distribution: app.yard.distribution(&at.channel, &self.distribution)?.0,
            within: Some((self.component, self.source)),
        })
    }
}

impl AptPath {
    fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        Some(match parts[..] {
            ["dists", ..] => Self::Index(ServedPath::parse(path).ok()?),
            ["pool", digest, name] => {
                let digest = digest.parse().ok()?;
                match package(name) {
                    Some(name) => Self::Package(digest, name),
                    None => Self::Part(digest, PartName::parse(name).ok()?),
                }
            }
            ["pool", distribution, component, source, name] => {
                let pool = Pool {
                    distribution: distribution.to_owned(),
                    component: ComponentName::parse(component).ok()?,
                    source: source.to_owned(),
                };
                match package(name) {
                    Some(name) => Self::Alias(pool, name),
                    None => Self::AliasOfPart(pool, PartName::parse(name).ok()?),
                }
            }
            ["changelogs", component, prefix, source, file] => {
                Self::Changelog(ChangelogPath::parse(component, prefix, source, file)?)
            }
            ["key.asc"] => Self::Key,
            [file] => Self::Sources(file.strip_suffix(".sources")?.to_owned()),
            _ => return None,
        })
    }
}

/// The name of a package of apt's; some tarballs are called as an sdist may be.
fn package(name: &str) -> Option<ArtifactName> {
    let name = ArtifactName::parse(name).ok()?;
    (name.kind().ecosystem() == Ecosystem::Apt).then_some(name)
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
        AptPath::Part(digest, name) => app.yard.part_file(&at.channel, &digest, &name)?,
        AptPath::AliasOfPart(pool, name) => app.yard.part_alias(at, &pool.place(&app, at)?, &name)?,
        AptPath::Alias(pool, name) => app.yard.artifact_alias(at, &pool.place(&app, at)?, &name)?,
        AptPath::Changelog(path) => channel.kept(app.yard.changelog(at, &path).await?),
        AptPath::Key => {
            let apt = app.yard.public_keys(KeyUse::Apt)?;
            app.text(apt, "application/pgp-keys")?
        }
        AptPath::Sources(suite) => {
            let suite = AptSuite::of(&app.yard, &at.channel, &suite)?;
            let apt = app.yard.public_keys(KeyUse::Apt)?;
            let install = InstallLines::of(&base, &channel);
            let text = install.apt_sources(&suite, &apt);
            app.text(text, "text/plain; charset=utf-8")?
        }
    };
    app.respond(served, &cond, channel.public).await
}
