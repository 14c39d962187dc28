//! Python projects: which files are their modules, and what a wheel and an sdist hold.

pub(crate) mod backend;
pub(crate) mod bundle;
mod discover;
mod dist_info;
mod filelist;
mod flit;
mod hatch;
mod ignore;
pub(crate) mod launcher;
mod native;
pub(crate) mod requires;
mod sdist;
mod select;
mod setuptools;
mod uv;

pub use discover::PackageFinder;
pub(crate) use discover::module_path;
pub(crate) use dist_info::{dist_info_files, dist_info_name, parse_entry_points};
pub use flit::Flit;
pub(crate) use flit::find as flit_module;
pub use hatch::{Hatchling, Target};
pub(crate) use native::{native, native_python};
pub(crate) use sdist::{all_sources, sdist_files};
pub use select::Selection;
pub(crate) use select::{Unsure, plain_path};
pub use setuptools::Setuptools;
pub use uv::Uv;

/// A `pyproject.toml` for a project that has only a `setup.cfg`, which no frontend takes for a project.
pub(crate) const SETUPTOOLS: &str =
    "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";

use crate::glob;
use packyard_formats::content::SourceFile;
use std::collections::BTreeMap;

/// Files by their path below a site directory, a wheel or an sdist.
pub type Files = BTreeMap<String, SourceFile>;
