//! Source .rpms of every sample, judged by rpmbuild and rpmlint: rebuilt, they are the package that packyard makes.

use crate::{
    tools::{built, copied, file, hard, options, run, samples, text},
    unpacked::files_below,
};
use packyard_build::{Options, eject_spec, list, plan};
use packyard_types::ArtifactKind;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const BOTH: [ArtifactKind; 2] = [ArtifactKind::Rpm, ArtifactKind::Srpm];

/// rpm's own answer on everything that a package says: not who packaged it, and not the sums of compressed files.
fn said(rpm: &Path) -> Vec<String> {
    let query = "%{NAME} %{EVR} %{ARCH} %{LICENSE} %{GROUP} %{URL} %{VENDOR} %{SOURCERPM} %{PAYLOADCOMPRESSOR}\n\
        %{SUMMARY}\n%{DESCRIPTION}\n\
        [%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILEFLAGS} %{FILEVERIFYFLAGS} \
        %{FILELINKTOS} %{FILEMTIMES} %{FILELANGS} %{FILECAPS}\n][%{FILENAMES} is %{FILEDIGESTS}\n]";
    let ask = |args: &[&str]| run("rpm", &[&["-qp"], args, &[&text(rpm)]].concat(), Path::new("/"));
    let is_other = |line: &&str| line.contains(".gz is ");
    let of = |text: String| {
        let lines = text.lines().filter(|line| !is_other(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut all = of(ask(&["--qf", query]));
    for kind in [
        "provide",
        "require",
        "recommend",
        "suggest",
        "supplement",
        "enhance",
        "conflict",
        "obsolete",
    ] {
        // What is found by a generator in rpm's own header is said by the .spec here.
        let format = format!("[{kind} %{{{kind}NAME}} %{{{kind}FLAGS:depflags}} %{{{kind}VERSION}}\n]");
        let mut lines = of(ask(&["--qf", &format]));
        lines.sort();
        all.extend(lines);
    }
    for what in ["--scripts", "--changelog"] {
        all.extend(of(ask(&[what])));
    }
    all
}

/// Rebuilds the source package in a directory of ours, and gives back rpmbuild's package and what it said.
fn rebuilt(ours: &Path, top: &Path) -> (PathBuf, String) {
    let define = format!("_topdir {}", text(top));
    let source = text(&file(ours, ".src.rpm"));
    let script = "umask 077 && exec rpmbuild --rebuild --define \"$0\" \"$1\"";
    let log = run("sh", &["-c", script, &define, &source], ours);
    (files_below(&top.join("RPMS")).pop().unwrap(), log)
}

fn same_rpm(root: &Path) {
    let dir = TempDir::new().unwrap();
    let ours = dir.path().join("ours");
    built(root, &ours, &options(&BOTH));
    let (theirs, log) = rebuilt(&ours, &dir.path().join("top"));
    assert!(!log.contains("warning:"), "{log}");
    let binary = files_below(&ours)
        .into_iter()
        .find(|path| text(path).ends_with(".rpm") && !text(path).ends_with(".src.rpm"))
        .unwrap();
    assert_eq!(binary.file_name(), theirs.file_name());
    assert_eq!(said(&binary), said(&theirs), "{}", root.display());
}

#[test]
fn every_sample_is_rebuilt_by_rpmbuild_to_the_same_package() {
    for sample in samples() {
        println!("{}", sample.display());
        same_rpm(&sample);
    }
}

#[test]
fn rpmlint_finds_nothing_wrong_with_any_sample() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tools/rpmlint.toml");
    for sample in samples() {
        let dir = TempDir::new().unwrap();
        built(&sample, dir.path(), &options(&[ArtifactKind::Srpm]));
        let source = text(&file(dir.path(), ".src.rpm"));
        let said = run("rpmlint", &["-c", &text(&config), &source], dir.path());
        assert!(said.contains("0 errors, 0 warnings"), "{said}");
    }
}

/// The project of everything that is hard, with what is hard for an .rpm.
fn hard_for_rpm() -> TempDir {
    let project = hard();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let (before, _) = text.split_once("[deb]\n").unwrap();
    let (_, after) = text.split_once("priority = 'extra'\n").unwrap();
    let relations = "[rpm]\nepoch = 2\nname = 'hard-core'\nrelease = '3.a'\nrequires = ['bash >= 4', '(a or b)']\n\
        recommends = ['curl']\nconflicts = ['soft < 2']\nprovides = ['harder = 1']\nobsoletes = ['soft < 2']\n\
        compression = 'zstd'\n";
    let more = "[[file]]\ntarget = '/var/log/hard.log'\nghost = true\nmode = '0600'\n";
    let after = after.replace("\n\ntrue'''", "\n\nx=%{name}%%\\\n  true # 100 %\n'''");
    fs::write(
        &manifest,
        format!("{before}{relations}{after}").replace("[[user]]", &format!("{more}[[user]]")),
    )
    .unwrap();
    fs::write(project.path().join("data/[a]{b,c}*%n?\"q\"\\"), "glob\n").unwrap();
    let log = "# 2.0 (2024-05-01)\n\n- It is 100 % `$(harder)` %{nil}, and this entry is so long that it goes on below:\n  #12 is what it was about, among others.\n";
    fs::write(project.path().join("CHANGELOG.md"), log).unwrap();
    project
}

#[test]
fn odd_names_macros_and_everything_that_an_rpm_can_say_are_rebuilt_as_they_are() {
    same_rpm(hard_for_rpm().path());
}

#[test]
fn paths_that_a_spec_cannot_tell_apart_and_lines_that_it_takes_for_its_own_are_refused() {
    let refused = |project: &TempDir| plan(project.path(), &options(&BOTH)).unwrap_err().to_string();
    let project = hard_for_rpm();
    fs::write(project.path().join("data/it_s $HOME #1 ~.txt"), "").unwrap();
    let error = refused(&project);
    assert!(
        error.contains("a .spec cannot tell") && error.contains("hint: "),
        "{error}"
    );
    let project = hard_for_rpm();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("  true #", "\n%files\n#")).unwrap();
    let error = refused(&project);
    assert!(
        error.contains("begins with `%files`") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn what_an_rpm_needs_a_source_rpm_needs_too() {
    let project = hard();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("license = 'MIT'\n", "")).unwrap();
    fs::remove_file(project.path().join("CHANGELOG.md")).unwrap();
    let mut options = options(&[ArtifactKind::Srpm]);
    options.version = Some("2.0".parse().unwrap());
    let error = plan(project.path(), &options).unwrap_err().to_string();
    assert!(
        error.contains("names no licence") && error.contains("has no changelog"),
        "{error}"
    );
}

#[test]
fn the_archive_is_the_sdist_and_the_bytes_are_stable() {
    let sample = samples()
        .into_iter()
        .find(|path| path.ends_with("hello-world"))
        .unwrap();
    let options = options(&[ArtifactKind::Sdist, ArtifactKind::Srpm]);
    let [one, two] = [(); 2].map(|()| TempDir::new().unwrap());
    let release = built(&sample, one.path(), &options);
    assert_eq!(release, built(&sample, two.path(), &options));
    let files: Vec<&str> = release.files().collect();
    assert_eq!(files, ["hello_world-1.1.3.tar.gz", "hello-world-1.1.3-1.src.rpm"]);
    let [source, again] = [&one, &two].map(|dir| fs::read(dir.path().join(files[1])).unwrap());
    assert!(source == again);
    // Nothing but the files of the release is left.
    assert_eq!(fs::read_dir(one.path()).unwrap().count(), 3);
    let script = "rpm2cpio \"$0\" | cpio --quiet -id && cmp hello_world-1.1.3.tar.gz \"$1\"";
    let to = one.path().join("unpacked");
    fs::create_dir(&to).unwrap();
    let [source, sdist] = [files[1], files[0]].map(|name| text(&one.path().join(name)));
    run("sh", &["-c", script, &source, &sdist], &to);
    let listings = list(&plan(&sample, &options).unwrap()).unwrap();
    let listed: Vec<&str> = listings[1].files.iter().map(|file| file.path.as_str()).collect();
    assert!(
        listed.contains(&"hello-world.spec")
            && listed.contains(&"hello_world-1.1.3.tar.gz/hello_world-1.1.3/hello_world/main.py"),
        "{listed:?}"
    );
}

#[test]
fn an_ejected_spec_builds_the_same_package_in_the_project_itself() {
    for name in ["hello-world", "postbox", "hello-world-setup-py"] {
        let dir = copied(name);
        let project = dir.path().join("project");
        built(&project, &dir.path().join("ours"), &options(&[ArtifactKind::Rpm]));
        let ejected = eject_spec(&project, &Options::default()).unwrap();
        assert!(
            ejected.files.iter().all(|file| project.join(file).is_file()),
            "{ejected:?}"
        );
        let top = dir.path().join("top");
        let define = format!("_topdir {}", text(&top));
        let spec = ejected.files.iter().find(|file| file.ends_with(".spec")).unwrap();
        let args = ["-bb", "--build-in-place", "--define", &define, spec];
        run("rpmbuild", &args, &project);
        let theirs = files_below(&top.join("RPMS")).pop().unwrap();
        let ours = file(&dir.path().join("ours"), ".rpm");
        assert_eq!(said(&ours), said(&theirs));
        // And packyard goes on as before, and says so.
        let plan = plan(&project, &options(&[ArtifactKind::Rpm])).unwrap();
        let note = "of the .spec file only the changelog is used, and here ";
        assert_eq!(
            plan.notes.iter().filter(|n| n.starts_with(note)).count(),
            1,
            "{:?}",
            plan.notes
        );
        built(
            &project,
            &dir.path().join("again"),
            &options(&[ArtifactKind::Rpm]),
        );
        let again = file(&dir.path().join("again"), ".rpm");
        assert!(fs::read(&ours).unwrap() == fs::read(again).unwrap());
        // What is there is kept.
        fs::write(project.join(spec), "mine").unwrap();
        let error = eject_spec(&project, &Options::default()).unwrap_err().to_string();
        assert!(
            error.contains("is there already") && error.contains("hint: "),
            "{error}"
        );
        assert_eq!(fs::read_to_string(project.join(spec)).unwrap(), "mine");
    }
}
