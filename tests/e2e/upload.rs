//! Uploads by the clients that people already have: twine and curl.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{AptRoot, DnfRoot, Outcome, Project, Request, Venv, Yard, run};

/// `curl -T`, as the pages print it.
fn curl_upload(yard: &Yard, token: &str, path: &str, file: &Path) -> Outcome {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail-with-body", "-u", &format!("__token__:{token}")]);
    run(curl.arg("-T").arg(file).arg(yard.url(path)))
}

/// A `PUT` of bytes under a name, as the admin.
fn put(yard: &Yard, path: &str) -> Request {
    Request::new("PUT", &yard.url(path)).token(&yard.admin_token())
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn twine_uploads_and_the_same_files_again_change_nothing() {
    let yard = Yard::new();
    let dist = Project::hello_world().build();
    let (wheel, sdist) = (dist.wheel(), dist.sdist());
    let upload = || Venv::twine_upload(&yard.url("/main/legacy/"), &yard.admin_token(), &[&wheel, &sdist]);
    upload().ok();
    let revision = yard.revision();
    upload().ok();
    assert_eq!(yard.revision(), revision, "the same bytes made a new revision");
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--index-url",
        &yard.url("/main/simple/"),
        "hello-world",
    ])
    .ok();
}

#[test]
fn uv_publishes_skips_what_is_there_and_shows_why_it_was_refused() {
    let yard = Yard::new();
    let dist = Project::hello_world().build();
    let publish = |token: &str| {
        let mut uv = Venv::tool("uv");
        uv.args([
            "publish",
            "--publish-url",
            &yard.url("/main/legacy/"),
            "--token",
            token,
        ]);
        uv.args(["--check-url", &yard.url("/main/simple/")])
            .args([dist.wheel(), dist.sdist()]);
        run(&mut uv)
    };
    publish("wrong").fails().says(&["401", "a valid token is needed"]);
    publish(&yard.admin_token()).ok();
    let revision = yard.revision();
    publish(&yard.admin_token())
        .ok()
        .says(&["already exists, skipping"]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn a_token_for_one_project_publishes_no_other_under_a_borrowed_source() {
    let yard = Yard::new();
    let wish = r#"{"can":"publish","id":"one","projects":"good-*"}"#;
    let reply = Request::new("POST", &yard.url("/api/v1/tokens"))
        .token(&yard.admin_token())
        .send_bytes(wish.as_bytes());
    let token = reply.is(201).json()["token"].as_str().unwrap().to_owned();
    let deb = Project::greeter().build();
    let url = yard.url(&format!("/main/apt/upload/any/main/{}", name(&deb.deb())));
    Request::new("PUT", &url)
        .token(&token)
        .send_file(&deb.deb())
        .problem(403, &["greeter"]);
    // Nor does it make tokens, or see them.
    Request::new("GET", &yard.url("/api/v1/tokens"))
        .token(&token)
        .send()
        .problem(403, &["administer"]);
}

#[test]
fn other_bytes_under_a_published_name_are_a_conflict() {
    let (yard, project) = Yard::with_hello_world();
    let revision = yard.revision();
    project.replace("README.md", "greets whoever asks", "greets whoever shouts");
    let other = project.build();
    let token = yard.admin_token();
    Venv::twine_upload(&yard.url("/main/legacy/"), &token, &[&other.wheel()])
        .fails()
        .says(&["409"]);
    let deb = format!("/main/apt/upload/any/main/{}", name(&other.deb()));
    project.replace("man/hello-world.1", "Answers every", "Answers each");
    let other = project.build();
    put(&yard, &deb)
        .send_file(&other.deb())
        .problem(409, &[name(&other.deb())]);
    let rpm = format!("/main/yum/upload/any/{}", name(&other.rpm()));
    put(&yard, &rpm)
        .send_file(&other.rpm())
        .problem(409, &[name(&other.rpm())]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn curl_uploads_a_deb_and_apt_installs_it() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    let deb = dist.deb();
    let path = format!("/main/apt/upload/any/main/{}", name(&deb));
    curl_upload(&yard, &yard.admin_token(), &path, &deb).ok();
    let revision = yard.revision();
    put(&yard, &path).send_file(&deb).is(200);
    assert_eq!(yard.revision(), revision, "the same bytes made a new revision");
    let root = AptRoot::of(&yard);
    root.update();
    root.apt_get(&["install", "greeter"]).ok();
    root.run("greeter", &["you"]).ok().says(&["Hello, you!"]);
}

#[test]
fn curl_uploads_an_rpm_and_dnf_installs_it() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    let rpm = dist.rpm();
    let path = format!("/main/yum/upload/any/{}", name(&rpm));
    curl_upload(&yard, &yard.admin_token(), &path, &rpm).ok();
    // It was signed on the way in; what counts is what was sent.
    let revision = yard.revision();
    put(&yard, &path).send_file(&rpm).is(200);
    assert_eq!(yard.revision(), revision, "the same bytes made a new revision");
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "greeter"]).ok();
}

#[test]
fn without_the_token_nothing_is_taken() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    let deb = dist.deb();
    let url = yard.url(&format!("/main/apt/upload/any/main/{}", name(&deb)));
    let reply = Request::new("PUT", &url).send_file(&deb).is(401);
    assert!(reply.header("www-authenticate").starts_with("Basic"), "{reply:?}");
    let reply = Request::new("PUT", &url).token("wrong").send_file(&deb).is(401);
    assert!(reply.header("www-authenticate").starts_with("Basic"), "{reply:?}");
    assert_eq!(yard.revision(), Yard::new().revision(), "something was committed");
}

/// Each bad upload is answered with its status and a problem that names what is wrong, and leaves
/// the yard as it was.
#[test]
fn a_package_that_is_not_what_its_name_says_is_refused() {
    let yard = Yard::new();
    let revision = yard.revision();
    let dist = Project::greeter().build();
    let deb = "/main/apt/upload/any/main";
    let rpm = "/main/yum/upload/any";
    put(&yard, &format!("{deb}/other_0.2.0_all.deb"))
        .send_file(&dist.deb())
        .problem(422, &["other", "greeter"]);
    put(
        &yard,
        &format!("{deb}/{}", name(&dist.deb()).replace("0.2.0", "9.9.9")),
    )
    .send_file(&dist.deb())
    .problem(422, &["9.9.9", "0.2.0"]);
    put(
        &yard,
        &format!("{rpm}/{}", name(&dist.rpm()).replace("0.2.0", "9.9.9")),
    )
    .send_file(&dist.rpm())
    .problem(422, &["9.9.9", "0.2.0"]);
    put(&yard, &format!("{deb}/{}", name(&dist.deb())))
        .send_file(&dist.rpm())
        .problem(422, &[name(&dist.deb())]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn a_truncated_package_is_refused() {
    let yard = Yard::new();
    let revision = yard.revision();
    let dist = Project::greeter().build();
    for (path, file) in [
        ("/main/apt/upload/any/main", dist.deb()),
        ("/main/yum/upload/any", dist.rpm()),
    ] {
        let bytes = fs::read(&file).unwrap();
        for kept in [0, 100, bytes.len() / 2, bytes.len() - 2] {
            let reply = put(&yard, &format!("{path}/{}", name(&file))).send_bytes(&bytes[..kept]);
            reply.problem(422, &[name(&file)]);
        }
    }
    assert_eq!(yard.revision(), revision);
}

#[test]
fn a_truncated_wheel_is_refused() {
    let yard = Yard::new();
    let revision = yard.revision();
    let dist = Project::hello_world().build();
    let wheel = dist.wheel();
    // twine reads the metadata itself, so it would not even send this: speak its protocol.
    let broken = yard.data().join("..").join(name(&wheel));
    let bytes = fs::read(&wheel).unwrap();
    fs::write(&broken, &bytes[..bytes.len() - 20]).unwrap();
    let content = format!("content=@{};type=application/octet-stream", broken.display());
    let mut curl = Command::new("curl");
    curl.args([
        "-sS",
        "-w",
        "status %{http_code}",
        "-u",
        &format!("__token__:{}", yard.admin_token()),
    ]);
    curl.args([
        "-F",
        ":action=file_upload",
        "-F",
        "protocol_version=1",
        "-F",
        "metadata_version=2.4",
    ]);
    curl.args([
        "-F",
        "name=hello-world",
        "-F",
        "version=1.1.3",
        "-F",
        "filetype=bdist_wheel",
    ]);
    curl.args(["-F", "pyversion=py3", "-F", &content])
        .arg(yard.url("/main/legacy/"));
    run(&mut curl).ok().says(&["status 422", name(&wheel)]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn a_petabyte_is_refused_before_it_is_sent() {
    let yard = Yard::new();
    for path in [
        "/main/apt/upload/any/main/big_1_all.deb",
        "/main/yum/upload/any/big-1-1.noarch.rpm",
    ] {
        let mut curl = Command::new("curl");
        // curl waits for `100 Continue`; what must come instead is the refusal.
        curl.args([
            "-sS",
            "-X",
            "PUT",
            "-w",
            "status %{http_code}",
            "--max-time",
            "30",
        ]);
        curl.args([
            "-H",
            "Content-Length: 1125899906842624",
            "-H",
            "Expect: 100-continue",
        ]);
        curl.args([
            "-u",
            &format!("__token__:{}", yard.admin_token()),
            "--data-binary",
            "x",
        ]);
        curl.args(["--expect100-timeout", "20"]).arg(yard.url(path));
        run(&mut curl).says(&["status 413"]);
    }
}
