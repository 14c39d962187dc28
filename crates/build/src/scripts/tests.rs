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
            .map(|h| (h, "#!/bin/sh\ntrue".to_owned()))
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
        "true",
        "py3compile -p x",
        "systemd-sysusers",
        "chown x:y",
        "chmod 4755",
        "systemd-tmpfiles",
        "was-enabled",
        "debian-installed",
        "deb-systemd-invoke",
    ];
    let places: Vec<Option<usize>> = steps.iter().map(|step| postinst.find(step)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}\n{postinst}"
    );
    assert!(!postinst.contains("systemctl enable") && !postinst.contains("systemctl start"));
    scripts.iter().for_each(|(_, script)| assert_parses(script));
    let rpm = rpm::scripts(&chores);
    for script in [rpm.pre, rpm.post, rpm.preun, rpm.postun] {
        assert_parses(&script.unwrap());
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
