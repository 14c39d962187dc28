//! Gathering: from a lock, or from requirements that pip resolves, to wheels that have all that they need.

use super::{
    Bundle, Bundles, Pythons,
    choose::Shelf,
    closure::{Closure, Gap, NEWEST, OLDEST, Root},
    fetch::{Surroundings, Wish},
    lock::{self, Lines, Lock, Pin, Terms},
    platform::{self, Platform},
    wheel::{BundledWheel, WheelFile},
};
use crate::{BuildError, Diagnostic, Place, project::Project};
use std::collections::BTreeSet;

/// How often what turns out to be missing is asked for, too.
const ROUNDS: usize = 4;

/// Wheels, and the system that they were taken for.
pub(super) struct Gathered {
    pub platform: Platform,
    wheels: Vec<BundledWheel>,
    /// Where they come from, as messages call it.
    from: String,
    /// What was asked for.
    roots: Vec<Root>,
    terms: Terms,
}

/// Makes the bundle of a project.
pub(super) struct Maker<'a> {
    pub bundles: &'a Bundles,
    pub project: &'a Project,
}

impl Maker<'_> {
    /// What the project's own wheel needs.
    pub fn own_fit(&self, platform: &Platform) -> Result<platform::Fit, BuildError> {
        let built = self
            .project
            .python
            .as_ref()
            .and_then(|python| python.built.as_ref());
        let Some(built) = built else {
            return Ok(platform::Fit::default());
        };
        platform.fit(built.wheel_name.arch()).ok_or_else(|| {
            let message = format!(
                "`{}`, which was built here, is not for {}",
                built.wheel_name,
                platform.shown()
            );
            Diagnostic::new(message)
                .hint("build it where that Python is, or leave that distribution out of --for")
                .into()
        })
    }

    /// Where the lock or the bundle was asked for.
    fn place(&self) -> Option<&Place> {
        let keys = &self.project.manifest.bundle;
        let lock = keys.lock.as_ref().map(|(_, place)| place);
        lock.or(keys.asked_at.as_ref())
    }

    fn around(&self) -> Surroundings<'_> {
        let keys = &self.project.manifest.bundle;
        Surroundings {
            root: &self.project.root,
            keys,
            settings: &self.bundles.settings,
            limit: self.bundles.limit,
            project: &self.project.name,
            place: self.place().cloned(),
        }
    }

    fn lock(&self, platform: &Platform) -> Result<Lock, BuildError> {
        let project = self.project;
        let keys = &project.manifest.bundle;
        lock::read(&project.root, keys, &project.name, &project.metadata, platform)
    }

    /// The wheels of what was locked. Where that is another version for another Python, and no Python was named, those
    /// for the newest Pythons that can be had.
    pub fn gather(&self, platform: &Platform, notes: &mut Vec<String>) -> Result<Gathered, BuildError> {
        let lock = self.lock(platform)?;
        let Some((one, other)) = lock.fork() else {
            return self.taken(lock, platform, notes);
        };
        let mut failure = None;
        let mut tried = BTreeSet::new();
        let minors = if platform.minor.is_none() {
            OLDEST..NEWEST + 1
        } else {
            0..0
        };
        for minor in minors.rev() {
            let there = self.lock(&Platform {
                minor: Some(minor),
                ..platform.clone()
            })?;
            let chosen = lock.as_forked_in(&there);
            let version = chosen.version_of(&one.name);
            if chosen.fork().is_some() || !tried.insert(chosen.versions()) {
                continue;
            }
            let mut said = Vec::new();
            let gathered = self.taken(chosen, platform, &mut said).and_then(|gathered| {
                let range = self.closure(&gathered).range(&gathered.platform);
                range.map_err(|gap| gap.problem)?;
                Ok(gathered)
            });
            match gathered {
                Ok(gathered) => {
                    notes.append(&mut said);
                    notes.push(forked(one, other, version.as_deref()));
                    return Ok(gathered);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or_else(|| {
            let message = format!(
                "`{}` is locked in two versions for {}, {} and {}",
                one.name,
                platform.shown(),
                one.version,
                other.version
            );
            let problem = Diagnostic::new(message).at(other.place.clone());
            problem
                .related("the other one", one.place.clone())
                .hint("write the lock anew with the tool that made it")
                .into()
        }))
    }

    /// The wheels of a lock that has each project once, or of requirements.
    fn taken(
        &self,
        lock: Lock,
        platform: &Platform,
        notes: &mut Vec<String>,
    ) -> Result<Gathered, BuildError> {
        let keys = &self.project.manifest.bundle;
        if let Some((shown, place)) = &keys.wheels
            && !self.project.root.join(shown).is_dir()
        {
            let problem = Diagnostic::new(format!("`{shown}` is not a directory")).at(place.clone());
            return Err(problem.hint("name one that has the wheels of the bundle").into());
        }
        match lock {
            Lock::Pins {
                file,
                pins,
                options,
                terms,
            } => {
                let (files, platform) = match &keys.wheels {
                    _ if pins.is_empty() => (Vec::new(), platform.clone()),
                    Some((shown, _)) => {
                        Shelf::new(&self.project.root.join(shown), shown)?.choose(&pins, platform)?
                    }
                    None => self.fetched(&Wish::Pins(&pins, &options), platform)?,
                };
                let roots = pins.iter().filter(|pin| pin.is_root).filter_map(root);
                let roots = roots.collect();
                self.read(&files, platform, &file, (roots, terms))
            }
            Lock::Open { file, lines } => {
                if lines.iter().all(|(line, _)| line.starts_with('-')) {
                    let none = (Vec::new(), Terms::default());
                    return self.read(&[], platform.clone(), "the requirements", none);
                }
                notes.push(match &file {
                    Some(file) => format!(
                        "{file} has no hashes: what the index has today is bundled, and the next build may have others"
                    ),
                    None => "there is no lock file: what the index has today is bundled, and the next build may have \
                             others; `uv lock` writes one"
                        .to_owned(),
                });
                self.open(lines, platform, file.as_deref().unwrap_or("the bundle"))
            }
        }
    }

    /// Wheels for a platform; where none is known, those that run anywhere, else those for the Python of pip.
    fn fetched(
        &self,
        wish: &Wish<'_>,
        platform: &Platform,
    ) -> Result<(Vec<WheelFile>, Platform), BuildError> {
        let around = self.around();
        let first = around.fetch(wish, Some(platform));
        if platform.minor.is_some() {
            return Ok((first?, platform.clone()));
        }
        let files = match first {
            Ok(files) => return Ok((files, platform.clone())),
            Err(error) => match around.fetch(wish, None) {
                Ok(files) => files,
                Err(_) => return Err(error),
            },
        };
        let minor = files
            .iter()
            .filter_map(|file| platform.fit(file.name.arch())?.one_minor);
        let minor = minor.max();
        Ok((
            files,
            Platform {
                minor,
                ..platform.clone()
            },
        ))
    }

    /// Resolves requirements, and asks for what is left out because pip runs on another Python.
    fn open(&self, mut lines: Lines, platform: &Platform, from: &str) -> Result<Gathered, BuildError> {
        let (files, found) = self.fetched(&Wish::Open(&lines), platform)?;
        let wanted = (asked(&lines), Terms::default());
        let mut gathered = self.read(&files, found, from, wanted.clone())?;
        for _ in 0..ROUNDS {
            let Err(Gap {
                requirement: Some(more),
                ..
            }) = self.closure(&gathered).complete(&gathered.platform)
            else {
                break;
            };
            lines.push((more, None));
            match self.fetched(&Wish::Open(&lines), platform) {
                Ok((files, found)) => gathered = self.read(&files, found, from, wanted.clone())?,
                // What is missing is said then; on other Pythons it may not be needed.
                Err(_) => break,
            }
        }
        Ok(gathered)
    }

    fn read(
        &self,
        files: &[WheelFile],
        platform: Platform,
        from: &str,
        (roots, terms): (Vec<Root>, Terms),
    ) -> Result<Gathered, BuildError> {
        let mut wheels = Vec::new();
        for file in files
            .iter()
            .filter(|file| file.name.package() != self.project.name.as_str())
        {
            wheels.push(file.read()?);
        }
        wheels.sort_by(|a, b| a.name.cmp(&b.name));
        let same = wheels
            .windows(2)
            .find(|two| two[0].name.package() == two[1].name.package());
        if let Some([one, other]) = same {
            let message = format!("the bundle would have `{}` and `{}`", one.name, other.name);
            let problem = Diagnostic::new(message).hint("ask for one version of it");
            return Err(match &other.place {
                Some(place) => problem.at(place.clone()).into(),
                None => problem.into(),
            });
        }
        let from = from.to_owned();
        Ok(Gathered {
            platform,
            wheels,
            from,
            roots,
            terms,
        })
    }

    fn closure<'g>(&'g self, gathered: &'g Gathered) -> Closure<'g> {
        let core = &self.project.metadata.core;
        Closure {
            project: &self.project.name,
            requires_dist: &core.requires_dist,
            requires_python: core.requires_python.as_deref(),
            wheels: &gathered.wheels,
            roots: &gathered.roots,
            terms: &gathered.terms,
            from: &gathered.from,
            place: self.place(),
        }
    }

    pub fn bundle(&self, gathered: Gathered, own: platform::Fit) -> Result<Bundle, BuildError> {
        let platform = &gathered.platform;
        let mut fits = vec![own];
        for wheel in &gathered.wheels {
            let fit = platform.fit(wheel.name.arch()).ok_or_else(|| {
                let message = format!("`{}` is not for {}", wheel.name, platform.shown());
                Diagnostic::new(message).hint("lock, or put into the directory, the wheel that is")
            })?;
            fits.push(fit);
        }
        let closure = self.closure(&gathered);
        let mut notes = Vec::new();
        let one = fits.iter().find_map(|fit| fit.one_minor);
        let pythons = if let Some(minor) = one {
            closure.complete(platform).map_err(|gap| gap.problem)?;
            let because = gathered.wheels.iter().find(|wheel| {
                platform
                    .fit(wheel.name.arch())
                    .is_some_and(|fit| fit.one_minor.is_some())
            });
            let because =
                because.map_or_else(|| self.project.name.to_string(), |wheel| wheel.name.to_string());
            notes.push(format!(
                "the bundle is for Python 3.{minor} alone, because of `{because}`"
            ));
            Pythons::One(minor)
        } else {
            if platform.minor.is_some() {
                closure.complete(platform).map_err(|gap| gap.problem)?;
            }
            let mut range = closure.range(platform).map_err(|gap| gap.problem)?;
            let least = fits.iter().filter_map(|fit| fit.least_minor).max();
            range.least = range.least.max(least.unwrap_or(0));
            if let Some(below) = range.below {
                notes.push(format!(
                    "the bundle does not have all that it needs on Python 3.{below} and later, and says so"
                ));
            }
            Pythons::Range(range)
        };
        Ok(Bundle {
            pythons,
            glibc: fits.iter().filter_map(|fit| fit.glibc).max(),
            is_compiled: fits.iter().any(|fit| fit.is_compiled),
            notes,
            wheels: gathered.wheels,
        })
    }
}

/// What a pin asks for.
fn root(pin: &Pin) -> Option<Root> {
    let root: Root = format!("{}=={}", pin.name, pin.version).parse().ok()?;
    Some(Root {
        extras: pin.extras.clone(),
        marker: pin.marker.clone(),
        ..root
    })
}

/// What lines for pip ask for; options, and what only pip understands, aside.
fn asked(lines: &Lines) -> Vec<Root> {
    lines.iter().filter_map(|(line, _)| line.parse().ok()).collect()
}

/// The user should know that a lock with several versions was taken in part.
fn forked(one: &Pin, other: &Pin, taken: Option<&str>) -> String {
    let taken = taken.map_or_else(|| "neither".to_owned(), ToOwned::to_owned);
    format!(
        "`{}` is locked in {} and {}, for different Pythons: the bundle has {taken}; --for takes what a distribution's \
         Python needs",
        one.name, one.version, other.version
    )
}
