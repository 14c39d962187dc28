//! Channels, as the API shows them.

use super::Answer;
use crate::{
    app::App,
    extract::{Caller, Channel},
};
use axum::{Json, response::IntoResponse};
use packyard_types::{ChannelName, DistributionName, Revision};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct ChannelJson {
    name: ChannelName,
    public: bool,
    volatile: bool,
    auto_distributions: bool,
    revision: Revision,
    projects: u64,
    artifacts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    distributions: Option<Vec<DistributionName>>,
}

impl ChannelJson {
    fn of(row: packyard_repo::ChannelRow, distributions: Option<Vec<DistributionName>>) -> Self {
        Self {
            name: row.name,
            public: row.settings.public,
            volatile: row.settings.volatile,
            auto_distributions: row.settings.auto_distributions,
            revision: row.revision,
            projects: row.projects,
            artifacts: row.artifacts,
            distributions,
        }
    }
}

/// `GET /api/v1/channels`: those that the caller may read.
pub async fn channels(app: App, Caller(access): Caller) -> Answer {
    let rows = app
        .yard
        .channels()?
        .into_iter()
        .filter(|c| app.yard.allow_read(&access, &c.name).is_ok());
    let channels: Vec<ChannelJson> = rows.map(|r| ChannelJson::of(r, None)).collect();
    Ok(Json(json!({ "channels": channels })).into_response())
}

/// `GET /api/v1/channels/{channel}`
pub async fn channel(app: App, channel: Channel) -> Answer {
    let row = app.yard.channel(&channel.at.channel)?;
    let distributions = app.yard.distributions(&channel.at.channel)?;
    let distributions = distributions.into_iter().map(|(d, _)| d).collect();
    Ok(Json(ChannelJson::of(row, Some(distributions))).into_response())
}
