//! pip-compile, as pip-tools brings it.

use super::{Room, harbour, hash_of, next_ferries};
use crate::harness::run;

#[test]
fn pip_compile_pins_by_hash_and_upgrades_and_refuses_what_is_not_there() {
    let (yard, room) = (harbour(), Room::with_environment());
    let index = format!("--index-url={}", yard.url("/main/simple/"));
    let compile = |args: &[&str]| {
        let mut compile = room.command("venv-managers/bin/pip-compile");
        compile.args(["--no-config", "--quiet", "--generate-hashes", "--strip-extras"]);
        compile.args(["--cache-dir=../home/cache", "--output-file=locked.txt"]);
        run(compile.arg(&index).args(args).arg("wanted.in"))
    };
    let pinned = |version: &str| {
        let hash = hash_of(&yard, "ferry", &format!("ferry-{version}-py3-none-any.whl"));
        let line = format!("ferry=={version} \\\n    --hash=sha256:{hash}\n");
        let locked = room.read("locked.txt");
        assert!(locked.contains(&line), "no `{line}` in {locked}");
        room.pip(&["install", &index, "--require-hashes", "-r", "locked.txt"])
            .ok();
        room.says("ferry", &format!("ferry {version}"));
    };
    room.write("wanted.in", "ferry\n");
    compile(&[]).ok();
    pinned("1.0.0");
    next_ferries(&yard);
    compile(&[]).ok();
    pinned("1.0.0");
    compile(&["--upgrade-package=ferry"]).ok();
    pinned("1.1.0");
    room.write("wanted.in", "schooner\n");
    compile(&[])
        .fails()
        .says(&["No matching distribution found for schooner"]);
    room.write("wanted.in", "ferry==2.0.0\n");
    compile(&[]).fails().says(&["ferry==2.0.0"]);
}
