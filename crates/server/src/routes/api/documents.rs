//! The documents of a distribution's yum repositories.

use super::{Answer, channels::status};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, Query, receive_up_to},
};
use axum::{Json, body::Body, response::IntoResponse};
use packyard_repo::{DocumentWish, Yard};
use packyard_types::{ChannelName, DocumentKind, DocumentName};
use serde_json::{Value, json};

/// `GET /api/v1/channels/{channel}/distributions/{distribution}/documents`
pub async fn list(app: App, channel: Channel, Path((_, name)): Path<(String, String)>) -> Answer {
    let (own, documents) = app.yard.documents(&channel.at.channel, &name)?;
    let shown: Vec<Value> = documents
        .iter()
        .map(|(kind, d)| {
            json!({ "kind": kind, "name": d.name, "sha256": d.blob.digest, "size_bytes": d.blob.size_bytes })
        })
        .collect();
    Ok(
        Json(json!({ "channel": channel.at.channel, "distribution": own, "documents": shown }))
            .into_response(),
    )
}

/// How a document is put in place.
#[derive(Debug, serde::Deserialize)]
pub struct Put {
    /// Its file name; what is usual for its kind where it is not said.
    name: Option<String>,
    /// Why; kept in the log.
    note: Option<String>,
}

/// `PUT /api/v1/channels/{channel}/distributions/{distribution}/documents/{kind}?name=modules.yaml`: the raw bytes.
pub async fn put(
    app: App,
    Caller(access): Caller,
    Path((channel, distribution, kind)): Path<(String, String, String)>,
    Query(Put { name, note }): Query<Put>,
    body: Body,
) -> Answer {
    let channel = ChannelName::parse(&channel)?;
    let kind = DocumentKind::parse(&kind)?;
    let name = match name {
        Some(name) => DocumentName::parse(&name)?,
        None if kind == DocumentKind::group() => DocumentName::parse("comps.xml")?,
        None => DocumentName::parse(&format!("{kind}.xml"))?,
    };
    access.allow_whole(packyard_types::Permission::Publish, &channel)?;
    let upload = receive_up_to(&app, name.as_str(), body, Yard::MAX_DOCUMENT_BYTES).await?;
    let wish = DocumentWish {
        distribution,
        kind,
        name,
        upload,
        note,
    };
    let done = app.yard.put_document(&access, &channel, wish).await?;
    Ok((status(done.changed), Json(done)).into_response())
}

/// `DELETE /api/v1/channels/{channel}/distributions/{distribution}/documents/{kind}`
pub async fn delete(
    app: App,
    Caller(access): Caller,
    Path((channel, distribution, kind)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, ApiError> {
    let channel = ChannelName::parse(&channel)?;
    let kind = DocumentKind::parse(&kind)?;
    let done = app
        .yard
        .delete_document(&access, &channel, &distribution, &kind)
        .await?;
    Ok(Json(done))
}
