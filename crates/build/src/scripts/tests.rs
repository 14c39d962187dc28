use super::*;
use crate::{SourceText, manifest::Manifest, unit::Surroundings};
use packyard_formats::deb::write::ScriptName;
use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// The units that a project file describes.
fn units(text: &str) -> Vec<Unit> {
    let manifest = Manifest::parse(&SourceText::new("packyard.toml", text)).unwrap();
    let around = Surroundings {
        summary: "x",
        documentation: &[],
        triggers: &manifest.triggers,
    };
    let all = manifest.services.iter().chain(&manifest.triggers);
    all.map(|keys| Unit::written(keys, &around)).collect()
}

/// `sh -n`: the script is at least a script.
fn assert_parses(script: &str) {
    let mut shell = Command::new("sh")
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success(), "{script}");
}

#[test]
fn a_package_without_chores_has_no_scripts() {
    assert!(
        deb::scripts(&Chores {
            package: "x",
            ..Chores::default()
        })
        .is_empty()
    );
    let scripts = rpm::scripts(&Chores {
        package: "x",
        ..Chores::default()
    });
    assert!(
        [scripts.pre, scripts.post, scripts.preun, scripts.postun]
            .iter()
            .all(Option::is_none)
    );
}

#[test]
fn all_chores_are_done_in_scripts_that_the_shell_reads() {
    let units = units(
        "[[service]]\nname='a'\nexec='/x'\n[[service]]\nname='b'\nexec='/x'\nenable=false\nwanted-by=['x.target']\n\
         [[service]]\nname='c'\nexec='/x'\nenable=false\nstart=false\n",
    );
    let path = InstallPath::parse("/etc/x").unwrap();
    let owner = Owner {
        user: "x".into(),
        group: "y".into(),
    };
    let chores = Chores {
        package: "x",
        modules: true,
        units: &units,
        sysusers: Some("u x - \"x\" / /bin/false\n"),
        tmpfiles: true,
        owned: vec![(&path, &owner, 0o4755)],
        hooks: ["preinstall", "postinstall", "preremove", "postremove"]
            .map(|h| (h, "#!/bin/sh\nhook-of-the-project".to_owned()))
            .into(),
    };
    let scripts = deb::scripts(&chores);
    let names: Vec<ScriptName> = scripts.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            ScriptName::Postinst,
            ScriptName::Postrm,
            ScriptName::Preinst,
            ScriptName::Prerm
        ]
    );
    let postinst = &scripts[0].1;
    let steps = [
        "py3compile -p x",
        "systemd-sysusers",
        "chown x:y",
        "chmod 4755",
        "systemd-tmpfiles",
        "hook-of-the-project",
        "was-enabled",
        "debian-installed",
        "deb-systemd-invoke",
    ];
    assert_in_order(postinst, &steps);
    assert_in_order(
        &scripts[1].1,
        &["daemon-reload", "deb-systemd-helper purge", "hook-of-the-project"],
    );
    assert_in_order(
        &scripts[3].1,
        &["deb-systemd-invoke stop", "hook-of-the-project", "py3clean"],
    );
    assert!(!postinst.contains("systemctl enable") && !postinst.contains("systemctl start"));
    scripts.iter().for_each(|(_, script)| assert_parses(script));
    let rpm = rpm::scripts(&chores);
    let steps: [&[&str]; 4] = [
        &["hook-of-the-project", "systemd-sysusers"],
        &["systemd-tmpfiles", "hook-of-the-project", "install-system-units"],
        &["remove-system-units", "hook-of-the-project"],
        &["mark-restart-system-units", "hook-of-the-project"],
    ];
    for (script, steps) in [rpm.pre, rpm.post, rpm.preun, rpm.postun].into_iter().zip(steps) {
        let script = script.unwrap();
        assert_parses(&script);
        assert_in_order(&script, steps);
    }
}

#[test]
fn a_path_is_one_word_and_a_file_that_was_deleted_is_let_be() {
    let root = tempfile::tempdir().unwrap();
    let odd = "/a$(touch PWN)`id`'b \"c.conf";
    let owner = Owner {
        user: "x".into(),
        group: "y".into(),
    };
    let run = || {
        let mut script = "set -e\nchown() { printf '%s' \"$2\"; }\n".to_owned();
        script.push_str(&deb::own(odd, &owner, 0o640));
        let mut shell = std::process::Command::new("/bin/sh");
        shell
            .arg("-c")
            .arg(script)
            .current_dir(root.path())
            .env("DPKG_ROOT", root.path());
        let output = shell.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(), "");
    std::fs::write(root.path().join(&odd[1..]), "").unwrap();
    assert_eq!(run(), format!("{}{odd}", root.path().display()));
    assert!(!root.path().join("PWN").exists());
}

#[track_caller]
fn assert_in_order(script: &str, steps: &[&str]) {
    let places: Vec<Option<usize>> = steps.iter().map(|step| script.find(step)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}\n{script}"
    );
}

/// Runs the postinst and the %post of a package with this hook, each with the shells of Debian and Red Hat, and what
/// comes after the hook replaced by an `echo`: what they print, and whether they succeed.
fn ran(hook: &str) -> [(String, bool); 2] {
    let chores = Chores {
        package: "x",
        units: &units("[[service]]\nname='a'\nexec='/x'\n"),
        hooks: BTreeMap::from([("postinstall", hook.to_owned())]),
        ..Chores::default()
    };
    let postinst = deb::scripts(&chores).remove(0).1;
    let post = rpm::scripts(&chores).post.unwrap();
    [postinst, post].map(|script| {
        let at = script.find("\nhook \"$@\"\n").unwrap();
        let end = script[at..].find("\nif [ ").unwrap() + at;
        let script = format!("{}\necho packyard\n", &script[..end]);
        let run = |shell: &[&str]| {
            let mut command = Command::new(shell[0]);
            command
                .args(&shell[1..])
                .args(["-c", &script, "postinst", "configure", "1.0"]);
            let output = command.output().unwrap();
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            (printed, output.status.success())
        };
        let ran = run(&["sh"]);
        assert_eq!(ran, run(&["bash", "--posix"]), "{hook}");
        ran
    })
}

#[test]
fn a_hook_ends_only_itself_unless_it_fails() {
    let both =
        |printed: &str, succeeds: bool| [(printed.to_owned(), succeeds), (printed.to_owned(), succeeds)];
    for (hook, printed) in [
        ("echo $1 $2\nexit 0\necho no", "configure 1.0\npackyard\n"),
        ("#!/bin/sh\necho $#\nreturn\necho no\n", "2\npackyard\n"),
        ("cat <<EOF\n  kept $1\nEOF", "  kept configure\npackyard\n"),
        ("cat <<-EOF\n\tshifted\n\tEOF\n", "shifted\npackyard\n"),
        ("echo a # the end", "a\npackyard\n"),
        ("# nothing yet", "packyard\n"),
        ("", "packyard\n"),
        ("echo a \\\nb \\", "a b\npackyard\n"),
        ("cd /\nset -- x\ntrap 'echo bye' EXIT\n", "bye\npackyard\n"),
    ] {
        assert_eq!(ran(hook), both(printed, true), "{hook}");
    }
    for (hook, printed) in [
        ("echo a\nexit 1\n", "a\n"),
        ("set -e\nfalse\necho no\n", ""),
        ("#!/bin/sh -eu\necho a\nfalse\necho no\n", "a\n"),
        ("return 3\n", ""),
    ] {
        assert_eq!(ran(hook), both(printed, false), "{hook}");
    }
    // A .deb's scripts stop at what fails; a scriptlet tells by its last command.
    assert_eq!(
        ran("false\necho a"),
        [(String::new(), false), ("a\npackyard\n".into(), true)]
    );
}
