//! What dput and dput-ng send: the files of an upload one by one, and the .changes last, which publishes them.

use crate::{
    app::App,
    extract::{Channel, receive},
    routes::{
        apt::{Answer, upload::Target},
        upload::{answer, doubts, with_doubts},
    },
};
use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use packyard_repo::{Access, Delivered, DeliveryPlace};
use packyard_types::{ComponentName, PartName};
use serde_json::json;

/// `PUT /{channel}/apt/incoming/{distribution}/{component}/{filename}`
///
/// dput shows nothing of an answer but its reason phrase: what is wrong is said there, too.
pub async fn put(app: &App, access: &Access, channel: Channel, target: &Target<'_>, body: Body) -> Response {
    let e = match take(app, access, channel, target, body).await {
        Ok(response) => return response,
        Err(e) => e,
    };
    let phrase = e.phrase();
    let mut response = e.into_response();
    if let Some(phrase) = phrase {
        response.extensions_mut().insert(phrase);
    }
    response
}

async fn take(app: &App, access: &Access, channel: Channel, target: &Target<'_>, body: Body) -> Answer {
    let name = PartName::parse(target.filename)?;
    let to = DeliveryPlace {
        component: ComponentName::parse(target.component)?,
        distribution: app
            .yard
            .delivery_distribution(&channel.at.channel, target.distribution)?,
        channel: channel.at.channel,
    };
    let upload = receive(app, name.as_str(), body).await?;
    let limits = &app.settings.limits;
    let doubts = doubts(app, &to.channel, Some(&to.distribution))?;
    match app.yard.deliver(access, &to, &name, upload, limits).await? {
        Delivered::Published(receipt) => Ok(answer(with_doubts(receipt, doubts))),
        Delivered::Kept { blob, new } => {
            let status = if new { StatusCode::CREATED } else { StatusCode::OK };
            let waits = json!({ "filename": name, "sha256": blob.digest, "size": blob.size_bytes,
                "waits_for": "the .changes that names it" });
            Ok((status, Json(waits)).into_response())
        }
    }
}
