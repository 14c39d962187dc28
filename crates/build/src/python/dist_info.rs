//! The `.dist-info` directory, but for RECORD, which depends on everything else.

use super::Files;
use crate::{
    BuildError, files,
    metadata::{EntryPoints, Metadata, render},
};
use packyard_formats::content::SourceFile;
use packyard_types::{ProjectName, ReleaseVersion};
use std::path::Path;

/// The text of WHEEL; without packyard's version, so that an upgrade of packyard does not change a project's bytes.
fn wheel(python_tag: &str) -> String {
    let tags = python_tag
        .split('.')
        .map(|python| format!("Tag: {python}-none-any\n"));
    format!(
        "Wheel-Version: 1.0\nGenerator: packyard\nRoot-Is-Purelib: true\n{}",
        tags.collect::<String>()
    )
}

/// `NAME-VERSION.dist-info`.
pub(crate) fn dist_info_name(project: &ProjectName, version: &ReleaseVersion) -> String {
    format!("{}-{version}.dist-info", project.in_filenames())
}

/// The directory's files, by their path in the wheel.
pub(crate) fn dist_info_files(
    root: &Path,
    directory: &str,
    metadata: &Metadata,
    python_tag: &str,
) -> Result<Files, BuildError> {
    let text = |text: &str| SourceFile {
        content: text.as_bytes().into(),
        executable: false,
    };
    let mut out = Files::new();
    out.insert(format!("{directory}/METADATA"), text(&render(metadata)));
    out.insert(format!("{directory}/WHEEL"), text(&wheel(python_tag)));
    if !metadata.entry_points.is_empty() {
        let points = render_entry_points(&metadata.entry_points);
        out.insert(format!("{directory}/entry_points.txt"), text(&points));
    }
    for file in &metadata.core.license_files {
        let mut license = files::read_file(root, file)?;
        license.executable = false;
        out.insert(format!("{directory}/licenses/{file}"), license);
    }
    Ok(out)
}

fn render_entry_points(points: &EntryPoints) -> String {
    let group = |(name, points): (&String, &std::collections::BTreeMap<String, String>)| {
        let lines: Vec<String> = points
            .iter()
            .map(|(name, target)| format!("{name} = {target}\n"))
            .collect();
        format!("[{name}]\n{}", lines.concat())
    };
    points.iter().map(group).collect::<Vec<_>>().join("\n")
}

/// Reads `entry_points.txt`.
pub(crate) fn parse_entry_points(text: &str) -> EntryPoints {
    let mut points = EntryPoints::new();
    let mut group = String::new();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
    {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut group);
        } else if let Some((name, target)) = line.split_once('=') {
            let entries = points.entry(group.clone()).or_default();
            entries.insert(name.trim().to_owned(), target.trim().to_owned());
        }
    }
    points
}
