//! What `packyard login` stored: one server and its token, in the user's configuration directory, mode 0600.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::PathBuf};

/// A server and the token that it knows us by.
#[derive(Debug, Serialize, Deserialize)]
pub struct Login {
    /// The server's URL, without a slash at its end.
    pub server: String,
    /// The token.
    pub token: String,
}

fn path() -> anyhow::Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".config"));
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(home);
    Ok(base
        .context("neither XDG_CONFIG_HOME nor HOME is set")?
        .join("packyard/login.json"))
}

/// The stored login, where there is one.
pub fn load() -> anyhow::Result<Option<Login>> {
    let Ok(path) = path() else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e).with_context(|| format!("reading `{}`", path.display())),
    };
    let login = serde_json::from_str(&text);
    let hint = || {
        format!(
            "`{}` is not what `packyard login` writes; log in again",
            path.display()
        )
    };
    Ok(Some(login.with_context(hint)?))
}

/// Stores a login; gives the file's path.
pub fn store(login: &Login) -> anyhow::Result<PathBuf> {
    let path = path()?;
    let dir = path
        .parent()
        .context("the configuration directory has no parent")?;
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o600))?;
        writeln!(file, "{}", serde_json::to_string_pretty(login)?)?;
        file.persist(&path)?;
        Ok(())
    };
    write().with_context(|| format!("writing `{}`", path.display()))?;
    Ok(path)
}
