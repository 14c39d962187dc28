//! `/pypi/{project}[/{version}]/json`: the older JSON of a project and of a release.

use super::{Answer, moved, no_project};
use crate::{
    app::App,
    extract::{BaseUrl, Channel, Path, PreferredCoding},
    respond::Conditional,
};
use http::Uri;
use packyard_repo::{PythonPage, Wish};
use packyard_types::ProjectName;

/// `/{channel}/pypi/{project}/json`: the newest release, and every file.
pub async fn project(
    app: App,
    channel: Channel,
    PreferredCoding(coding): PreferredCoding,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    uri: Uri,
    Path((_, project)): Path<(String, String)>,
) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel))?;
    if name.as_str() != project {
        return Ok(moved(&format!("/{}/pypi/{name}/json", channel.segment), &uri));
    }
    let page = PythonPage::Release {
        project: name,
        version: None,
        base: format!("{base}/{}", channel.segment),
    };
    let wish = Wish {
        channel: channel.at,
        page,
        coding,
    };
    let page = app.yard.python_page(wish, channel.shown).await?;
    Ok(app.release_page(&page, coding, &cond, channel.public))
}

/// `/{channel}/pypi/{project}/{version}/json`: one release.
pub async fn release(
    app: App,
    channel: Channel,
    PreferredCoding(coding): PreferredCoding,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    uri: Uri,
    Path((_, project, version)): Path<(String, String, String)>,
) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel))?;
    let normal = packyard_types::normal_pep440(&version).unwrap_or_else(|| version.clone());
    if name.as_str() != project || normal != version {
        return Ok(moved(
            &format!("/{}/pypi/{name}/{normal}/json", channel.segment),
            &uri,
        ));
    }
    let page = PythonPage::Release {
        project: name,
        version: Some(version),
        base: format!("{base}/{}", channel.segment),
    };
    let wish = Wish {
        channel: channel.at,
        page,
        coding,
    };
    let page = app.yard.python_page(wish, channel.shown).await?;
    Ok(app.release_page(&page, coding, &cond, channel.public))
}
