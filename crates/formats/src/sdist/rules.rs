//! What an index asks of a new sdist beyond being readable: PEP 625's filename and directory, licence files where
//! metadata 2.4 says (PEP 639). Sdists of earlier years are spelt in many ways, and are imported all the same.

use super::read::Sdist;
use crate::core_metadata::rules as metadata_rules;
use crate::fault::{Fault, shown};
use packyard_types::{ArtifactName, ProjectName};

/// Every rule that it breaks.
pub fn broken(name: &ArtifactName, sdist: &Sdist) -> Vec<Fault> {
    let mut faults = Vec::new();
    let stem = name.as_str().strip_suffix(".tar.gz").unwrap_or(name.as_str());
    if let Ok(project) = ProjectName::parse(name.package()) {
        let normal = format!("{}-{}", project.in_filenames(), name.version());
        if stem != normal {
            let rule = format!("its filename must be `{normal}.tar.gz` (PEP 625)");
            let hint = "build it with a current backend; older files come in by `packyard import`";
            faults.push(Fault::new(rule, hint).between(name.as_str(), format!("{normal}.tar.gz")));
        }
    }
    if sdist.top != stem {
        let rule = format!("its one directory must be `{stem}`, as the file is called");
        faults.push(
            Fault::new(rule, "build it with a current backend")
                .at(&sdist.top)
                .between(&sdist.top, stem),
        );
    }
    if let Some(odd) = sdist.contents.members.iter().find(|m| m.path.contains('\\')) {
        let rule = "its path has a backslash, which some systems take for a separator";
        faults.push(Fault::new(rule, "separate directories by `/`").at(&odd.path));
    }
    let place = format!("{}/PKG-INFO", sdist.top);
    let raw = sdist.pkg_info().map(Vec::as_slice).unwrap_or_default();
    let broken = metadata_rules::broken(&sdist.metadata, raw);
    faults.extend(broken.into_iter().map(|fault| fault.at(&place)));
    if metadata_rules::is_since(&sdist.metadata, "2.4") {
        for file in sdist.metadata.license_files.iter().take(1000) {
            let path = format!("{}/{file}", sdist.top);
            if !sdist.contents.has(&path) {
                let rule = format!("its License-File `{}` is not in the sdist", shown(file));
                let hint = format!("add it as `{path}` (PEP 639)");
                faults.push(Fault::new(rule, hint).at(&place).between("", path));
            }
        }
    }
    faults
}
