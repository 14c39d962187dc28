//! Debian source packages of all sample projects, judged by Debian's own tools: unpacked, checked, and built into a .deb
//! that holds what packyard's own holds.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, Release, build, eject_debian, list, plan};
use packyard_types::ArtifactKind;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

fn samples() -> Vec<PathBuf> {
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/projects");
    let mut found: Vec<PathBuf> = fs::read_dir(projects)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    found.sort();
    assert!(found.len() >= 9, "{found:?}");
    found
}

fn options(formats: &[ArtifactKind]) -> Options {
    Options {
        formats: formats.to_vec(),
        ..Options::default()
    }
}

fn built(root: &Path, out: &Path, options: &Options) -> Release {
    build(&plan(root, options).unwrap(), out, |_| ()).unwrap()
}

/// The one file in a directory whose name ends so.
fn file(dir: &Path, end: &str) -> PathBuf {
    let mut names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    names
        .find(|path| path.to_str().unwrap().ends_with(end))
        .unwrap_or_else(|| panic!("no {end} in {}", dir.display()))
}

/// Runs a tool of Debian's, and gives back what it said.
fn run(program: &str, args: &[&str], dir: &Path) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env("LC_ALL", "C.UTF-8");
    for variable in ["SOURCE_DATE_EPOCH", "MAKEFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"] {
        command.env_remove(variable);
    }
    let done = command.output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(done.status.success(), "{program} {args:?}: {said}");
    said
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A source package of a project, unpacked by dpkg-source.
struct Unpacked {
    dir: TempDir,
}

impl Unpacked {
    /// The .deb and the source package of a project.
    fn of(root: &Path) -> Self {
        Self::with(root, options(&[ArtifactKind::Deb, ArtifactKind::Dsc]))
    }

    fn with(root: &Path, options: Options) -> Self {
        let dir = TempDir::new().unwrap();
        built(root, &dir.path().join("ours"), &options);
        let unpacked = Self { dir };
        let dsc = unpacked.ours(".dsc");
        fs::create_dir(unpacked.path("theirs")).unwrap();
        let args = ["-x", "--require-strong-checksums", &text(&dsc), "source"];
        let said = run("dpkg-source", &args, &unpacked.path("theirs"));
        for line in said.lines().filter(|line| line.contains("warning")) {
            assert!(line.contains("unsigned"), "{said}");
        }
        unpacked
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn ours(&self, end: &str) -> PathBuf {
        file(&self.path("ours"), end)
    }

    fn theirs(&self, end: &str) -> PathBuf {
        file(&self.path("theirs"), end)
    }

    /// What dpkg-buildpackage makes of it, with a umask that lets nobody else read anything.
    fn rebuild(&self) -> PathBuf {
        let script = "umask 077 && exec dpkg-buildpackage -b -us -uc";
        run("sh", &["-c", script], &self.path("theirs/source"));
        self.theirs(".deb")
    }
}

/// A .deb, read by dpkg-deb.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    /// Mode, owner and time by path.
    listed: BTreeMap<String, String>,
    /// The bytes of files; those of compressed texts as they are without it.
    bytes: BTreeMap<String, Vec<u8>>,
    control: BTreeMap<String, String>,
    scripts: BTreeMap<String, String>,
}

fn contents(deb: &Path, scratch: &Path) -> Contents {
    let listing = run("dpkg-deb", &["-c", &text(deb)], scratch);
    let listed = listing.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // The size follows from the contents, which are compared.
        let about = [words[0], words[1], words[3], words[4]].join(" ");
        (words[5..].join(" "), about)
    });
    let listed = listed.collect();
    let tree = TempDir::new_in(scratch).unwrap();
    run("dpkg-deb", &["-R", &text(deb), &text(tree.path())], scratch);
    let mut found = Contents {
        listed,
        bytes: BTreeMap::new(),
        control: BTreeMap::new(),
        scripts: BTreeMap::new(),
    };
    for path in files_below(tree.path()) {
        let name = text(path.strip_prefix(tree.path()).unwrap());
        let bytes = fs::read(&path).unwrap();
        match name.strip_prefix("DEBIAN/") {
            Some("control") => found.control = fields(&String::from_utf8(bytes).unwrap()),
            Some("md5sums" | "conffiles") => {
                let text = String::from_utf8(bytes).unwrap();
                // Those of compressed files are other bytes; the order of conffiles means nothing.
                let mut lines: Vec<&str> = text.lines().filter(|line| !line.ends_with(".gz")).collect();
                lines.sort_unstable();
                found.scripts.insert(name, lines.join("\n"));
            }
            Some(_) => {
                found.scripts.insert(name, String::from_utf8(bytes).unwrap());
            }
            None if name.ends_with(".gz") => {
                run("gzip", &["-d", &text(&path)], scratch);
                found
                    .bytes
                    .insert(name, fs::read(path.with_extension("")).unwrap());
            }
            None => {
                found.bytes.insert(name, bytes);
            }
        }
    }
    found
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() || path.is_file() {
            found.push(path);
        } else {
            found.extend(files_below(&path));
        }
    }
    found.retain(|path| !path.is_symlink());
    found.sort();
    found
}

/// The fields of a paragraph, each with its lines.
fn fields(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        match line.split_once(':').filter(|_| !line.starts_with(' ')) {
            Some((key, value)) => {
                last = key.to_owned();
                found.insert(last.clone(), value.trim().to_owned());
            }
            None => found.get_mut(&last).unwrap().push_str(&format!("\n{line}")),
        }
    }
    found
}

/// Compares packyard's own .deb with that of dpkg-buildpackage from packyard's source package.
fn same_deb(unpacked: &Unpacked) {
    let theirs = unpacked.rebuild();
    let ours = unpacked.ours(".deb");
    assert_eq!(ours.file_name(), theirs.file_name());
    let scratch = unpacked.dir.path();
    let [mut ours, mut theirs] = [&ours, &theirs].map(|deb| contents(deb, scratch));
    let size = |contents: &mut Contents| {
        contents
            .control
            .remove("Installed-Size")
            .unwrap()
            .parse::<i64>()
            .unwrap()
    };
    // dpkg-gencontrol counts the scripts too.
    let difference = size(&mut theirs) - size(&mut ours);
    assert!((0..16).contains(&difference), "{difference}");
    assert_eq!(ours.listed, theirs.listed);
    assert_eq!(ours.control, theirs.control);
    assert_eq!(ours.scripts, theirs.scripts);
    for (name, bytes) in &ours.bytes {
        assert!(theirs.bytes.get(name) == Some(bytes), "{name} differs");
    }
}

#[test]
fn every_sample_is_rebuilt_by_debian_to_a_package_of_the_same_contents() {
    for sample in samples() {
        println!("{}", sample.display());
        same_deb(&Unpacked::of(&sample));
    }
}

#[test]
fn lintian_and_dscverify_find_nothing_wrong_with_any_sample() {
    for sample in samples() {
        let unpacked = Unpacked::of(&sample);
        let changes = text(&unpacked.ours("_source.changes"));
        run("dscverify", &["--nosigcheck", &changes], unpacked.dir.path());
        let said = run(
            "lintian",
            &["--allow-root", "--fail-on", "error,warning", &changes],
            unpacked.dir.path(),
        );
        assert!(!said.contains("W: ") && !said.contains("E: "), "{said}");
    }
}

/// The fields without those whose values are sums of other bytes.
fn described(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let names = |value: &str| {
        let last = |line: &str| line.rsplit(' ').next().unwrap_or("").to_owned();
        value.lines().map(last).collect::<Vec<_>>().join(" ")
    };
    let mut found = fields(&text);
    for (key, value) in &mut found {
        if key.starts_with("Checksums") || key == "Files" {
            *value = names(value);
        }
    }
    // In the order of the file.
    let key = |line: &str| {
        Some(
            line.split_once(':')
                .filter(|_| !line.starts_with(' '))?
                .0
                .to_owned(),
        )
    };
    text.lines()
        .filter_map(key)
        .map(|key| (key.clone(), found[&key].clone()))
        .collect()
}

#[test]
fn dpkg_source_and_dpkg_genchanges_write_the_same_of_the_same_tree() {
    for sample in samples() {
        let unpacked = Unpacked::of(&sample);
        let source = unpacked.path("theirs/source");
        if let Some(orig) = fs::read_dir(unpacked.path("ours"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .find(|path| text(path).ends_with(".orig.tar.gz"))
        {
            fs::copy(&orig, unpacked.path("theirs").join(orig.file_name().unwrap())).unwrap();
        }
        let said = run("dpkg-buildpackage", &["-S", "-sa", "-us", "-uc"], &source);
        assert!(!said.contains("warning"), "{said}");
        for end in [".dsc", "_source.changes"] {
            let [ours, theirs] = [unpacked.ours(end), unpacked.theirs(end)];
            assert_eq!(ours.file_name(), theirs.file_name());
            assert_eq!(described(&ours), described(&theirs), "{}", sample.display());
        }
        let keys = |path: &Path| {
            described(path)
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>()
        };
        let theirs = keys(&unpacked.theirs("_source.buildinfo"));
        let ours = keys(&unpacked.ours("_source.buildinfo"));
        let known: Vec<_> = theirs.into_iter().filter(|key| ours.contains(key)).collect();
        assert_eq!(ours, known);
    }
}

/// A project of everything that is hard to install.
fn hard() -> TempDir {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8], mode: u32| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let manifest = "[package]\nname = 'hard'\nsummary = 'Costs ${misc:Depends} and $5'\nlicense = 'MIT'\n\
        maintainer = 'Ada Sample <ada@example.org>'\n\
        [deb]\ndepends = ['adduser (>= 3)', 'libc6']\nrecommends = ['curl | wget']\nconflicts = ['soft (<< 2)']\n\
        provides = ['harder (= 1)']\nreplaces = ['soft']\nsection = 'net'\npriority = 'extra'\n\
        [[file]]\nsource = 'data'\ntarget = '/usr/share/hard'\n\
        [[file]]\nsource = 'secret'\ntarget = '/etc/hard/key'\nmode = '0640'\ngroup = 'hard'\nconfig = true\n\
        [[file]]\nsource = 'secret'\ntarget = '/usr/share/hard/own.conf'\nconfig = true\n\
        [[file]]\nsource = 'run'\ntarget = '/usr/bin/it-runs'\nmode = '4755'\n\
        [[file]]\nsource = '.hidden/x'\ntarget = '/usr/share/hard/hidden'\n\
        [[file]]\nsource = '.hidden/bytes'\ntarget = '/usr/share/hard/bytes'\n\
        [[file]]\ntarget = '/usr/share/hard/link'\nsymlink = '../hard/hidden'\n\
        [[file]]\ntarget = '/var/lib/hard/empty'\ndir = true\nmode = '0555'\n\
        [[user]]\nname = 'hard'\n[[tmpfile]]\npath = '/run/hard'\n\
        [[service]]\nname = 'each@'\nexec = '/usr/bin/it-runs %i'\nuser = 'hard'\n\
        [scripts]\npostinstall = '''echo \"$1 #PACKAGES# ${x:-}\"\n\ntrue'''\n";
    write("packyard.toml", manifest.as_bytes(), 0o644);
    write(
        "CHANGELOG.md",
        b"# 2.0 (2024-05-01)\n\n- It is 100 % `$(harder)`.\n\n# 1.0 (2023-05-01)\n\n- Begin.\n",
        0o644,
    );
    write(
        "LICENSE",
        b"MIT License\n\nCopyright (c) 2024 Ada Sample\n\nPermission is granted.\n",
        0o644,
    );
    write("data/it's $HOME #1 ~.txt", b"odd\n", 0o644);
    write("data/-f", b"", 0o644);
    write("data/=x@y:z", b"", 0o600);
    write("data/deep/er/x.orig", b"kept\n", 0o644);
    write("secret", b"k\n", 0o600);
    write("run", b"#!/bin/sh\nexit 0\n", 0o755);
    write(".hidden/x", b"x\n", 0o644);
    write(".hidden/bytes", b"\0\x01\x02", 0o644);
    dir
}

#[test]
fn odd_names_modes_links_and_data_are_installed_as_they_are() {
    let project = hard();
    let unpacked = Unpacked::of(project.path());
    let include = unpacked.path("theirs/source/debian/source/include-binaries");
    assert_eq!(
        fs::read_to_string(include).unwrap(),
        "debian/tree/usr/share/hard/bytes\n"
    );
    same_deb(&unpacked);
}

#[test]
fn a_native_package_is_one_archive_without_the_projects_own_debian() {
    let project = hard();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("[deb]\n", "[deb]\nnative = true\n")).unwrap();
    fs::create_dir(project.path().join("debian")).unwrap();
    fs::write(project.path().join("debian/left-over"), "").unwrap();
    let unpacked = Unpacked::of(project.path());
    assert!(!unpacked.path("theirs/source/debian/left-over").exists());
    let mut names: Vec<String> = fs::read_dir(unpacked.path("ours"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "hard_2.0.dsc",
        "hard_2.0.tar.xz",
        "hard_2.0_all.deb",
        "hard_2.0_source.buildinfo",
        "hard_2.0_source.changes",
        "release.json",
    ];
    assert_eq!(names, expected);
    same_deb(&unpacked);
}

#[test]
fn the_release_lists_the_dsc_and_what_lies_beside_it_and_the_bytes_are_stable() {
    let sample = samples()
        .into_iter()
        .find(|path| path.ends_with("hello-world"))
        .unwrap();
    let mut options = options(&[ArtifactKind::Sdist, ArtifactKind::Dsc]);
    options.distributions = ["bookworm", "trixie"].map(|d| d.parse().unwrap()).to_vec();
    let [one, two] = [(); 2].map(|()| TempDir::new().unwrap());
    let release = built(&sample, &one.path().join("dist"), &options);
    assert_eq!(release, built(&sample, &two.path().join("dist"), &options));
    let files: Vec<&str> = release.files().collect();
    assert_eq!(
        files,
        [
            "hello_world-1.1.3.tar.gz",
            "bookworm/hello-world_1.1.3.orig.tar.gz",
            "bookworm/hello-world_1.1.3-1.debian.tar.xz",
            "bookworm/hello-world_1.1.3-1_source.buildinfo",
            "bookworm/hello-world_1.1.3-1_source.changes",
            "bookworm/hello-world_1.1.3-1.dsc",
            "trixie/hello-world_1.1.3.orig.tar.gz",
            "trixie/hello-world_1.1.3-1.debian.tar.xz",
            "trixie/hello-world_1.1.3-1_source.buildinfo",
            "trixie/hello-world_1.1.3-1_source.changes",
            "trixie/hello-world_1.1.3-1.dsc",
        ]
    );
    assert_eq!(release.artifacts.len(), 3);
    let dist = one.path().join("dist");
    let read = |name: &str| fs::read(dist.join(name)).unwrap();
    assert!(
        files
            .iter()
            .all(|name| read(name) == fs::read(two.path().join("dist").join(name)).unwrap())
    );
    // The upstream tarball is the sdist.
    assert!(read(files[0]) == read(files[1]));
    for distribution in ["bookworm", "trixie"] {
        let changes = fs::read_to_string(file(&dist.join(distribution), ".changes")).unwrap();
        assert!(
            changes.contains(&format!("\nDistribution: {distribution}\n")),
            "{changes}"
        );
    }
}

#[test]
fn list_says_what_the_archives_hold() {
    let sample = samples()
        .into_iter()
        .find(|path| path.ends_with("greeter"))
        .unwrap();
    let listings = list(&plan(&sample, &options(&[ArtifactKind::Dsc])).unwrap()).unwrap();
    assert_eq!(listings.len(), 1);
    for (path, mode) in [
        ("greeter-0.2.0/bin/greeter", 0o755),
        ("debian/rules", 0o755),
        ("debian/greeter.timer", 0o644),
    ] {
        let listed = listings[0].files.iter().find(|file| file.path == path);
        assert_eq!(
            listed.unwrap_or_else(|| panic!("{path}: {listings:?}")).mode,
            mode
        );
    }
}

#[test]
fn a_project_without_a_changelog_has_no_source_package_and_leaves_nothing() {
    let project = hard();
    fs::remove_file(project.path().join("CHANGELOG.md")).unwrap();
    let mut options = options(&[ArtifactKind::Dsc]);
    options.version = Some("2.0".parse().unwrap());
    let error = plan(project.path(), &options).unwrap_err().to_string();
    assert!(
        error.contains("has no changelog") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn a_revision_that_the_changelog_contradicts_is_shown() {
    let project = hard();
    let log =
        "hard (2.0-3) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  Wed, 01 May 2024 00:00:00 +0000\n";
    fs::remove_file(project.path().join("CHANGELOG.md")).unwrap();
    fs::create_dir(project.path().join("debian")).unwrap();
    fs::write(project.path().join("debian/changelog"), log).unwrap();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    plan(project.path(), &options(&[ArtifactKind::Dsc])).unwrap();
    fs::write(&manifest, text.replace("[deb]\n", "[deb]\nrevision = 2\n")).unwrap();
    let error = plan(project.path(), &options(&[ArtifactKind::Dsc]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("2.0-3 for Debian, the package 2.0-2"), "{error}");
}

/// A copy of a sample.
fn copied(name: &str) -> TempDir {
    let sample = samples().into_iter().find(|path| path.ends_with(name)).unwrap();
    let dir = TempDir::new().unwrap();
    run(
        "cp",
        &["-r", &format!("{}/.", text(&sample)), "project"],
        dir.path(),
    );
    dir
}

#[test]
fn an_ejected_debian_builds_the_same_package_in_the_project_itself() {
    for name in ["hello-world", "postbox", "hello-world-setup-py"] {
        let dir = copied(name);
        let project = dir.path().join("project");
        let log = fs::read(project.join("debian/changelog")).ok();
        let deb = [ArtifactKind::Deb];
        built(&project, &dir.path().join("ours"), &options(&deb));
        let ejected = eject_debian(&project, &Options::default()).unwrap();
        assert!(
            ejected.files.iter().all(|file| project.join(file).is_file()),
            "{ejected:?}"
        );
        // A changelog that is the project's own stays as it is.
        assert!(log.is_none() || log == fs::read(project.join("debian/changelog")).ok());
        let notes = plan(&project, &options(&deb)).unwrap().notes.join("\n");
        assert!(notes.contains("of debian/ only the changelog is used"), "{notes}");
        run("dpkg-buildpackage", &["-b", "-us", "-uc"], &project);
        let [ours, theirs] =
            [&dir.path().join("ours"), dir.path()].map(|of| contents(&file(of, ".deb"), dir.path()));
        let names = |contents: &Contents| contents.listed.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&theirs));
        assert_eq!(
            ours.scripts.keys().collect::<Vec<_>>(),
            theirs.scripts.keys().collect::<Vec<_>>()
        );
        // And packyard goes on as before.
        built(&project, &dir.path().join("again"), &options(&deb));
        let [before, after] =
            ["ours", "again"].map(|of| fs::read(file(&dir.path().join(of), ".deb")).unwrap());
        assert!(before == after);
    }
}

#[test]
fn what_is_in_debian_is_not_overwritten() {
    let dir = copied("greeter");
    let project = dir.path().join("project");
    fs::create_dir(project.join("debian")).unwrap();
    fs::write(project.join("debian/control"), "mine").unwrap();
    let error = eject_debian(&project, &Options::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`debian/control` is there already") && error.contains("hint: "),
        "{error}"
    );
    let left: Vec<_> = fs::read_dir(&project)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_str().unwrap().contains("eject")),
        "{left:?}"
    );
    assert_eq!(fs::read_dir(project.join("debian")).unwrap().count(), 1);
    fs::remove_dir_all(project.join("debian")).unwrap();
    eject_debian(&project, &Options::default()).unwrap();
    assert!(eject_debian(&project, &Options::default()).is_err());
}
