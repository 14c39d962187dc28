//! The HTML pages (PEP 503). Old clients read them with brittle parsers: their bytes are part of the golden tests.

use super::{API_VERSION, PipFile, ProjectPage, RootPage};

pub(super) fn root(page: &RootPage) -> String {
    let links = page
        .projects
        .iter()
        .map(|(name, _)| format!("    <a href=\"{name}/\">{name}</a><br>\n"));
    document("Simple index", "", links)
}

pub(super) fn project(page: &ProjectPage) -> String {
    let title = format!("Links for {}", page.name);
    document(&title, &status(page), page.files.iter().map(link))
}

/// What PEP 792 says of the project, above the title.
fn status(page: &ProjectPage) -> String {
    let (status, reason) = &page.status;
    let mut metas = format!("    <meta name=\"pypi:project-status\" content=\"{status}\">\n");
    if !reason.is_empty() {
        let reason = escape(reason);
        metas.push_str(&format!(
            "    <meta name=\"pypi:project-status-reason\" content=\"{reason}\">\n"
        ));
    }
    metas
}

fn document(title: &str, metas: &str, links: impl Iterator<Item = String>) -> String {
    let title = escape(title);
    let mut page = format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n  \
         <head>\n    \
         <meta charset=\"utf-8\">\n    \
         <meta name=\"pypi:repository-version\" content=\"{API_VERSION}\">\n\
         {metas}    \
         <title>{title}</title>\n  \
         </head>\n  \
         <body>\n    \
         <h1>{title}</h1>\n"
    );
    page.extend(links);
    page.push_str("  </body>\n</html>\n");
    page
}

fn link(file: &PipFile) -> String {
    let mut attributes = format!("href=\"{}#sha256={}\"", escape(&file.url), file.sha256);
    let mut add = |name: &str, value: &str| {
        attributes.push_str(&format!(" {name}=\"{}\"", escape(value)));
    };
    if let Some(requires) = &file.requires_python {
        add("data-requires-python", requires);
    }
    if let Some(digest) = &file.metadata_sha256 {
        let value = format!("sha256={digest}");
        add("data-core-metadata", &value);
        // The name before PEP 714, for pip before 23.2.
        add("data-dist-info-metadata", &value);
    }
    if let Some(reason) = &file.yanked {
        add("data-yanked", reason);
    }
    format!("    <a {attributes}>{}</a><br>\n", escape(file.filename.as_str()))
}

/// For text and for attributes in double quotes.
fn escape(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
