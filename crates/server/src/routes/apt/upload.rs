//! One .deb by PUT, published at once: what `curl -T` does.

use crate::{
    app::App,
    error::ApiError,
    extract::{Channel, receive},
    routes::{
        apt::Answer,
        upload::{answer, publish_one},
    },
};
use axum::body::Body;
use http::StatusCode;
use packyard_repo::{Access, Incoming, Source};
use packyard_types::{ArtifactKind, ArtifactName, ComponentName};

/// What the path of an upload says.
pub struct Target<'a> {
    pub distribution: &'a str,
    pub component: &'a str,
    pub filename: &'a str,
}

/// `PUT /{channel}/apt/upload/{distribution}/{component}/{filename}`
pub async fn put(app: &App, access: &Access, channel: Channel, target: &Target<'_>, body: Body) -> Answer {
    let name = ArtifactName::parse(target.filename)?;
    if name.kind() != ArtifactKind::Deb {
        let detail = format!("`{name}` is not a .deb");
        let hint = format!(
            "a source package comes with its files: `dput` sends it to /{}/apt/incoming/{}/{}, and `packyard publish \
             {name}` takes them from beside it",
            channel.segment, target.distribution, target.component
        );
        let hint = (name.kind() == ArtifactKind::Dsc).then_some(hint.as_str());
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail, hint));
    }
    let distribution = Some(
        app.yard
            .upload_distribution(&channel.at.channel, target.distribution)?,
    );
    let component = Some(ComponentName::parse(target.component)?);
    let source = Source::Upload(receive(app, name.as_str(), body).await?);
    let incoming = Incoming {
        name,
        distribution,
        component,
        source,
        uploaded_at: None,
    };
    Ok(answer(publish_one(app, access, channel, incoming).await?))
}
