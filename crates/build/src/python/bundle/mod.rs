//! Bundles: the wheels that an application brings along, so that it needs none of the system's Python packages.
//!
//! | module | what it knows |
//! |---|---|
//! | `lock` | what was locked, whichever tool wrote it |
//! | `platform` | which wheels run where |
//! | `choose` | wheels of a directory, without any tool |
//! | `fetch` | wheels of an index, by pip |
//! | `wheel` | what a wheel holds |
//! | `gather` | which of them a lock, or what pip resolves, makes a bundle of |
//! | `closure` | whether anything is missing, and on which Pythons |
//!
//! Only wheels are taken: nothing of others is built here.

mod choose;
mod closure;
mod fetch;
mod gather;
mod lock;
mod platform;
mod wheel;

pub(crate) use closure::Range;
pub(crate) use lock::file_name as lock_file;
pub(crate) use platform::Platform;
pub(crate) use wheel::BundledWheel;

use crate::{BuildError, Options, project::Project};
use gather::Maker;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

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

/// The oldest Python that is reckoned with; a bundle that runs on it says no least one.
pub(crate) const OLDEST_MINOR: u64 = closure::OLDEST;
