//! Small packages that dpkg-deb makes of a few fields and files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Reply, Request, Yard, run, system_command};

/// A tree that dpkg-deb packs.
pub struct SmallDeb {
    directory: TempDir,
    name: String,
    version: String,
    arch: String,
    fields: Vec<(String, String)>,
    latest: Option<u64>,
}

impl SmallDeb {
    /// A package for every architecture, with one file that says its version.
    pub fn new(name: &str, version: &str) -> Self {
        let deb = Self {
            directory: TempDir::new().unwrap(),
            name: name.to_owned(),
            version: version.to_owned(),
            arch: "all".to_owned(),
            fields: Vec::new(),
            latest: None,
        };
        deb.file(&format!("usr/share/{name}/version"), version)
    }

    /// For one architecture.
    pub fn arch(mut self, arch: &str) -> Self {
        arch.clone_into(&mut self.arch);
        self
    }

    /// With another field of `control`, or another value of one that it has.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With files as new as this, in seconds since 1970; dpkg-deb dates none after its own time by itself.
    pub fn files_until(mut self, seconds: u64) -> Self {
        self.latest = Some(seconds);
        self
    }

    /// With a file; in `DEBIAN/` one of control.tar.
    pub fn file(self, path: &str, text: &str) -> Self {
        let file = self.tree().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let mode = if path.starts_with("DEBIAN/p") {
            0o755
        } else {
            0o644
        };
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// The tree that is packed.
    pub fn tree(&self) -> PathBuf {
        self.directory.path().join("tree")
    }

    /// The finished file, which lives as long as this.
    pub fn build(&self) -> PathBuf {
        let mut fields = vec![
            ("Package", self.name.as_str()),
            ("Version", &self.version),
            ("Architecture", &self.arch),
            ("Maintainer", "Jane <jane@example.org>"),
            ("Section", "utils"),
            ("Priority", "optional"),
            ("Description", "a small package\n for a test."),
        ];
        for (name, value) in &self.fields {
            fields.retain(|(own, _)| own != name);
            fields.push((name, value));
        }
        let control: String = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        let version = self
            .version
            .split_once(':')
            .map_or(&*self.version, |(_, rest)| rest);
        let file = self
            .directory
            .path()
            .join(format!("{}_{version}_{}.deb", self.name, self.arch));
        let built = self.file_of_control(&control);
        let mut pack = system_command("dpkg-deb");
        // What is broken on purpose is for the yard to find.
        pack.args(["--root-owner-group", "--nocheck", "-Zgzip", "--build"]);
        if let Some(latest) = self.latest {
            pack.env("SOURCE_DATE_EPOCH", latest.to_string());
        }
        run(pack.arg(built).arg(&file)).ok();
        file
    }

    fn file_of_control(&self, control: &str) -> PathBuf {
        fs::create_dir_all(self.tree().join("DEBIAN")).unwrap();
        fs::write(self.tree().join("DEBIAN/control"), control).unwrap();
        self.tree()
    }

    /// Puts it to `DISTRIBUTION/COMPONENT` of channel main, as `curl -T` does.
    pub fn put(&self, yard: &Yard, place: &str) -> Reply {
        let file = self.build();
        let name = file.file_name().unwrap().to_str().unwrap();
        let url = yard.url(&format!("/main/apt/upload/{place}/{name}"));
        Request::new("PUT", &url)
            .token(&yard.admin_token())
            .send_file(&file)
    }
}
