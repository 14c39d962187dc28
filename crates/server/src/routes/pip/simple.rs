//! The simple index (PEP 503, PEP 691), and the configuration that leads to it.

use super::{Answer, moved, no_project};
use crate::{
    app::App,
    extract::{BaseUrl, Channel, Path, Preferred, PreferredCoding},
    respond::Conditional,
    setup::InstallLines,
};
use http::Uri;
use packyard_repo::{PythonPage, Wish};
use packyard_types::ProjectName;

/// `/{channel}/simple/`
pub async fn root(
    app: App,
    channel: Channel,
    Preferred(format): Preferred,
    PreferredCoding(coding): PreferredCoding,
    cond: Conditional,
) -> Answer {
    let wish = Wish {
        channel: channel.at,
        page: PythonPage::Root(format.form()),
        coding,
    };
    let page = app.yard.python_page(wish, channel.shown).await?;
    Ok(app.simple_page(&page, format, coding, &cond, channel.public))
}

/// `/{channel}/simple/{project}/`; a name that is not normalised is sent to the one that is.
pub async fn project(
    app: App,
    channel: Channel,
    Preferred(format): Preferred,
    PreferredCoding(coding): PreferredCoding,
    cond: Conditional,
    uri: Uri,
    Path((_, project)): Path<(String, String)>,
) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel))?;
    if name.as_str() != project {
        return Ok(moved(&format!("/{}/simple/{name}/", channel.segment), &uri));
    }
    if cond.insists() {
        // What comes of it, the page says.
        let _ = app.yard.ask_upstream_again(&channel.at, &name).await;
    }
    let wish = Wish {
        channel: channel.at,
        page: PythonPage::Project(name, format.form()),
        coding,
    };
    let page = app.yard.python_page(wish, channel.shown).await?;
    Ok(app.simple_page(&page, format, coding, &cond, channel.public))
}

/// `/{channel}/simple/{project}`: the slash is part of the name (PEP 503).
pub async fn add_slash(channel: Channel, uri: Uri, Path((_, project)): Path<(String, String)>) -> Answer {
    let name = ProjectName::parse(&project).map_err(|_| no_project(&project, &channel))?;
    Ok(moved(&format!("/{}/simple/{name}/", channel.segment), &uri))
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
