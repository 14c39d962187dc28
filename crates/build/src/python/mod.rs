//! Python projects: which files are their modules, and what a wheel and an sdist hold.

pub(crate) mod backend;
mod discover;
mod dist_info;
mod glob;
pub(crate) mod launcher;
pub(crate) mod requires;
mod sdist;

pub(crate) use discover::modules;
pub use discover::{PackageFinder, Selection};
pub(crate) use dist_info::{dist_info_files, dist_info_name};
pub(crate) use glob::glob;
pub(crate) use sdist::sdist_files;

use packyard_formats::content::SourceFile;
use std::collections::BTreeMap;

/// Files by their path below a site directory, a wheel or an sdist.
pub type Files = BTreeMap<String, SourceFile>;
