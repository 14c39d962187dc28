//! `debian/` written into the project, for the one who wants to go on with it by hand.

use crate::{BuildError, Diagnostic, Options, plan};
use packyard_formats::content::SourceFile;
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
/// may hold the project's changelog and no more. All of it is made beside it before anything is moved there.
pub fn eject_debian(root: &Path, options: &Options) -> Result<Ejected, BuildError> {
    let (files, notes) = plan::debian_directory(root, options)?;
    refuse_what_is_there(root, files.contains_key("changelog"))?;
    let write_failed = |path: &Path| {
        let file = path.display().to_string();
        move |source| BuildError::Write { file, source }
    };
    let staging = tempfile::Builder::new()
        .prefix(".packyard-eject-")
        .tempdir_in(root)
        .map_err(write_failed(root))?;
    let made = staging.path().join("debian");
    for (name, file) in &files {
        let path = made.join(name);
        write(&path, file).map_err(write_failed(&path))?;
    }
    let debian = root.join("debian");
    if debian.exists() {
        for name in crate::files::names(&made)? {
            let path = debian.join(&name);
            fs::rename(made.join(&name), &path).map_err(write_failed(&path))?;
        }
    } else {
        fs::rename(&made, &debian).map_err(write_failed(&debian))?;
    }
    Ok(Ejected {
        files: files.keys().map(|name| format!("debian/{name}")).collect(),
        notes,
    })
}

/// `has_log`: the changelog is written, too, so that even one that is there is refused.
fn refuse_what_is_there(root: &Path, has_log: bool) -> Result<(), BuildError> {
    let debian = root.join("debian");
    if !debian.exists() {
        return Ok(());
    }
    let there = crate::files::names(&debian)?;
    let Some(first) = there.iter().find(|name| has_log || *name != "changelog") else {
        return Ok(());
    };
    let problem = Diagnostic::new(format!(
        "`debian/{first}` is there already, and is not overwritten"
    ));
    Err(problem
        .hint("remove debian/, or move it away, to have it written anew")
        .into())
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
