//! A data directory belongs to the user whose server it is.

use crate::harness::{Dist, Project, packyard, packyard_command, run, system_command};

#[test]
fn root_leaves_nothing_in_the_directory_of_another_users_server() {
    let room = tempfile::TempDir::new().unwrap();
    let data = room.path().join("yard");
    let data = data.to_str().unwrap();
    let dist: Dist = Project::hello_world().build();
    packyard(["publish", dist.directory().to_str().unwrap(), "--data", data]).ok();
    run(system_command("chown").args(["-R", "nobody", room.path().to_str().unwrap()])).ok();
    for command in [
        &["list", "--data", data][..],
        &["gc", "--data", data],
        &["fsck", "--data", data],
        &["doctor", "--data", data],
        &["serve", "--data", data, "--listen", "127.0.0.1:0"],
    ] {
        packyard(command.iter().copied()).exits(1).says(&[
            "belongs to the user `nobody`, who could not read what root leaves there",
            "hint: run it as that user: runuser -u nobody -- packyard",
        ]);
    }
    // A copy that everybody can read.
    let program = room.path().join("packyard");
    std::fs::copy(env!("CARGO_BIN_EXE_packyard"), &program).unwrap();
    let list = packyard_command(["list", "--data", data]);
    let mut as_owner = system_command("setpriv");
    as_owner
        .args(["--reuid=nobody", "--clear-groups"])
        .current_dir("/");
    as_owner
        .arg(program)
        .args(list.get_args())
        .env("HOME", room.path());
    run(&mut as_owner).ok().says(&["hello-world"]);
}
