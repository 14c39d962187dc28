//! Bundles: the wheels that an application brings along, so that it needs none of the system's Python packages.
//!
//! | module | what it knows |
//! |---|---|
//! | `lock` | what was locked, whichever tool wrote it |
//! | `platform` | which wheels run where |
//! | `choose` | wheels of a directory, without any tool |
//! | `fetch` | wheels of an index, by pip |
//! | `wheel` | what a wheel holds |
//! | `closure` | whether anything is missing, and on which Pythons |
//!
//! Only wheels are taken: nothing of others is built here.

mod choose;
mod closure;
mod fetch;
mod lock;
mod platform;
mod wheel;

pub(crate) use closure::Range;
pub(crate) use lock::file_name as lock_file;
pub(crate) use platform::Platform;
pub(crate) use wheel::BundledWheel;

use crate::{BuildError, Diagnostic, Options, project::Project};
use choose::Shelf;
use closure::{Closure, Gap};
use fetch::{Surroundings, Wish};
use lock::{Lines, Lock};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};
use wheel::WheelFile;

/// How often what turns out to be missing is asked for, too.
const ROUNDS: usize = 4;

/// The Pythons that a bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pythons {
    /// Python 3.N alone, whose ABI compiled modules have.
    One(u64),
    /// All of these.
    Range(Range),
}

/// What a package holds besides the project itself.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// By project.
    pub wheels: Vec<BundledWheel>,
    pub pythons: Pythons,
    /// The N of the least glibc 2.N that its wheels name.
    pub glibc: Option<u64>,
    /// Whether it is for one machine.
    pub is_compiled: bool,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// The bundles of one build: a .deb and an .rpm for the same Python hold the same wheels.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    settings: Vec<(String, String)>,
    limit: Option<Duration>,
    made: RefCell<BTreeMap<Platform, Rc<Bundle>>>,
}

impl Bundles {
    /// None yet.
    pub fn new(options: &Options) -> Self {
        Self {
            settings: options.pip_settings.clone(),
            limit: options.backend_limit,
            made: RefCell::default(),
        }
    }

    /// The one for a Python and system.
    pub fn of(&self, project: &Project, platform: &Platform) -> Result<Rc<Bundle>, BuildError> {
        if let Some(made) = self.made.borrow().get(platform) {
            return Ok(Rc::clone(made));
        }
        let made = Rc::new(self.make(project, platform)?);
        self.made.borrow_mut().insert(platform.clone(), Rc::clone(&made));
        Ok(made)
    }

    fn make(&self, project: &Project, platform: &Platform) -> Result<Bundle, BuildError> {
        let maker = Maker {
            bundles: self,
            project,
        };
        let own = maker.own_fit(platform)?;
        let platform = Platform {
            minor: platform.minor.or(own.one_minor),
            ..platform.clone()
        };
        let mut notes = Vec::new();
        let gathered = maker.gather(&platform, &mut notes)?;
        let mut bundle = maker.bundle(gathered, own)?;
        bundle.notes.splice(..0, notes);
        Ok(bundle)
    }
}

/// Wheels, and the system that they were taken for.
struct Gathered {
    platform: Platform,
    wheels: Vec<BundledWheel>,
    /// Where they come from, as messages call it.
    from: String,
}

struct Maker<'a> {
    bundles: &'a Bundles,
    project: &'a Project,
}

impl Maker<'_> {
    /// What the project's own wheel needs.
    fn own_fit(&self, platform: &Platform) -> Result<platform::Fit, BuildError> {
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

    fn around(&self) -> Surroundings<'_> {
        let keys = &self.project.manifest.bundle;
        let place = keys
            .lock
            .as_ref()
            .map(|(_, place)| place)
            .or(keys.asked_at.as_ref());
        Surroundings {
            root: &self.project.root,
            keys,
            settings: &self.bundles.settings,
            limit: self.bundles.limit,
            project: &self.project.name,
            place: place.cloned(),
        }
    }

    fn gather(&self, platform: &Platform, notes: &mut Vec<String>) -> Result<Gathered, BuildError> {
        let project = self.project;
        let keys = &project.manifest.bundle;
        let lock = lock::read(&project.root, keys, &project.name, &project.metadata, platform)?;
        match lock {
            Lock::Pins { pins, .. } if pins.is_empty() => self.read(Vec::new(), platform.clone(), "the lock"),
            Lock::Pins { file, pins, options } => {
                let (files, platform) = if let Some((shown, place)) = &keys.wheels {
                    let directory = project.root.join(shown);
                    if !directory.is_dir() {
                        let problem =
                            Diagnostic::new(format!("`{shown}` is not a directory")).at(place.clone());
                        return Err(problem.hint("name one that has the wheels of the bundle").into());
                    }
                    Shelf::new(&directory, shown)?.choose(&pins, platform)?
                } else {
                    self.fetched(&Wish::Pins(&pins, &options), platform)?
                };
                self.read(files, platform, &file)
            }
            Lock::Open { lines, .. } if lines.iter().all(|(line, _)| line.starts_with('-')) => {
                self.read(Vec::new(), platform.clone(), "the requirements")
            }
            Lock::Open { file, lines } => {
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
        let mut gathered = self.read(files, found, from)?;
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
                Ok((files, found)) => gathered = self.read(files, found, from)?,
                // What is missing is said then; on other Pythons it may not be needed.
                Err(_) => break,
            }
        }
        Ok(gathered)
    }

    fn read(&self, files: Vec<WheelFile>, platform: Platform, from: &str) -> Result<Gathered, BuildError> {
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
            let problem = Diagnostic::new(message).hint("lock one version of it for each Python");
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
        })
    }

    fn closure<'g>(&'g self, gathered: &'g Gathered) -> Closure<'g> {
        let core = &self.project.metadata.core;
        Closure {
            project: &self.project.name,
            requires_dist: &core.requires_dist,
            requires_python: core.requires_python.as_deref(),
            wheels: &gathered.wheels,
            from: &gathered.from,
        }
    }

    fn bundle(&self, gathered: Gathered, own: platform::Fit) -> Result<Bundle, BuildError> {
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

/// The oldest Python that is reckoned with; a bundle that runs on it says no least one.
pub(crate) const OLDEST_MINOR: u64 = closure::OLDEST;
