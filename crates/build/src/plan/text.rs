//! Summaries and descriptions, in the shape that each world wants.

use crate::{changelog::wrap, metadata::read, project::Project};

/// One line without a full stop, an article or the package's name at its head (Debian's Developer's Reference 6.2.2): the
/// first that says something of the project file's, the metadata's and a line of its own.
pub(super) fn synopsis(project: &Project) -> String {
    let own = project.manifest.package.summary.as_deref();
    let said = own.into_iter().chain(project.metadata.core.summary.as_deref());
    said.map(plain_line)
        .find(|line| !line.is_empty())
        .unwrap_or_else(|| format!("package of the project {}", project.name))
}

fn plain_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.truncate(line.trim_end_matches('.').trim_end().len());
    for head in ["A ", "An ", "The ", "a ", "an ", "the "] {
        if let Some(rest) = line.strip_prefix(head) {
            line = rest.to_owned();
            break;
        }
    }
    line
}

/// The first letter in upper case, as rpmlint wants a summary.
pub(super) fn capitalised(line: &str) -> String {
    let mut chars = line.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The long description in paragraphs: what the project file says, else the first prose of the readme, else a sentence.
pub(super) fn paragraphs(project: &Project, synopsis: &str) -> Vec<String> {
    let said = project.manifest.package.description.clone();
    let text = said.or_else(|| readme_paragraph(project));
    // A description that is the synopsis again says nothing (lintian: description-synopsis-is-duplicated).
    let says_more =
        |text: &String| !text.trim().is_empty() && plain_line(text).to_lowercase() != synopsis.to_lowercase();
    let text = text.filter(says_more);
    let text =
        text.unwrap_or_else(|| format!("This package holds {}: {}.", project.metadata.core.name, synopsis));
    let paragraphs = text
        .split("\n\n")
        .map(str::trim_end)
        .map(|p| p.trim_matches('\n'));
    paragraphs
        .filter(|p| !p.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// The first paragraph of the readme that is prose: no heading, list, code, image or markup.
fn readme_paragraph(project: &Project) -> Option<String> {
    let name = project
        .metadata
        .readme
        .clone()
        .or_else(|| crate::metadata::default_readme(&project.root).ok().flatten())?;
    let text = read(&project.root, &name).ok()??;
    let is_prose = |p: &&str| {
        let starts_plain = p.chars().next().is_some_and(char::is_alphabetic);
        let is_heading = p
            .lines()
            .nth(1)
            .is_some_and(|line| !line.is_empty() && line.chars().all(|c| "=-~^#*".contains(c)));
        starts_plain && !is_heading && p.len() > 30 && !p.contains(['<', '|'])
    };
    let plain = |p: &str| p.replace(['`', '*'], "").trim_end_matches(':').to_owned();
    let found = text
        .text()
        .split("\n\n")
        .map(str::trim_end)
        .find(is_prose)
        .map(plain)?;
    Some(if found.ends_with(['.', '!', '?']) {
        found
    } else {
        found + "."
    })
}

/// Debian's extended description: folded, each line behind a space, ` .` between paragraphs.
pub(super) fn deb_description(synopsis: &str, paragraphs: &[String]) -> String {
    let fold = |p: &String| {
        if p.starts_with([' ', '\t']) {
            p.lines()
                .map(|line| match line.trim() {
                    // A line of blanks would end the field.
                    "" => " .".to_owned(),
                    line => format!("  {line}"),
                })
                .collect::<Vec<_>>()
                .join("\n")
        } else {
            wrap(p, " ", " ")
        }
    };
    let folded: Vec<String> = paragraphs.iter().map(fold).collect();
    format!("{synopsis}\n{}", folded.join("\n .\n"))
}

/// An RPM's description.
pub(super) fn rpm_description(paragraphs: &[String]) -> String {
    paragraphs
        .iter()
        .map(|p| wrap(p, "", ""))
        .collect::<Vec<_>>()
        .join("\n\n")
}
