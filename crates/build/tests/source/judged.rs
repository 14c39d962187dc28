//! Every sample judged by the tools of Debian: the same package from the source, the same texts about it, no finding.

use crate::{
    tools::{built, file, hard, options, run, samples, text},
    unpacked::{Contents, Unpacked, contents, fields},
};
use packyard_types::ArtifactKind;
use std::{fs, path::Path};
use tempfile::TempDir;

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
    let dir = TempDir::new().unwrap();
    let mut all = Vec::new();
    for (number, sample) in samples().iter().enumerate() {
        let out = dir.path().join(number.to_string());
        built(sample, &out, &options(&[ArtifactKind::Deb, ArtifactKind::Dsc]));
        for end in ["_source.changes", "_all.changes"] {
            let changes = text(&file(&out, end));
            run("dscverify", &["--nosigcheck", &changes], dir.path());
        }
        // It names all that the other one names.
        all.push(text(&file(&out, "_all.changes")));
    }
    let mut args = vec!["--allow-root", "--fail-on", "error,warning"];
    args.extend(all.iter().map(String::as_str));
    let said = run("lintian", &args, dir.path());
    assert!(!said.contains("W: ") && !said.contains("E: "), "{said}");
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

/// With the packages of the same build.
fn same_full_upload(unpacked: &Unpacked) {
    let source = unpacked.path("theirs/source");
    run("dpkg-buildpackage", &["-g", "-sa", "-us", "-uc"], &source);
    let [mut ours, mut theirs] =
        [unpacked.ours("_all.changes"), unpacked.theirs("_all.changes")].map(|path| described(&path));
    for of in [&mut ours, &mut theirs] {
        // Of a long line dpkg has only what fits.
        of.retain(|(key, _)| key != "Description");
    }
    assert_eq!(ours, theirs);
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
        let mut infos = vec!["_source.buildinfo"];
        if ["hello-world", "postbox", "src-layout-hatchling"]
            .iter()
            .any(|name| sample.ends_with(name))
        {
            same_full_upload(&unpacked);
            infos.push("_all.buildinfo");
        }
        for end in infos {
            let [ours, theirs] = [keys(&unpacked.ours(end)), keys(&unpacked.theirs(end))];
            let known: Vec<_> = theirs.into_iter().filter(|key| ours.contains(key)).collect();
            assert_eq!(ours, known);
        }
    }
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

/// A project that brings a library, and a file of directories of the loader, with more in its project file.
fn linked(more: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let manifest = "[package]\nname = 'linked'\nsummary = 'Brings libz'\nlicense = 'MIT'\n\
        maintainer = 'Ada Sample <ada@example.org>'\n";
    fs::write(dir.path().join("packyard.toml"), format!("{manifest}{more}")).unwrap();
    fs::write(
        dir.path().join("CHANGELOG.md"),
        "# 2.0 (2024-05-01)\n\n- First.\n",
    )
    .unwrap();
    fs::write(dir.path().join("linked.conf"), "/usr/lib/linked\n").unwrap();
    fs::copy(
        "/usr/lib/x86_64-linux-gnu/libz.so.1",
        dir.path().join("libz.so.1"),
    )
    .unwrap();
    dir
}

#[test]
fn a_package_with_a_library_or_a_directory_of_the_loader_has_its_cache_made_again() {
    let file = |source: &str, target: &str| format!("[[file]]\nsource = '{source}'\ntarget = '{target}'\n");
    let library = file("libz.so.1", "/usr/lib/x86_64-linux-gnu/");
    let directory = file("libz.so.1", "/usr/lib/linked/") + &file("linked.conf", "/etc/ld.so.conf.d/");
    for more in [library, directory] {
        let project = linked(&more);
        let unpacked = Unpacked::of(project.path());
        let deb = unpacked.ours(".deb");
        let triggers = run("dpkg-deb", &["-I", &text(&deb), "triggers"], unpacked.dir.path());
        assert_eq!(triggers, "activate-noawait ldconfig\n");
        same_deb(&unpacked);
        let found = run(
            "lintian",
            &["--allow-root", "--fail-on", "none", &text(&deb)],
            unpacked.dir.path(),
        );
        assert!(!found.contains("ldconfig-trigger"), "{found}");
    }
    let none = linked(&file("libz.so.1", "/usr/lib/linked/"));
    let unpacked = Unpacked::of(none.path());
    let members = contents(&unpacked.ours(".deb"), unpacked.dir.path()).scripts;
    assert!(!members.contains_key("triggers"), "{members:?}");
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
        "hard_2.0_all.buildinfo",
        "hard_2.0_all.changes",
        "hard_2.0_all.deb",
        "hard_2.0_source.buildinfo",
        "hard_2.0_source.changes",
        "release.json",
    ];
    assert_eq!(names, expected);
    same_deb(&unpacked);
}
