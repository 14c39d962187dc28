//! Checks: what is wrong with an artifact, and what could be better, each finding with its rule, its place and its fix.
//!
//! An error is what breaks an installation, what intake refuses, or what no distribution would take; a warning is what
//! policy frowns at; an info is worth knowing. docs/checks.md lists every rule; [`docs`] writes that page.

// Names inside of packages are told apart by case.
#![allow(clippy::case_sensitive_file_extension_comparisons)]

mod deb;
pub mod docs;
mod finding;
pub(crate) mod licence;
mod python;
mod rpm;
mod rule;
pub mod rules;
mod system;
pub mod unit;

pub use finding::{Finding, Severity};
pub use rule::{Format, Rule};

use crate::given;
use crate::intake::{Limits, Package};
use packyard_types::ArtifactName;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Checks one artifact; errors first, each group in the order of the package.
pub fn check<R: Read + Seek>(name: &ArtifactName, reader: &mut R, limits: &Limits) -> Vec<Finding> {
    match Package::read(name, reader, limits) {
        Ok(package) => findings(name, &package, limits),
        Err(fault) => vec![Finding::from_fault(&rules::packages::UNREADABLE, fault)],
    }
}

/// Checks a file as somebody named it; of a .dsc the files beside it, too. One that is not there, or whose name is no
/// artifact's, is a finding too, so that the others are still checked.
pub fn check_file<R: Read + Seek + 'static>(
    file: &Path,
    open: &dyn Fn(&Path) -> io::Result<R>,
    limits: &Limits,
) -> Vec<Finding> {
    let place = file.to_string_lossy();
    if let Err(fault) = given::opened(open(file)) {
        return vec![Finding::from_fault(&rules::packages::UNREADABLE, fault.at(place))];
    }
    let name = match given::name(file) {
        Ok(name) => name,
        Err(fault) => return vec![Finding::from_fault(&rules::packages::FILENAME, fault.at(place))],
    };
    match given::package(file, &name, open, limits) {
        Ok(package) => findings(&name, &package, limits),
        Err(fault) => vec![Finding::from_fault(&rules::packages::UNREADABLE, fault)],
    }
}

fn findings(name: &ArtifactName, package: &Package, limits: &Limits) -> Vec<Finding> {
    let wrong_digest = |fault| Finding::from_fault(&rules::packages::DIGEST_MISMATCH, fault);
    let mut findings: Vec<Finding> = package.verify().into_iter().map(wrong_digest).collect();
    let disagrees = package.intake(name).err();
    let refused = package
        .broken(name, limits)
        .into_iter()
        .filter(|fault| Some(fault) != disagrees.as_ref());
    findings.extend(refused.map(|fault| Finding::from_fault(&rules::packages::REFUSED, fault)));
    findings.extend(disagrees.map(|fault| Finding::from_fault(&rules::packages::NAME_MISMATCH, fault)));
    match package {
        Package::Deb(deb) => deb::check(deb, &mut findings),
        // What intake asks of a source package has been asked; lintian says the rest.
        Package::Dsc(_) => {}
        Package::Rpm(rpm) => rpm::check(rpm, &mut findings),
        Package::Wheel(wheel) => python::wheel::check(name, wheel, &mut findings),
        Package::Sdist(sdist) => python::sdist::check(name, sdist, &mut findings),
    }
    findings.sort_by_key(Finding::severity);
    findings
}
