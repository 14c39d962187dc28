//! The index files of a distribution: their names, and what they are ropes of.

use super::{contents::Contents, description::Translations, packages::Packages, sources::Sources};
use crate::rope::Document;
use packyard_types::{ComponentName, DebArch, Encoding};

/// One index file in all its encodings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Index {
    /// The packages of a component for an architecture.
    Packages(ComponentName, DebArch),
    /// The long descriptions of a component's packages, in English: what control files are written in.
    Translation(ComponentName),
    /// The source packages of a component.
    Sources(ComponentName),
    /// The files in a component's packages: of one architecture, or those for `all`.
    Contents(ComponentName, DebArch),
    /// The files in a component's source packages.
    ContentsSource(ComponentName),
}

impl Index {
    /// The name of its rope, which is the tree's own business.
    pub(super) fn rope(&self) -> String {
        match self {
            Self::Packages(component, arch) => format!("{component}/packages/{arch}"),
            Self::Translation(component) => format!("{component}/translation"),
            Self::Sources(component) => format!("{component}/sources"),
            Self::Contents(component, arch) => format!("{component}/contents/{arch}"),
            Self::ContentsSource(component) => format!("{component}/contents-source"),
        }
    }

    /// Its path below `dists/{distribution}/`, as it is called before it is packed.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Packages(component, arch) => format!("{component}/binary-{arch}/Packages"),
            Self::Translation(component) => format!("{component}/i18n/Translation-en"),
            Self::Sources(component) => format!("{component}/source/Sources"),
            Self::Contents(component, arch) => format!("{component}/Contents-{arch}"),
            Self::ContentsSource(component) => format!("{component}/Contents-source"),
        }
    }

    /// Its syntax.
    pub(super) fn document(&self) -> &'static dyn Document {
        match self {
            Self::Packages(..) => &Packages,
            Self::Translation(_) => &Translations,
            Self::Sources(_) => &Sources,
            Self::Contents(..) | Self::ContentsSource(_) => &Contents,
        }
    }

    /// The component and the architecture of a `Packages` by its path in a tree of whatever layout.
    pub(super) fn place_of_packages(path: &str) -> Option<(ComponentName, DebArch)> {
        let mut parts = path.strip_prefix("dists/")?.split_once('/')?.1.split('/');
        let (component, binary, name) = (parts.next()?, parts.next()?, parts.next()?);
        if name != "Packages" || parts.next().is_some() {
            return None;
        }
        let arch = DebArch::parse(binary.strip_prefix("binary-")?).ok()?;
        Some((ComponentName::parse(component).ok()?, arch))
    }
}

/// What follows the path of an index file in each encoding.
pub(super) const SUFFIXES: [(Encoding, &str); 4] = [
    (Encoding::Plain, ""),
    (Encoding::Gzip, ".gz"),
    (Encoding::Xz, ".xz"),
    (Encoding::Zstd, ".zst"),
];

/// Whether a rope of a tree lists the contents of packages.
pub(super) fn is_contents_rope(name: &str) -> bool {
    let rest = name.split_once('/').map_or("", |(_, rest)| rest);
    rest == "contents-source" || rest.starts_with("contents/")
}
