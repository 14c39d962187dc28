//! Taking the wheels of a lock out of a directory, without asking anybody.

use super::{
    lock::{Pin, Sum},
    platform::{Fit, Platform},
    wheel::WheelFile,
};
use crate::{BuildError, Diagnostic, files};
use packyard_types::{ArtifactKind, ArtifactName};
use std::{collections::BTreeSet, path::Path};

/// A directory of wheels.
pub(super) struct Shelf<'a> {
    /// Where it is.
    pub directory: &'a Path,
    /// How the project file calls it.
    pub shown: &'a str,
    /// What lies there.
    names: Vec<ArtifactName>,
}

impl<'a> Shelf<'a> {
    /// Looks what is there.
    pub fn new(directory: &'a Path, shown: &'a str) -> Result<Self, BuildError> {
        let names = files::names(directory)?;
        let names = names.iter().filter_map(|name| ArtifactName::parse(name).ok());
        Ok(Self {
            directory,
            shown,
            names: names.filter(|name| name.kind() == ArtifactKind::Wheel).collect(),
        })
    }

    /// A wheel for each pin. Where the Python is not known, those that run on any, else those of the newest one that
    /// has them all.
    pub fn choose(
        &self,
        pins: &[Pin],
        platform: &Platform,
    ) -> Result<(Vec<WheelFile>, Platform), BuildError> {
        let chosen = self.for_platform(pins, platform)?;
        let needs: BTreeSet<u64> = chosen.iter().filter_map(|(_, fit)| fit.one_minor).collect();
        let take = |chosen: Vec<(WheelFile, Fit)>| chosen.into_iter().map(|(file, _)| file).collect();
        if platform.minor.is_some() || needs.is_empty() {
            return Ok((take(chosen), platform.clone()));
        }
        let mut failure = None;
        for minor in self.minors(pins, platform).into_iter().rev() {
            let platform = Platform {
                minor: Some(minor),
                ..platform.clone()
            };
            match self.for_platform(pins, &platform) {
                Ok(chosen) => return Ok((take(chosen), platform)),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.expect("a wheel that is for one Python names it"))
    }

    /// The Pythons that wheels of the pins are for.
    fn minors(&self, pins: &[Pin], platform: &Platform) -> BTreeSet<u64> {
        let fits = pins.iter().flat_map(|pin| self.of(pin));
        fits.filter_map(|name| platform.fit(name.arch())?.one_minor)
            .collect()
    }

    fn of<'s>(&'s self, pin: &'s Pin) -> impl Iterator<Item = &'s ArtifactName> {
        self.names
            .iter()
            .filter(|name| name.package() == pin.name.as_str() && name.version() == pin.version)
    }

    fn for_platform(&self, pins: &[Pin], platform: &Platform) -> Result<Vec<(WheelFile, Fit)>, BuildError> {
        let mut chosen = Vec::new();
        let mut problems = Vec::new();
        for pin in pins {
            match self.one(pin, platform)? {
                Ok(found) => chosen.push(found),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(chosen)
        } else {
            Err(BuildError::Project(problems))
        }
    }

    /// The best wheel of a pin, whose digest must be one that the lock has.
    fn one(
        &self,
        pin: &Pin,
        platform: &Platform,
    ) -> Result<Result<(WheelFile, Fit), Diagnostic>, BuildError> {
        let mut fits: Vec<(Fit, &ArtifactName)> = self
            .of(pin)
            .filter_map(|name| Some((platform.fit(name.arch())?, name)))
            .collect();
        // As installers do, what was made for this Python comes first; where none is known, what runs on all.
        fits.sort_by_key(|(fit, name)| (fit.is_compiled, *fit, name.as_str().to_owned()));
        if platform.minor.is_some() {
            fits.reverse();
        }
        let mut wrong = None;
        for (fit, name) in &fits {
            let path = self.directory.join(name.as_str());
            if let Err(sum) = pin.hashes.judge(&path, name)? {
                wrong = wrong.or(Some((*name, sum)));
                continue;
            }
            let file = WheelFile {
                name: (*name).clone(),
                path,
                room: None,
                place: Some(pin.place.clone()),
            };
            return Ok(Ok((file, *fit)));
        }
        let problem = match (wrong, self.of(pin).next()) {
            (Some((name, sum)), _) => other_digest(&format!("{}/{name}", self.shown), pin, &sum),
            (None, Some(name)) => {
                let message = format!("`{}/{name}` is not for {}", self.shown, platform.shown());
                Diagnostic::new(message).hint(format!(
                    "put the wheel of {} {} that is into `{}`",
                    pin.name, pin.version, self.shown
                ))
            }
            (None, None) => {
                let message = format!("`{}` has no wheel of {} {}", self.shown, pin.name, pin.version);
                Diagnostic::new(message).hint("put it there; `pip download` or `pip wheel` make one")
            }
        };
        Ok(Err(problem.at(pin.place.clone())))
    }
}

/// A wheel that is not the one that was locked.
pub(super) fn other_digest(file: &str, pin: &Pin, sum: &Sum) -> Diagnostic {
    let locked: Vec<&str> = pin.hashes.iter().map(Sum::digits).collect();
    let message = format!(
        "`{file}` is not what was locked: its {} is {}, and the lock has {}",
        sum.algorithm(),
        sum.digits(),
        locked.join(", ")
    );
    Diagnostic::new(message)
        .at(pin.place.clone())
        .hint("find out who changed it; where the change is right, write the lock anew")
}
