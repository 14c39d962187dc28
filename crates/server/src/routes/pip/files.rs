//! Wheels and sdists, and the metadata beside them (PEP 658).

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Channel, Path},
    respond::Conditional,
};
use packyard_types::{ArtifactName, Digest};

/// `/{channel}/files/{sha256}/{filename}` and `….metadata`
pub async fn file(
    app: App,
    channel: Channel,
    cond: Conditional,
    Path((_, digest, filename)): Path<(String, String, String)>,
) -> Answer {
    let not_there = |_| ApiError::no_page(&filename);
    let digest: Digest = digest.parse().map_err(not_there)?;
    let served = match filename.strip_suffix(".metadata") {
        Some(wheel) => {
            let name = ArtifactName::parse(wheel).map_err(not_there)?;
            app.yard
                .python_metadata(&channel.at.channel, &digest, &name)
                .await?
        }
        None => {
            let name = ArtifactName::parse(&filename).map_err(not_there)?;
            app.yard.python_file(&channel.at.channel, &digest, &name).await?
        }
    };
    app.respond(served, &cond, channel.public).await
}
