//! Keys of gpg's, as people have them who sign.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Outcome, run, system_command};

/// A home directory with keys of gpg's.
pub struct Gnupg(TempDir);

impl Gnupg {
    /// An empty one.
    pub fn new() -> Self {
        let home = TempDir::new().unwrap();
        fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Self(home)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs gpg in it.
    pub fn gpg(&self, args: &[&str]) -> Outcome {
        let mut gpg = system_command("gpg");
        gpg.env("GNUPGHOME", self.0.path())
            .args(["--batch", "--passphrase", ""]);
        run(gpg.args(args))
    }

    /// Makes a key, `how` as `--quick-generate-key` has it. Its fingerprint, and the file of its public half.
    pub fn key(&self, name: &str, how: &[&str]) -> (String, PathBuf) {
        self.gpg(&[&["--quick-generate-key", name], how].concat()).ok();
        let listed = self.gpg(&["--with-colons", "--list-keys", name]).ok();
        let line = listed.stdout.lines().find(|l| l.starts_with("fpr:")).unwrap();
        (line.split(':').nth(9).unwrap().to_owned(), self.export(name))
    }

    /// The file of a key's public half.
    pub fn export(&self, name: &str) -> PathBuf {
        let exported = self.gpg(&["--armor", "--export", name]).ok();
        let file = self
            .0
            .path()
            .join(format!("{}.asc", name.replace(['<', '>', ' '], "")));
        fs::write(&file, exported.stdout).unwrap();
        file
    }

    /// Signs a .changes and what it names, as a maintainer does.
    pub fn debsign(&self, changes: &Path, key: &str) {
        let mut debsign = system_command("debsign");
        debsign
            .env("GNUPGHOME", self.0.path())
            .args(["--no-conf", "--re-sign"]);
        run(debsign.arg(format!("-k{key}")).arg(changes)).ok();
    }

    /// Signs an .rpm in its place, as a packager does.
    pub fn rpmsign(&self, rpm: &Path, key: &str, how: &[&str]) {
        let home = self.0.path();
        let mut rpmsign = system_command("rpmsign");
        rpmsign.env("GNUPGHOME", home).args(how).arg("--resign");
        rpmsign.args(["--define", &format!("_gpg_name {key}")]);
        rpmsign.args(["--define", &format!("_gpg_path {}", home.display())]);
        rpmsign.args(["--define", "__gpg /usr/bin/gpg"]);
        run(rpmsign.arg(rpm)).ok();
    }

    /// Signs a file alone, with options of gpg's.
    pub fn clearsign(&self, file: &Path, how: &[&str]) {
        let to = file.with_extension("signed");
        let args = ["--yes", "--clearsign", "-o", to.to_str().unwrap()];
        self.gpg(&[how, &args, &[file.to_str().unwrap()]].concat()).ok();
        fs::rename(to, file).unwrap();
    }
}

impl Drop for Gnupg {
    fn drop(&mut self) {
        let mut kill = system_command("gpgconf");
        run(kill.env("GNUPGHOME", self.0.path()).args(["--kill", "all"]));
    }
}
