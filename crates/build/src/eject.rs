//! `debian/`, or a .spec and `rpm/`, written into the project, for the one who wants to go on with it by hand.

use crate::{BuildError, Diagnostic, Options, plan, python::Files};
use packyard_formats::content::SourceFile;
use packyard_types::ArtifactKind;
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ejected {
    /// The files, relative to the project and sorted.
    pub files: Vec<String>,
    /// What the user should know though it is no error.
    pub notes: Vec<String>,
}

/// Writes the `debian/` of a source package into the project in `root`. Nothing that is there is overwritten: a `debian/`
/// may hold the project's changelog and no more.
pub fn eject_debian(root: &Path, options: &Options) -> Result<Ejected, BuildError> {
    let (files, notes) = plan::ejected(root, options, ArtifactKind::Dsc)?;
    let debian = root.join("debian");
    if debian.exists() {
        let has_log = files.contains_key("debian/changelog");
        let there = crate::files::names(&debian)?;
        // A changelog that is written, too, is not the project's.
        if let Some(first) = there.iter().find(|name| has_log || *name != "changelog") {
            return Err(is_there(&format!("debian/{first}"), "debian/"));
        }
    }
    put(root, &files)?;
    Ok(Ejected {
        files: files.into_keys().collect(),
        notes,
    })
}

/// Writes the .spec of a source package into the project in `root`, and what it needs beside the project into `rpm/`.
/// Nothing that is there is overwritten.
pub fn eject_spec(root: &Path, options: &Options) -> Result<Ejected, BuildError> {
    let (files, notes) = plan::ejected(root, options, ArtifactKind::Srpm)?;
    if let Some(name) = files
        .keys()
        .find(|name| root.join(name).symlink_metadata().is_ok())
    {
        return Err(is_there(name, name));
    }
    put(root, &files)?;
    Ok(Ejected {
        files: files.into_keys().collect(),
        notes,
    })
}

fn is_there(name: &str, what: &str) -> BuildError {
    let problem = Diagnostic::new(format!("`{name}` is there already, and is not overwritten"));
    let hint = format!("remove {what}, or move it away, to have it written anew");
    problem.hint(hint).into()
}

/// All of it is made beside the project's files before anything is moved there: whole directories where there is none.
fn put(root: &Path, files: &Files) -> Result<(), BuildError> {
    let write_failed = |path: &Path| {
        let file = path.display().to_string();
        move |source| BuildError::Write { file, source }
    };
    let staging = crate::scratch::Scratch::within(root, ".packyard-eject-").map_err(write_failed(root))?;
    for (name, file) in files {
        let path = staging.path().join(name);
        write(&path, file).map_err(write_failed(&path))?;
    }
    for name in crate::files::names(staging.path())? {
        merge(&staging.path().join(&name), &root.join(&name)).map_err(write_failed(&root.join(&name)))?;
    }
    Ok(())
}

/// Moves what is not there, and goes into the directories that are.
fn merge(from: &Path, to: &Path) -> io::Result<()> {
    if !(from.is_dir() && to.is_dir()) {
        return fs::rename(from, to);
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        merge(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn write(path: &Path, file: &SourceFile) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    io::copy(&mut file.content.open()?, &mut File::create_new(path)?)?;
    if file.executable {
        make_executable(path)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may run it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> io::Result<()> {
    Ok(())
}
