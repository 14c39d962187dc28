//! The upload form: what it may say, what it must not say otherwise than the file, and how an answer is written.

use crate::harness::{Form, Project, Venv, Yard, get, run};
use std::fs;
use std::path::Path;

/// A file's name and bytes.
type File = (String, Vec<u8>);

fn read(path: &Path) -> File {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    (name, fs::read(path).unwrap())
}

/// A yard, and a wheel and an sdist of hello-world.
fn hello() -> (Yard, File, File) {
    let dist = Project::hello_world().build();
    (Yard::new(), read(&dist.wheel()), read(&dist.sdist()))
}

#[test]
fn each_field_that_the_archive_contradicts_is_a_problem_with_both() {
    let (yard, (name, bytes), _) = hello();
    let revision = yard.revision();
    let form = Form::new()
        .with("name", "goodbye-world")
        .with("version", "9.9")
        .with("filetype", "sdist")
        .with("pyversion", "cp311")
        .with("metadata_version", "2.6")
        .with("summary", "not what it says")
        .with("requires_python", "<2")
        .with("never_heard_of", "x");
    let reply = form.send(&yard, &name, &bytes).problem(422, &[&name]);
    let problems = reply.json()["problems"].as_array().unwrap().clone();
    assert_eq!(problems.len(), 7, "{}", reply.text());
    let version = problems.iter().find(|p| p["found"] == "9.9").unwrap();
    assert_eq!(version["expected"], "1.1.3");
    assert!(
        version["detail"]
            .as_str()
            .unwrap()
            .contains("the form says version `9.9`, the file says `1.1.3`")
    );
    assert_eq!(yard.revision(), revision);
    // What is there already is not talked about differently either.
    Form::new().send(&yard, &name, &bytes).is(200);
    Form::new()
        .with("version", "9.9")
        .send(&yard, &name, &bytes)
        .problem(422, &["the form says version `9.9`, the file says `1.1.3`"]);
    Form::new()
        .with("version", "1.1.3")
        .send(&yard, &name, &bytes)
        .is(200);
}

#[test]
fn what_is_not_given_is_not_compared() {
    let (yard, (wheel, bytes), (sdist, source)) = hello();
    let form = Form::new()
        .with("summary", "UNKNOWN")
        .with("requires_python", "")
        .with("gpg_signature", "not checked")
        .with("attestations", "[]");
    form.send(&yard, &wheel, &bytes).is(200);
    form.with("pyversion", "source")
        .send(&yard, &sdist, &source)
        .is(200);
}

#[test]
fn every_digest_that_is_given_is_checked() {
    let (yard, (name, bytes), _) = hello();
    let zeros = "0".repeat(64);
    for (field, other) in [
        ("sha256_digest", zeros.as_str()),
        ("blake2_256_digest", &zeros),
        ("md5_digest", &zeros[..32]),
        ("md5_digest", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ] {
        let words = ["as the form says", "0000"];
        Form::new()
            .with(field, other)
            .send(&yard, &name, &bytes)
            .problem(400, &words);
    }
    for (field, none) in [
        ("sha256_digest", "abc"),
        ("blake2_256_digest", "xyz"),
        ("md5_digest", &zeros[..31]),
    ] {
        let words = [field, none, "hexadecimal digits"];
        Form::new()
            .with(field, none)
            .send(&yard, &name, &bytes)
            .problem(400, &words);
    }
    assert_eq!(get(&yard.url("/main/simple/hello-world/")).status, 404);
    let right = crate::harness::sha256(&bytes).to_uppercase();
    Form::new()
        .with("sha256_digest", &right)
        .send(&yard, &name, &bytes)
        .is(200);
}

#[test]
fn only_this_protocol_and_only_wheels_and_sdists() {
    let (yard, (name, bytes), _) = hello();
    let form = Form::new().with("protocol_version", "2");
    form.send(&yard, &name, &bytes)
        .problem(400, &["`protocol_version` is `2`", "only `1`"]);
    let form = Form::new().with(":action", "doc_upload");
    form.send(&yard, &name, &bytes).problem(400, &[":action"]);
    for name in ["hello-1.0.zip", "hello-1.0-py3.11.egg", "hello-1.0.win32.exe"] {
        Form::new()
            .send(&yard, name, &bytes)
            .problem(415, &[name, "PEP 625"]);
    }
    Form::new()
        .with("content", "not a file")
        .send(&yard, &name, &bytes)
        .problem(400, &["`content` has no filename", "curl -F"]);
    Form::new()
        .send(&yard, "hello_1.0_all.deb", &bytes)
        .problem(415, &["PUT a .deb"]);
    let reply = get(&yard.url("/main/legacy/")).problem(405, &["POST", "/main/simple/"]);
    assert_eq!(reply.header("allow"), "POST");
}

#[test]
fn who_asks_for_text_gets_a_line_of_text() {
    let (yard, (name, bytes), _) = hello();
    let form = Form::new().with("version", "9.9").accept("text/plain");
    let reply = form.send(&yard, &name, &bytes).is(422);
    assert!(reply.header("content-type").starts_with("text/plain"));
    let line = reply.text();
    assert!(
        line.contains("the form says version `9.9`, the file says `1.1.3`; hint:"),
        "{line}"
    );
    assert_eq!(line.matches('\n').count(), 1, "{line}");
}

#[test]
fn other_bytes_are_a_conflict_that_clients_know_by_its_words() {
    let yard = Yard::new();
    let project = Project::hello_world();
    let first = project.build();
    let (name, bytes) = read(&first.wheel());
    Form::new().send(&yard, &name, &bytes).is(200);
    let revision = yard.revision();
    project.replace("README.md", "greets whoever asks", "greets whoever shouts");
    let other = project.build();
    let (_, changed) = read(&other.wheel());
    let reply = Form::new()
        .send(&yard, &name, &changed)
        .problem(409, &[&name, "sha256"]);
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("File already exists ("), "{detail}");
    // twine says why without being asked to be verbose.
    Venv::twine_upload(&yard.url("/main/legacy/"), &yard.admin_token(), &[&other.wheel()])
        .fails()
        .says(&["File already exists"]);
    let mut uv = Venv::tool("uv");
    uv.args(["publish", "--publish-url", &yard.url("/main/legacy/")]);
    uv.args(["--token", &yard.admin_token()]).arg(other.wheel());
    run(&mut uv).fails().says(&["File already exists"]);
    assert_eq!(yard.revision(), revision);
    crate::harness::packyard([
        "remove",
        "hello-world==1.1.3",
        "--server",
        &yard.url(""),
        "--token",
        &yard.admin_token(),
    ])
    .ok();
    let reply = Form::new()
        .send(&yard, &name, &changed)
        .problem(409, &[&name, "removed"]);
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("This filename was used before ("), "{detail}");
}

#[test]
fn files_spelt_as_in_earlier_years_are_imported_and_not_uploaded() {
    let (yard, (_, wheel), (_, sdist)) = hello();
    let old = tempfile::TempDir::new().unwrap();
    for (name, bytes, normal) in [
        (
            "Hello.World-1.1.3-py3-none-any.whl",
            &wheel,
            "it must be `hello_world` (PEP 427)",
        ),
        (
            "hello-world-1.1.3.tar.gz",
            &sdist,
            "its filename must be `hello_world-1.1.3.tar.gz` (PEP 625)",
        ),
    ] {
        let reply = Form::new().send(&yard, name, bytes).problem(422, &[name, normal]);
        assert!(reply.text().contains("packyard import"), "{}", reply.text());
        fs::write(old.path().join(name), bytes).unwrap();
    }
    let (server, token) = (yard.url(""), yard.admin_token());
    let from = old.path().to_str().unwrap();
    crate::harness::packyard(["import", from, "--server", &server, "--token", &token]).ok();
    let page = get(&yard.url("/main/simple/hello-world/")).is(200);
    for name in ["Hello.World-1.1.3-py3-none-any.whl", "hello-world-1.1.3.tar.gz"] {
        assert!(page.text().contains(name), "{}", page.text());
    }
}
