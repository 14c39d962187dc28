//! The simple index (PEP 503, PEP 691), and the configuration that leads to it.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Channel, Path, Preferred, SimpleFormat},
    respond::Conditional,
    setup::InstallLines,
};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use packyard_repo::RepoError;
use packyard_types::ProjectName;

/// `/{channel}/simple/`
pub async fn root(app: App, channel: Channel, Preferred(format): Preferred, cond: Conditional) -> Answer {
    let page = app
        .yard
        .simple_root(&channel.at, format == SimpleFormat::JsonV1)
        .await?;
    Ok(app.page(
        page.bytes,
        format.content_type(),
        page.modified,
        &cond,
        channel.public,
    ))
}

/// `/{channel}/simple/{project}/`; a name that is not normalised is sent to the one that is.
pub async fn project(
    app: App,
    channel: Channel,
    Preferred(format): Preferred,
    cond: Conditional,
    Path((_, project)): Path<(String, String)>,
) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel.at.to_string()))?;
    if name.as_str() != project {
        return Ok(moved(&format!("/{}/simple/{name}/", channel.segment)));
    }
    let page = app
        .yard
        .simple_project(&channel.at, &name, format == SimpleFormat::JsonV1)
        .await?;
    Ok(app.page(
        page.bytes,
        format.content_type(),
        page.modified,
        &cond,
        channel.public,
    ))
}

/// `/{channel}/simple/{project}`: the slash is part of the name (PEP 503).
pub async fn add_slash(channel: Channel, Path((_, project)): Path<(String, String)>) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel.at.to_string()))?;
    Ok(moved(&format!("/{}/simple/{name}/", channel.segment)))
}

fn moved(to: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to.to_owned())]).into_response()
}

fn no_project(project: &str, channel: &str) -> ApiError {
    let what = format!("project `{project}` in channel `{channel}`");
    RepoError::NotFound { what, nearest: None }.into()
}

/// `/{channel}/pip.conf`
pub async fn conf(app: App, channel: Channel, BaseUrl(base): BaseUrl, cond: Conditional) -> Answer {
    let text = InstallLines::of(&base, &channel).pip_conf();
    let modified = app.yard.modified()?;
    Ok(app.page(
        text.into_bytes(),
        "text/plain; charset=utf-8",
        modified,
        &cond,
        channel.public,
    ))
}
