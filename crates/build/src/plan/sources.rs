//! What the `source` of a `[[file]]` means: which files of the project, and where each is installed.
//!
//! - A name that is there is that file or directory, whatever its characters; only then it may be a pattern.
//! - A directory is taken whole, hidden files and empty directories with it, but for what version control and caches
//!   leave behind.
//! - A link stays a link where what it leads to is installed by the same `[[file]]`; else it is what it leads to, which
//!   must be a file of the project.

use crate::{
    BuildError, Diagnostic, Place, files, manifest::FileKeys, pattern::Pattern, release::RELEASE_FILE,
};
use packyard_formats::nearest::nearest;
use packyard_types::{InstallPath, Invalid};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use walkdir::WalkDir;

/// What version control, caches and desktops leave in a directory.
const LEFT_BEHIND: [&str; 14] = [
    ".git",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".gitkeep",
    ".keep",
    ".hg",
    ".hgignore",
    ".hgtags",
    ".svn",
    ".bzr",
    ".bzrignore",
    ".DS_Store",
    "__pycache__",
];

/// How many names of a directory a hint shows.
const SHOWN: usize = 5;

/// How exactly a `[[file]]` names a path: of two that name one, the more exact one says how it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exactness {
    /// Something in a directory that is taken whole.
    Within,
    /// What a pattern finds.
    Matched,
    /// Its own name.
    Named,
}

/// What one thing becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ItemKind {
    Directory,
    File,
    Link(String),
}

/// One thing of the project that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Relative to the project.
    pub source: String,
    pub target: InstallPath,
    pub kind: ItemKind,
    pub exactness: Exactness,
}

/// Everything that a `source` stands for, sorted.
pub(super) fn items(
    root: &Path,
    keys: &FileKeys,
    source: &str,
    place: &Place,
) -> Result<Vec<Item>, BuildError> {
    let mut named = Named {
        root,
        place,
        all: BTreeMap::new(),
    };
    let parts: Vec<&str> = source
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let name = parts.join("/");
    if source.starts_with('/') || parts.contains(&"..") || source.contains('\0') || source.is_empty() {
        return Err(named.missing(source).into());
    }
    if root.join(&name).symlink_metadata().is_ok() {
        let target = keys.target.of(parts.last().unwrap_or(&"."));
        named.take(&name, named.valid(target)?, Exactness::Named)?;
        return named.items();
    }
    let Some(pattern) = Pattern::parse(source) else {
        return Err(named.missing(&name).into());
    };
    named.inside(pattern.base())?;
    for found in pattern.find(root)? {
        // What the pattern itself names is meant.
        let below = found.match_indices('/').map(|(at, _)| at).chain([found.len()]);
        let mut above = below
            .filter(|at| *at >= pattern.base().len())
            .map(|at| &found[..at]);
        if above.any(|path| is_left_behind(root, path)) {
            continue;
        }
        let target = keys.target.below(&found[pattern.base().len()..]);
        named.take(&found, named.valid(target)?, Exactness::Matched)?;
    }
    if named.all.is_empty() {
        return Err(named.unmatched(source, &pattern)?.into());
    }
    named.items()
}

/// The files that some `[[file]]` name, as far as they are there.
pub(super) fn names(root: &Path, files: &[FileKeys]) -> Vec<String> {
    let sources = files
        .iter()
        .filter_map(|keys| Some((keys, keys.source.as_ref()?)));
    let items = sources.filter_map(|(keys, (source, place))| items(root, keys, source, place).ok());
    let files = items.flatten().filter(|item| item.kind != ItemKind::Directory);
    files.map(|item| item.source).collect()
}

/// What a source names, by its path in the project.
struct Named<'a> {
    root: &'a Path,
    place: &'a Place,
    all: BTreeMap<String, (InstallPath, Exactness)>,
}

impl Named<'_> {
    /// Takes a file, or a directory with all that lies in it.
    fn take(&mut self, name: &str, target: InstallPath, exactness: Exactness) -> Result<(), BuildError> {
        let full = self.root.join(name);
        let is_link = full.is_symlink() && exactness != Exactness::Named;
        if is_link || !full.is_dir() {
            self.all.insert(name.to_owned(), (target, exactness));
            return Ok(());
        }
        self.inside(name)?;
        let wanted = |entry: &walkdir::DirEntry| {
            let relative = entry.path().strip_prefix(self.root).unwrap_or(entry.path());
            entry.depth() == 0 || !is_left_behind(self.root, &relative.to_string_lossy())
        };
        let failed = files::walk_error(&full);
        let mut found = Vec::new();
        for entry in WalkDir::new(&full)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(wanted)
        {
            let entry = entry.map_err(&failed)?;
            let below = entry.path().strip_prefix(&full).unwrap_or(entry.path());
            let Some(below) = below.to_str() else {
                let message = format!("`{}` has a name that is not UTF-8", entry.path().display());
                return Err(self.problem(message).hint("give it another name").into());
            };
            let (name, target) = match below {
                "" => (name.to_owned(), target.clone()),
                below => (joined(name, below), self.valid(target.join(below))?),
            };
            found.push((name, (target, Exactness::Within)));
        }
        for (name, place) in found {
            self.all.entry(name).or_insert(place);
        }
        Ok(())
    }

    /// Decides what each is.
    fn items(self) -> Result<Vec<Item>, BuildError> {
        let targets: BTreeSet<&str> = self.all.values().map(|(target, _)| target.as_str()).collect();
        let item = |(source, (target, exactness)): (&String, &(InstallPath, Exactness))| {
            Ok(Item {
                kind: self.kind(source, *exactness, &targets)?,
                source: source.clone(),
                target: target.clone(),
                exactness: *exactness,
            })
        };
        self.all.iter().map(item).collect()
    }

    fn kind(
        &self,
        source: &str,
        exactness: Exactness,
        targets: &BTreeSet<&str>,
    ) -> Result<ItemKind, BuildError> {
        let full = self.root.join(source);
        let is_link = full.is_symlink();
        if is_link && exactness != Exactness::Named {
            let to = std::fs::read_link(&full).ok();
            let to = to.as_deref().and_then(Path::to_str).unwrap_or_default();
            let leads_along = match to.strip_prefix('/') {
                Some(_) => targets.contains(to),
                // One that leads around in a circle is not there.
                None => full.exists() && resolved(source, to).is_some_and(|end| self.all.contains_key(&end)),
            };
            if leads_along {
                return Ok(ItemKind::Link(to.to_owned()));
            }
        }
        self.inside(source)?;
        if full.is_file() {
            return Ok(ItemKind::File);
        }
        if full.is_dir() && !(is_link && exactness != Exactness::Named) {
            return Ok(ItemKind::Directory);
        }
        let hint = "say where it leads once it is installed: a [[file]] with `symlink`";
        let problem = match (is_link, full.is_dir()) {
            (true, true) => format!("`{source}` is a link to a directory that is not installed with it"),
            (true, false) => format!("`{source}` is a link that leads nowhere"),
            _ => {
                let message = format!("`{source}` is neither a file nor a directory nor a link");
                return Err(self.problem(message).hint("leave it out").into());
            }
        };
        Err(self.problem(problem).hint(hint).into())
    }

    fn problem(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(message).at(self.place.clone())
    }

    fn valid(&self, target: Result<InstallPath, Invalid>) -> Result<InstallPath, BuildError> {
        target.map_err(|e| {
            let message = format!("`{}` is not a valid {}", e.value, e.noun);
            self.problem(message).hint(e.rule).into()
        })
    }

    /// Nothing of the machine that builds goes into a package.
    fn inside(&self, name: &str) -> Result<(), BuildError> {
        files::check_inside(self.root, name).map_err(|problem| problem.at(self.place.clone()).into())
    }

    /// A name that is not there, with the nearest that is.
    fn missing(&self, name: &str) -> Diagnostic {
        let hint = match self.nearest(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a file or directory, relative to the project's root".to_owned(),
        };
        self.problem(format!("`{name}` is not a file of the project"))
            .hint(hint)
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let (mut above, mut is_other) = (String::new(), false);
        for part in name.split('/') {
            let exact = joined(&above, part);
            if self.root.join(&exact).symlink_metadata().is_ok() {
                above = exact;
                continue;
            }
            let names = self.names(&above)?;
            match nearest(part, names.iter().map(String::as_str)) {
                Some(near) => above = joined(&above, near),
                None => return is_other.then_some(above),
            }
            is_other = true;
        }
        is_other.then_some(above)
    }

    /// What lies in a directory of the project; nothing of any other.
    fn names(&self, directory: &str) -> Option<Vec<String>> {
        self.inside(directory).ok()?;
        files::names(&self.root.join(directory)).ok()
    }

    /// A pattern that finds nothing, with what there is instead.
    fn unmatched(&self, source: &str, pattern: &Pattern) -> Result<Diagnostic, BuildError> {
        let base = pattern.base().trim_end_matches('/');
        let problem = self.problem(format!("nothing matches `{source}`"));
        if !self.root.join(base).is_dir() {
            let near = self.nearest(base);
            let near = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
            return Ok(problem.hint(format!("there is no directory `{base}`{near}")));
        }
        let all = files::names(&self.root.join(base))?;
        let (hidden, seen): (Vec<&String>, Vec<&String>) = all.iter().partition(|name| name.starts_with('.'));
        let shown: Vec<String> = seen.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        let more = if seen.len() > SHOWN { ", …" } else { "" };
        let called = if base.is_empty() {
            "the project".to_owned()
        } else {
            format!("`{base}`")
        };
        Ok(problem.hint(match (seen.is_empty(), hidden.is_empty()) {
            (false, _) => format!("{called} has {}{more}", shown.join(", ")),
            (true, false) => {
                format!("{called} has hidden files only, which a part that begins with `.` meets")
            }
            (true, true) => format!("{called} is empty"),
        }))
    }
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// What a link leads to, both relative to the project; none above the project.
fn resolved(link: &str, to: &str) -> Option<String> {
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What is in no package unless it is named: leftovers, and what packyard itself has built.
fn is_left_behind(root: &Path, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_bytecode = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "pyc");
    let is_built = path == "dist" && root.join(path).join(RELEASE_FILE).is_file();
    LEFT_BEHIND.contains(&name) || is_bytecode || is_built
}
