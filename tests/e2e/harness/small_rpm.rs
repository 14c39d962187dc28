//! Small packages that rpmbuild makes of a few fields and a changelog.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Reply, Request, Yard, run, system_command};

/// A spec that rpmbuild builds, with its source package.
pub struct SmallRpm {
    directory: TempDir,
    name: String,
    version: String,
    changelog: String,
    more: String,
}

impl SmallRpm {
    /// A package for every architecture, with one file that says its version.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            directory: TempDir::new().unwrap(),
            name: name.to_owned(),
            version: version.to_owned(),
            changelog: "- A version".to_owned(),
            more: String::new(),
        }
    }

    /// With these items as its changelog entry.
    pub fn changes(mut self, items: &str) -> Self {
        items.clone_into(&mut self.changelog);
        self
    }

    /// With a subpackage NAME-SUFFIX.
    pub fn subpackage(mut self, suffix: &str) -> Self {
        self.more.push_str(&format!(
            "%package {suffix}\nSummary: More\n%description {suffix}\nMore.\n%files {suffix}\n"
        ));
        self
    }

    /// The packages that it builds, binary ones first and the source package last.
    pub fn build(&self) -> Vec<PathBuf> {
        let (name, version) = (&self.name, &self.version);
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: 1\nSummary: A test\nLicense: MIT\nBuildArch: noarch\n\
             %description\nA test.\n%install\nmkdir -p %{{buildroot}}/usr/share/{name}\n\
             echo {version} > %{{buildroot}}/usr/share/{name}/version\n%files\n/usr/share/{name}\n{}\
             %changelog\n* Fri Mar 22 2019 Jo Doe <jo@example.org> - {version}-1\n{}\n",
            self.more, self.changelog
        );
        let top = self.directory.path();
        let file = top.join(format!("{name}.spec"));
        fs::write(&file, spec).unwrap();
        let mut build = system_command("rpmbuild");
        build.args(["--quiet", "-ba", "--define"]);
        build.arg(format!("_topdir {}", top.display())).arg(file);
        run(&mut build).ok();
        let of = |directory: &str| {
            let found = fs::read_dir(top.join(directory)).unwrap();
            let mut all: Vec<PathBuf> = found.map(|e| e.unwrap().path()).collect();
            all.sort();
            all
        };
        [of("RPMS/noarch"), of("SRPMS")].concat()
    }

    /// Puts every package into distribution `any` of channel main, the source package too.
    #[track_caller]
    pub fn put(&self, yard: &Yard) {
        for file in self.build() {
            let name = file.file_name().unwrap().to_str().unwrap();
            put(yard, &format!("any/{name}"), &fs::read(&file).unwrap()).is(201);
        }
    }
}

/// PUTs something below `/main/yum/upload/`.
pub fn put(yard: &Yard, path: &str, bytes: &[u8]) -> Reply {
    Request::new("PUT", &yard.url(&format!("/main/yum/upload/{path}")))
        .token(&yard.admin_token())
        .send_bytes(bytes)
}
