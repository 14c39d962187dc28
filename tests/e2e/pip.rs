//! pip and uv install from a channel's Python index.

use std::process::Command;

use crate::harness::{Request, Venv, Yard, get, run, sha256};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";

#[test]
fn pip_installs_a_project_and_its_console_script_runs() {
    let (yard, _) = Yard::with_hello_world();
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--index-url",
        &yard.url("/main/simple/"),
        "hello-world",
    ])
    .ok();
    run(Command::new(venv.bin("hello-world")).arg("--version"))
        .ok()
        .says(&["1.1.3"]);
}

#[test]
fn pip_is_set_up_by_the_served_configuration() {
    let (yard, _) = Yard::with_hello_world();
    let config = yard.data().join("../pip.conf");
    std::fs::write(&config, get(&yard.url("/main/pip.conf")).is(200).text()).unwrap();
    let venv = Venv::new();
    let mut pip = Venv::tool("pip");
    pip.env("PIP_CONFIG_FILE", config)
        .arg("--python")
        .arg(venv.bin("python"));
    run(pip.args(["install", "--no-cache-dir", "hello-world"])).ok();
    run(Command::new(venv.bin("hello-world")).arg("--version"))
        .ok()
        .says(&["1.1.3"]);
}

#[test]
fn uv_installs_and_takes_the_next_version_when_it_appears() {
    let (yard, project) = Yard::with_hello_world();
    let venv = Venv::new();
    let index = yard.url("/main/simple/");
    venv.uv_pip("install", &["--index-url", &index, "hello-world"])
        .ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    venv.uv_pip("install", &["--index-url", &index, "--upgrade", "hello-world"])
        .ok();
    run(Command::new(venv.bin("hello-world")).arg("--version"))
        .ok()
        .says(&["1.1.4"]);
}

#[test]
fn pip_takes_the_source_distribution_where_no_wheel_may_be_used() {
    let (yard, _) = Yard::with_hello_world();
    let directory = yard.data().join("../downloads");
    let mut pip = Venv::tool("pip");
    // The declared backend is among the provisioned tools; only hello-world is fetched.
    pip.args([
        "--isolated",
        "wheel",
        "--no-cache-dir",
        "--no-deps",
        "--no-build-isolation",
    ]);
    pip.args([
        "--no-binary",
        "hello-world",
        "--index-url",
        &yard.url("/main/simple/"),
    ]);
    run(pip.arg("--wheel-dir").arg(&directory).arg("hello-world")).ok();
    assert!(directory.join("hello_world-1.1.3-py3-none-any.whl").exists());
    assert!(
        !yard.log().replace(".whl.metadata", "").contains(".whl"),
        "{}",
        yard.log()
    );
}

#[test]
fn pip_resolves_from_the_metadata_alone() {
    let (yard, _) = Yard::with_hello_world();
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--dry-run",
        "--index-url",
        &yard.url("/main/simple/"),
        "hello-world",
    ])
    .ok()
    .says(&["Would install hello-world-1.1.3"]);
    let log = yard.log();
    assert!(
        log.contains(".whl.metadata"),
        "the sidecar was not asked for:\n{log}"
    );
    let whole = log.replace(".whl.metadata", "");
    assert!(!whole.contains(".whl"), "the wheel itself was fetched:\n{log}");
}

#[test]
fn the_sidecar_is_the_metadata_in_the_wheel() {
    let (yard, _) = Yard::with_hello_world();
    let page = yard.url("/main/simple/hello-world/");
    let listed = Request::new("GET", &page)
        .header("accept", JSON)
        .send()
        .is(200)
        .json();
    let files = listed["files"].as_array().unwrap();
    let wheel = files
        .iter()
        .find(|file| file["filename"].as_str().unwrap().ends_with("-py3-none-any.whl"))
        .unwrap();
    let url = absolute(&yard, &page, wheel["url"].as_str().unwrap());
    let sidecar = get(&format!("{}.metadata", url.split('#').next().unwrap())).is(200);
    assert_eq!(wheel["core-metadata"]["sha256"], sha256(&sidecar.body));
    assert!(sidecar.text().contains("\nName: hello-world\n"));
}

#[test]
fn json_and_html_list_the_same_files_with_the_same_hashes() {
    let (yard, _) = Yard::with_hello_world();
    let page = yard.url("/main/simple/hello-world/");
    let json = Request::new("GET", &page).header("accept", JSON).send().is(200);
    let html = Request::new("GET", &page).header("accept", HTML).send().is(200);
    assert!(json.header("content-type").starts_with(JSON));
    assert!(html.header("content-type").starts_with(HTML));
    assert!(json.header("vary").to_lowercase().contains("accept"));
    assert_ne!(json.header("etag"), html.header("etag"));

    let listed = json.json();
    let files = listed["files"].as_array().unwrap();
    assert_eq!(files.len(), 2, "one wheel and one sdist: {listed}");
    assert_eq!(html.text().matches("<a ").count(), files.len());
    for file in files {
        let (name, hash) = (
            file["filename"].as_str().unwrap(),
            file["hashes"]["sha256"].as_str().unwrap(),
        );
        assert!(
            html.text().contains(&format!(">{name}</a>")),
            "{name} is not in {}",
            html.text()
        );
        assert!(
            html.text().contains(&format!("#sha256={hash}")),
            "{hash} is not in {}",
            html.text()
        );
        let served = get(&absolute(&yard, &page, file["url"].as_str().unwrap())).is(200);
        assert_eq!(sha256(&served.body), hash);
        assert_eq!(served.body.len() as u64, file["size"].as_u64().unwrap());
    }
}

#[test]
fn a_browser_gets_html_and_an_unnormalised_name_is_sent_to_its_page() {
    let (yard, _) = Yard::with_hello_world();
    let browser = Request::new("GET", &yard.url("/main/simple/")).header("accept", "text/html");
    let reply = browser.send().is(200);
    assert!(reply.header("content-type").starts_with("text/html"));
    assert!(reply.text().contains("hello-world"));
    let moved = get(&yard.url("/main/simple/Hello_World/"));
    assert!([301, 302, 307, 308].contains(&moved.status), "{moved:?}");
    assert!(
        moved.header("location").ends_with("/main/simple/hello-world/"),
        "{moved:?}"
    );
    get(&yard.url("/main/simple/no-such-project/")).is(404);
}

/// Resolves a link of a page, which may be absolute, rooted or relative.
fn absolute(yard: &Yard, page: &str, link: &str) -> String {
    if link.starts_with("http://") {
        return link.to_owned();
    }
    if link.starts_with('/') {
        return yard.url(link);
    }
    let ups = link.matches("../").count();
    let mut base = page.trim_end_matches('/');
    for _ in 0..ups {
        base = base.rsplit_once('/').unwrap().0;
    }
    format!("{base}/{}", link.trim_start_matches("../"))
}
