//! Manual pages: those of the project, and a short one for a launcher that has none, for every program in /usr/bin
//! shall have one (Debian Policy 12.1).

use super::{
    payload::{Payload, homepage, launchers},
    text,
};
use crate::{BuildError, project::Project};
use packyard_formats::{
    compress::gzip,
    entries::{Entry, Role},
};

/// Adds a page for each launcher that the project has no page for.
pub(super) fn add_missing(project: &Project, payload: &mut Payload) -> Result<(), BuildError> {
    for (name, _) in launchers(project) {
        let has_page = payload.entries.files().any(|(path, _)| {
            let page = path
                .as_str()
                .strip_prefix("/usr/share/man/man")
                .and_then(|rest| rest.split_once('/'));
            page.is_some_and(|(_, file)| {
                file.strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            })
        });
        if !has_page {
            let entry = Entry::file(gzip(page(project, name).as_bytes())).with_role(Role::Doc);
            payload.put(&format!("/usr/share/man/man1/{name}.1.gz"), entry)?;
        }
    }
    Ok(())
}

fn page(project: &Project, program: &str) -> String {
    let synopsis = text::synopsis(project);
    let title = program.to_uppercase();
    let date = project.date.strftime("%Y-%m-%d");
    let mut page = format!(
        ".TH \"{}\" 1 \"{date}\" \"{} {}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n.RI [ argument ...]\n.SH DESCRIPTION\n",
        escape(&title),
        escape(&project.metadata.core.name),
        project.version,
        escape(program),
        escape(&synopsis),
        escape(program),
    );
    let paragraphs: Vec<String> = text::paragraphs(project, &synopsis)
        .iter()
        .map(|p| escape(p))
        .collect();
    page.push_str(&paragraphs.join("\n.PP\n"));
    page.push('\n');
    if let Some(url) = homepage(project) {
        page.push_str(&format!(".SH \"SEE ALSO\"\n{}\n", escape(&url)));
    }
    page
}

/// What roff would read as a request or an escape.
fn escape(text: &str) -> String {
    let plain = text.replace('\\', "\\e").replace('-', "\\-");
    let line = |line: &str| {
        if line.starts_with(['.', '\'']) {
            format!("\\&{line}")
        } else {
            line.to_owned()
        }
    };
    plain
        .lines()
        .map(|l| line(l.trim()))
        .collect::<Vec<_>>()
        .join("\n")
}
