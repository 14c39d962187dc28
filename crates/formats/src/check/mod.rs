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
use crate::intake::{Limits, Package};
use packyard_types::ArtifactName;
use std::io::{Read, Seek};

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

fn unreadable(fault: Fault) -> Finding {
    Finding::from_fault("unreadable", fault)
}

fn wrong_digest(fault: Fault) -> Finding {
    Finding::from_fault("digest-mismatch", fault)
}
