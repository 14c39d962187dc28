//! twine: which files it may send again, who it says it is, and what it shows of a refusal.

use std::path::PathBuf;

use super::{Room, Shelf, admin, sdist, wheel};
use crate::harness::{Outcome, Yard, run};

/// Uploads with these arguments and nothing but the room's `.pypirc`.
pub fn upload(room: &Room, args: &[&str], files: &[PathBuf]) -> Outcome {
    let mut twine = room.command("venv/bin/twine");
    twine.args(["upload", "--non-interactive", "--disable-progress-bar"]);
    run(twine.args(args).args(files))
}

/// The room of somebody whose `.pypirc` names the yard and a token.
pub fn signed_in(yard: &Yard, token: &str) -> Room {
    let room = Room::new();
    let text = format!(
        "[distutils]\nindex-servers =\n    yard\n\n[yard]\nrepository = {}\nusername = __token__\npassword = {token}\n",
        yard.url("/main/legacy/")
    );
    room.write("../home/.pypirc", &text);
    room
}

fn ferry(version: &str, text: &str) -> Shelf {
    Shelf::new(&[wheel("ferry", version), sdist("ferry", version)].map(|item| item.text(text)))
}

#[test]
fn twine_uploads_by_pypirc_and_then_the_next_version_but_no_changed_file() {
    let yard = Yard::new();
    let room = signed_in(&yard, &yard.admin_token());
    let send = |shelf: &Shelf| upload(&room, &["--repository", "yard"], &shelf.files());
    send(&ferry("1.0.0", "")).ok();
    send(&ferry("1.1.0", "")).ok();
    let revision = yard.revision();
    // A file alone and in company: nothing of it is taken.
    let other = ferry("1.1.0", "other");
    upload(&room, &["--verbose", "--repository", "yard"], &other.files())
        .fails()
        .says(&[
            "409 Conflict",
            "is already published with other",
            "bump the version",
        ]);
    for file in other.files() {
        upload(&room, &["--repository", "yard"], &[file])
            .fails()
            .says(&["409 Conflict"]);
    }
    assert_eq!(yard.revision(), revision);
    let target = Room::with_environment();
    let index = format!("--index-url={}", yard.url("/main/simple/"));
    target.pip(&["install", &index, "ferry"]).ok();
    target.says("ferry", "ferry 1.1.0\n");
}

#[test]
fn twine_skips_what_is_there_where_it_lets_an_index_say_so() {
    let yard = Yard::new();
    let room = signed_in(&yard, &yard.admin_token());
    upload(&room, &["--repository", "yard"], &ferry("1.0.0", "").files()).ok();
    let revision = yard.revision();
    // To anything but the indexes that it knows, twine says itself that it cannot.
    upload(
        &room,
        &["--repository", "yard", "--skip-existing"],
        &ferry("1.0.0", "other").files(),
    )
    .fails()
    .says(&["UnsupportedConfiguration", "--skip-existing"]);
    // What it would read of our refusal is asked of the function that reads it.
    room.write("judge.py", JUDGE);
    let mut judge = room.command("venv/bin/python");
    let other = ferry("1.0.0", "other");
    judge.args(["judge.py", &yard.url("/main/legacy/"), &yard.admin_token()]);
    run(judge.arg(&other.files()[0])).ok().says(&["409 skips: True"]);
    assert_eq!(yard.revision(), revision);
}

/// Uploads as twine does and says whether twine takes the answer for "there already".
const JUDGE: &str = "
import sys
from twine import package, repository, utils
from twine.commands.upload import skip_upload
url, token, file = sys.argv[1:]
there = repository.Repository(url, '__token__', token, disable_progress_bar=True)
file = package.PackageFile.from_filename(file, None)
answer = there.upload(file)
print(answer.status_code, 'skips:', skip_upload(answer, True, file))
";

#[test]
fn twine_shows_who_was_not_let_in_and_why() {
    let yard = Yard::new();
    let shelf = ferry("1.0.0", "");
    let made = admin(
        &yard,
        &["token", "create", "--id", "looker", "--can", "read", "--json"],
    )
    .ok();
    let made: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    let revision = yard.revision();
    for (token, words) in [
        ("wrong", ["401 Unauthorized", "a valid token is needed"]),
        (made["token"].as_str().unwrap(), ["403 Forbidden", "publish"]),
    ] {
        upload(
            &signed_in(&yard, token),
            &["--verbose", "--repository", "yard"],
            &shelf.files(),
        )
        .fails()
        .says(&words);
    }
    assert_eq!(yard.revision(), revision);
}
