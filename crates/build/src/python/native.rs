//! Building by the backend's rules, without the backend.

use super::{
    Files, dist_info_files, dist_info_name,
    select::{Selected, Unsure},
};
use crate::{
    BuildError,
    metadata::{Kind, Metadata, Restated},
    project::Python,
};
use packyard_types::{ProjectName, ReleaseVersion};
use std::path::Path;

/// What the rules choose.
#[derive(Debug)]
pub(crate) struct Chosen {
    wheel: Selected,
    sdist: Files,
    python_tag: &'static str,
}

/// What goes into wheel and sdist; else why the backend has to be asked. Neither for what is no Python project.
pub(crate) fn native(
    root: &Path,
    metadata: &Metadata,
    kind: &Kind,
) -> Result<(Option<Chosen>, Option<String>), BuildError> {
    let native = match kind {
        Kind::NotPython => return Ok((None, None)),
        Kind::Backend(reason) => return Ok((None, Some(reason.clone()))),
        Kind::Static(native) => native,
    };
    let chosen = || {
        Ok(Chosen {
            wheel: native.selection.wheel(root, metadata)?,
            sdist: native.selection.sdist(root, metadata)?,
            python_tag: native.python_tag,
        })
    };
    match chosen() {
        Ok(chosen) => Ok((Some(chosen), None)),
        Err(Unsure::Backend(reason)) => Ok((None, Some(reason))),
        Err(Unsure::Wrong(error)) => Err(error),
    }
}

/// The Python side of a project that was not built by its backend.
pub(crate) fn native_python(
    root: &Path,
    name: &ProjectName,
    version: &ReleaseVersion,
    metadata: &Metadata,
    restated: &Restated,
    mut chosen: Chosen,
) -> Result<Python, BuildError> {
    // A module that says the version says the one that is built, in the wheel as in the sdist.
    for (path, text) in restated {
        for (site, file) in &mut chosen.wheel.modules {
            if path == site
                || path
                    .strip_suffix(site.as_str())
                    .is_some_and(|above| above.ends_with('/'))
            {
                file.content = text.clone().into();
            }
        }
    }
    let directory = dist_info_name(name, version);
    let mut dist_info = dist_info_files(root, &directory, metadata, chosen.python_tag)?;
    for (file, content) in chosen.wheel.dist_info {
        dist_info.insert(format!("{directory}/{file}"), content);
    }
    Ok(Python {
        modules: chosen.wheel.modules,
        dist_info,
        dist_info_name: directory,
        data: chosen.wheel.data,
        tag: chosen.python_tag,
        sources: chosen.sdist,
        built: None,
    })
}
