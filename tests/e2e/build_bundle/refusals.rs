//! What is wrong with a bundle is said in one diagnostic with its place, and nothing is left behind.

use std::fs;

use super::{Tides, Wheel, requirement};

#[test]
fn a_wheel_that_is_not_the_locked_one_is_named() {
    let tides = Tides::new();
    let changed = Wheel::pure("tiny_math", "2.0", "def twice(n):\n    return 0\n");
    let sha256 = changed.write(&tides.path("wheels"));
    tides.fails(&[]).says(&[
        &format!("`wheels/tiny_math-2.0-py3-none-any.whl` is not what was locked: its SHA-256 is {sha256}"),
        "--> requirements.txt:6:1",
        "tiny-math==2.0 \\",
        "hint: find out who changed it",
    ]);
}

#[test]
fn a_wheel_for_another_system_or_python_is_named() {
    for (tag, what) in [
        ("cp311-cp311-win_amd64", "is not for any Python on"),
        ("cp311-cp311-macosx_11_0_arm64", "is not for any Python on"),
        ("py2-none-any", "is not for any Python on"),
    ] {
        let tides = Tides::new();
        fs::remove_file(tides.path("wheels/tiny_math-2.0-py3-none-any.whl")).unwrap();
        let foreign = Wheel {
            tag: tag.into(),
            ..Wheel::pure("tiny_math", "2.0", "")
        };
        foreign.write(&tides.path("wheels"));
        tides.fails(&[]).says(&[
            &format!("`wheels/tiny_math-2.0-{tag}.whl` {what}"),
            "--> requirements.txt:6:1",
            "hint: put the wheel of tiny-math 2.0",
        ]);
    }
}

#[test]
fn what_is_not_in_the_directory_is_named() {
    let tides = Tides::new();
    fs::remove_file(tides.path("wheels/tiny_math-2.0-py3-none-any.whl")).unwrap();
    tides.fails(&[]).says(&[
        "`wheels` has no wheel of tiny-math 2.0",
        "--> requirements.txt:6:1",
    ]);
    tides.replace("packyard.toml", "\"wheels\"", "\"whels\"");
    tides
        .fails(&[])
        .says(&["`whels` is not a directory", "--> packyard.toml:6:10"]);
}

#[test]
fn a_lock_that_lacks_what_its_wheels_require_is_refused() {
    let tides = Tides::new();
    let text = tides.read("requirements.txt");
    tides.write("requirements.txt", text.split("tiny-math").next().unwrap());
    tides.fails(&[]).says(&[
        "`moon_phase-0.4-py3-none-any.whl` requires `tiny-math>=2`, which is not in requirements.txt",
        "--> requirements.txt:4:1",
    ]);
    let older = Wheel::pure("tiny_math", "1.0", "");
    let sha256 = older.write(&tides.path("wheels"));
    let begin = text.split("tiny-math").next().unwrap();
    tides.write(
        "requirements.txt",
        &(begin.to_owned() + &requirement(&older, &sha256)),
    );
    tides.fails(&[]).says(&[
        "requires `tiny-math>=2`, and the bundle has tiny-math 1.0",
        "--> requirements.txt:6:1",
    ]);
}

#[test]
fn a_requirement_without_a_hash_among_others_is_refused() {
    let tides = Tides::new();
    let text = tides.read("requirements.txt") + "late==1.0\n";
    tides.write("requirements.txt", &text);
    tides.fails(&[]).says(&[
        "`late==1.0` has no hash, and others have",
        "--> requirements.txt:8:1",
    ]);
}

#[test]
fn two_wheels_with_the_same_file_and_other_bytes_are_refused() {
    let tides = Tides::new();
    let thief = Wheel {
        files: vec![("moon_phase.py".into(), "def high(day):\n    return 0\n".into())],
        ..Wheel::pure("thief", "1.0", "")
    };
    let sha256 = thief.write(&tides.path("wheels"));
    let text = tides.read("requirements.txt") + &requirement(&thief, &sha256);
    tides.write("requirements.txt", &text);
    tides.fails(&[]).says(&[
        "both have `lib/python3/site-packages/moon_phase.py`, and not the same",
        "`moon_phase-0.4-py3-none-any.whl`",
        "`thief-1.0-py3-none-any.whl`",
        "--> requirements.txt:8:1",
        "note: the other one",
    ]);
}

#[test]
fn a_file_that_is_no_wheel_is_refused() {
    let tides = Tides::new();
    fs::write(tides.path("wheels/tiny_math-2.0-py3-none-any.whl"), "no zip").unwrap();
    let digest = crate::harness::sha256(b"no zip");
    let text = tides.read("requirements.txt");
    let begin = text.split("tiny-math").next().unwrap();
    tides.write(
        "requirements.txt",
        &format!("{begin}tiny-math==2.0 --hash=sha256:{digest}\n"),
    );
    tides.fails(&[]).says(&[
        "`tiny_math-2.0-py3-none-any.whl` cannot be bundled",
        "--> requirements.txt:6:1",
    ]);
}

#[test]
fn what_has_to_be_fetched_without_pip_and_uv_is_said() {
    let tides = Tides::new();
    tides.replace("packyard.toml", "wheels = \"wheels\"\n", "");
    tides.fails(&[]).says(&[
        "neither pip nor uv is installed here",
        "--> packyard.toml:5:10",
        "hint: install python3-pip or uv, or put the wheels into a directory",
    ]);
}

#[test]
fn what_cannot_be_a_bundle_is_said() {
    let tides = Tides::new();
    tides.fails(&["--format", "dsc"]).says(&[
        "a bundle cannot become a Debian source package",
        "--> packyard.toml:5:10",
    ]);
    tides.replace("packyard.toml", "\"bundle\"", "\"private\"");
    tides.fails(&[]).says(&[
        "`wheels` is for bundles, and this is none",
        "--> packyard.toml:6:10",
    ]);
}
