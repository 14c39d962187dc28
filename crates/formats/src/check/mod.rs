//! Checks: what is wrong with an artifact, and what could be better, each finding with its place and its fix.
//!
//! An error is what breaks an installation or what intake refuses; a warning is what a distribution's policy frowns at.

mod deb;
mod finding;
mod python;
mod rpm;
mod scripts;
pub mod unit;

pub use finding::{Finding, Severity};

use crate::fault::Fault;
use crate::given;
use crate::intake::{Limits, Package};
use packyard_types::ArtifactName;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Checks one artifact; errors first, each group in the order of the package.
pub fn check<R: Read + Seek>(name: &ArtifactName, reader: &mut R, limits: &Limits) -> Vec<Finding> {
    let package = match Package::read(name, reader, limits) {
        Ok(package) => package,
        Err(fault) => return vec![unreadable(fault)],
    };
    let mut findings: Vec<Finding> = package.verify().into_iter().map(wrong_digest).collect();
    if let Err(fault) = package.intake(name) {
        findings.push(Finding::from_fault("name-mismatch", fault));
    }
    match &package {
        Package::Deb(deb) => deb::check(deb, &mut findings),
        Package::Rpm(rpm) => rpm::check(rpm, &mut findings),
        Package::Wheel(wheel) => python::check_wheel(name, wheel, &mut findings),
        Package::Sdist(sdist) => python::check_sdist(name, sdist, &mut findings),
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Checks a file as somebody named it. One that is not there, or whose name is no artifact's, is a finding too, so
/// that the others are still checked.
pub fn check_file<R: Read + Seek>(file: &Path, opened: io::Result<R>, limits: &Limits) -> Vec<Finding> {
    let place = file.to_string_lossy();
    let mut reader = match given::opened(opened) {
        Ok(reader) => reader,
        Err(fault) => return vec![unreadable(fault.at(place))],
    };
    match given::name(file) {
        Ok(name) => check(&name, &mut reader, limits),
        Err(fault) => vec![Finding::from_fault("filename", fault.at(place))],
    }
}

fn unreadable(fault: Fault) -> Finding {
    Finding::from_fault("unreadable", fault)
}

fn wrong_digest(fault: Fault) -> Finding {
    Finding::from_fault("digest-mismatch", fault)
}
