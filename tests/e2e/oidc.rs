//! Trusted publishing: CI jobs that publish without a secret, by the clients that they already have.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{
    CiSystem, Dist, Outcome, Project, Reply, Request, StaticHost, Venv, Yard, get, packyard, run,
};

/// Whom the tokens are for.
const AUDIENCE: &str = "packages.example.org";

/// What GitHub says of a job.
fn job() -> Value {
    json!({ "sub": "repo:acme/hello:environment:release", "repository": "acme/hello", "repository_owner_id": "4711",
            "environment": "release", "ref": "refs/heads/main" })
}

fn publisher(yard: &Yard, args: &[&str]) -> Outcome {
    let (server, token) = (yard.url(""), yard.admin_token());
    let place = ["--server", &server, "--token", &token];
    packyard([&["publisher"], args, &place].concat())
}

/// Trusts what the CI system says of jobs of `acme/hello`, for one project.
fn trust(yard: &Yard, ci: &CiSystem, id: &str) {
    let args = ["add", "--id", id, "--issuer", ci.url(), "--audience", AUDIENCE];
    let scope = ["--channel", "main", "--project", "hello-world"];
    let claims = [
        "--claim",
        "repository=acme/hello",
        "--claim",
        "environment=release",
    ];
    publisher(yard, &[&args[..], &scope, &claims].concat())
        .ok()
        .never_says(&["warning"]);
}

fn mint(yard: &Yard, body: &Value) -> Reply {
    Request::new("POST", &yard.url("/_/oidc/mint-token")).send_bytes(body.to_string().as_bytes())
}

fn uv_publish(front: &StaticHost, dist: &Dist) -> Command {
    let mut uv = Venv::tool("uv");
    uv.env("SSL_CERT_FILE", front.authority());
    uv.args([
        "--no-config",
        "publish",
        "--trusted-publishing",
        "always",
        "--publish-url",
    ]);
    uv.arg(format!("{}/main/legacy/", front.url()));
    uv.args([dist.wheel(), dist.sdist()]);
    uv
}

/// The changes of a yard, the newest last.
fn changes(yard: &Yard) -> Vec<Value> {
    let reply = Request::new("GET", &yard.url("/api/v1/revisions")).token(&yard.admin_token());
    let mut all = reply.send().is(200).json();
    serde_json::from_value(all["changes"].take()).unwrap()
}

#[test]
fn uv_publishes_from_a_job_without_a_secret_and_the_log_says_whose_job_it_was() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    let front = StaticHost::tls(&yard.url(""));
    let dist = Project::hello_world().build();
    trust(&yard, &ci, "hello-ci");
    run(ci.runs(&mut uv_publish(&front, &dist))).ok();
    let index = yard.url("/main/simple/");
    Venv::new()
        .pip(&["install", "--index-url", &index, "hello-world"])
        .ok();
    let newest = changes(&yard).pop().unwrap();
    assert_eq!(newest["actor"], "hello-ci", "{newest}");
    let subject = format!("{} repo:acme/hello:environment:release", ci.url());
    assert!(newest.to_string().contains(&subject), "{newest}");
    // uv gives the token back when it is done.
    let tokens = fs::read_dir(yard.data().join("store/once/token")).map_or(0, Iterator::count);
    assert_eq!(tokens, 0);
}

#[test]
fn uv_takes_a_token_that_gitlab_puts_into_the_environment_and_shows_why_another_is_refused() {
    let claims = json!({ "sub": "project_path:acme/hello:ref_type:tag:ref:v1", "project_path": "acme/hello",
                         "ref_protected": "true", "ref_type": "tag" });
    let (yard, ci) = (Yard::new(), CiSystem::new(claims.clone()));
    let front = StaticHost::tls(&yard.url(""));
    let dist = Project::hello_world().build();
    let add = ["add", "--issuer", ci.url(), "--audience", AUDIENCE];
    let claim = [
        "--claim",
        "project_path=acme/hello",
        "--claim",
        "ref_type=tag",
        "--claim",
        "ref_protected=true",
    ];
    publisher(&yard, &[&add[..], &claim[..]].concat()).ok();
    let in_job = || {
        let mut uv = uv_publish(&front, &dist);
        uv.env("GITLAB_CI", "true");
        run(uv.env("PACKAGES_EXAMPLE_ORG_ID_TOKEN", ci.token(AUDIENCE)))
    };
    let mut branch = claims.clone();
    branch["ref_type"] = json!("branch");
    ci.claims(branch);
    in_job().fails().says(&["invalid-publisher", "ref_type `branch`"]);
    ci.claims(claims);
    in_job().ok();
    get(&yard.url("/main/simple/hello-world/")).is(200);
}

/// What the common CI action does before it calls twine, with the library that it uses.
const ACTION: &str = r#"
import id, os, requests, sys
host, check = sys.argv[1], sys.argv[2]
answer = requests.get(f"https://{host}/_/oidc/audience", verify=check, timeout=30)
assert answer.ok, answer.status_code
token = id.detect_credential(audience=answer.json()["audience"])
answer = requests.post(f"https://{host}/_/oidc/mint-token", json={"token": token}, verify=check, timeout=30)
payload = answer.json()
if not answer.ok:
    sys.exit("\n".join(f"* `{error['code']}`: {error['description']}" for error in payload["errors"]))
assert payload["success"] is True
print(payload["token"])
"#;

#[test]
fn the_flow_of_the_common_action_gives_a_token_for_twine_that_is_for_its_project_only() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    let front = StaticHost::tls(&yard.url(""));
    let host = front.url().trim_start_matches("https://").to_owned();
    let action = || {
        let mut python = Venv::tool("python");
        python.args(["-c", ACTION, &host]).arg(front.authority());
        run(ci.runs(&mut python))
    };
    action()
        .fails()
        .says(&["* `invalid-publisher`: no publisher of issuer"]);
    trust(&yard, &ci, "hello-ci");
    let token = action().ok().stdout.trim().to_owned();
    let dist = Project::hello_world().build();
    Venv::twine_upload(&yard.url("/main/legacy/"), &token, &[&dist.wheel()]).ok();
    let other = Project::greeter().build();
    let name = other.deb().file_name().unwrap().to_str().unwrap().to_owned();
    Request::new("PUT", &yard.url(&format!("/main/apt/upload/any/main/{name}")))
        .token(&token)
        .send_file(&other.deb())
        .problem(403, &["greeter"]);
    Request::new("GET", &yard.url("/api/v1/tokens"))
        .token(&token)
        .send()
        .problem(403, &["administer"]);
    // Removed, and at once nobody is trusted.
    publisher(&yard, &["remove", "hello-ci"]).ok();
    Venv::twine_upload(&yard.url("/main/legacy/"), &token, &[&dist.sdist()])
        .fails()
        .says(&["401"]);
}

#[test]
fn the_command_publishes_a_release_of_every_kind_with_such_a_token() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    trust(&yard, &ci, "hello-ci");
    let given = mint(&yard, &json!({ "token": ci.token(AUDIENCE) }))
        .is(200)
        .json();
    let (token, dist) = (given["token"].as_str().unwrap(), Project::hello_world().build());
    let publish = [
        "publish",
        dist.directory().to_str().unwrap(),
        "--server",
        &yard.url(""),
    ];
    packyard([&publish[..], &["--token", token]].concat()).ok();
    let newest = changes(&yard).pop().unwrap();
    assert_eq!(newest["actor"], "hello-ci", "{newest}");
    get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    packyard([&publish[..], &["--token", token, "--channel", "other"]].concat()).fails();
}

#[test]
fn a_refusal_says_which_in_words_and_as_a_code_and_a_token_is_used_once() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    let audience = get(&yard.url("/_/oidc/audience")).is(200).json();
    assert_eq!(audience, json!({ "audience": "packyard" }));
    trust(&yard, &ci, "hello-ci");
    let audience = get(&yard.url("/_/oidc/audience")).is(200).json();
    assert_eq!(audience, json!({ "audience": AUDIENCE }));
    let refused = |body: &Value, code: &str| {
        let reply = mint(&yard, body).problem(422, &[code]).json();
        assert_eq!(reply["errors"][0]["code"], code, "{reply}");
        assert!(reply["message"].is_string() && reply["errors"][0]["description"].is_string());
    };
    refused(&json!({ "tokens": "x" }), "invalid-payload");
    refused(&json!([]), "invalid-payload");
    refused(&json!({ "token": "x" }), "invalid-token");
    refused(&json!({ "token": ci.token("other") }), "invalid-token");
    let token = ci.token(AUDIENCE);
    let given = mint(&yard, &json!({ "token": token })).is(200);
    assert_eq!(given.header("cache-control"), "no-store");
    let given = given.json();
    assert_eq!(given["success"], true);
    assert!(given["expires"].as_i64().unwrap() > 0);
    refused(&json!({ "token": token }), "invalid-reuse-token");
    // Given back, whoever asks, and whatever it is.
    let upload = || {
        let url = yard.url("/api/v1/channels/main/uploads");
        let request = Request::new("POST", &url).token(given["token"].as_str().unwrap());
        request.send_bytes(br#"{"artifacts":[]}"#).status
    };
    assert_eq!(upload(), 200);
    for _ in 0..2 {
        let burn = Request::new("POST", &yard.url("/_/oidc/burn-token"));
        burn.send_bytes(json!({ "token": given["token"] }).to_string().as_bytes())
            .is(202);
    }
    assert_eq!(upload(), 401);
}

/// As wrong tokens are: the first five are answered at once, and nobody else waits.
#[test]
fn refused_jobs_are_slowed_and_a_good_one_from_the_same_place_is_not() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    trust(&yard, &ci, "hello-ci");
    let refused = |count: usize| {
        let began = Instant::now();
        for _ in 0..count {
            mint(&yard, &json!({ "token": ci.token("other") })).is(422);
        }
        began.elapsed()
    };
    let five = refused(5);
    let four_more = refused(4);
    assert!(
        four_more > five + Duration::from_secs(1),
        "five took {five:?}, four more {four_more:?}"
    );
    std::thread::scope(|scope| {
        let attack = scope.spawn(|| refused(2));
        std::thread::sleep(Duration::from_millis(100));
        let began = Instant::now();
        mint(&yard, &json!({ "token": ci.token(AUDIENCE) })).is(200);
        let took = began.elapsed();
        let attacked = attack.join().unwrap();
        assert!(took < Duration::from_millis(900), "the good one took {took:?}");
        assert!(attacked > Duration::from_secs(2), "{attacked:?}");
    });
}

#[test]
fn a_key_that_the_issuer_exchanges_is_seen_at_once_and_the_old_one_is_good_no_longer() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    trust(&yard, &ci, "hello-ci");
    let minted = |token: &str| mint(&yard, &json!({ "token": token }));
    minted(&ci.token(AUDIENCE)).is(200);
    let asked = ci.asked().len();
    minted(&ci.token(AUDIENCE)).is(200);
    assert_eq!(ci.asked().len(), asked, "keys are kept");
    let before = ci.token(AUDIENCE);
    ci.rotates_to("two");
    minted(&ci.token(AUDIENCE)).is(200);
    let asked = ci.asked().len();
    minted(&before).problem(422, &["invalid-token", "another key"]);
    // Keys that nobody has are asked for once, not with every token.
    for _ in 0..3 {
        minted(&before).is(422);
    }
    assert!(ci.asked().len() <= asked + 2, "{:?}", ci.asked());
    minted(&ci.token(AUDIENCE)).is(200);
}

#[test]
fn an_issuer_that_leads_elsewhere_is_not_followed() {
    let (yard, ci, other) = (Yard::new(), CiSystem::new(job()), CiSystem::new(job()));
    ci.leads_to(other.url());
    let add = ["add", "--issuer", ci.url(), "--claim", "repository=acme/hello"];
    publisher(&yard, &add)
        .ok()
        .says(&["warning", "cannot be had", "--audience"]);
    mint(&yard, &json!({ "token": ci.token("packyard") })).problem(503, &["issuer-unavailable"]);
    assert!(!ci.asked().is_empty());
    assert!(other.asked().is_empty(), "{:?}", other.asked());
}

#[test]
fn publishers_are_added_listed_and_removed_and_say_who_they_are() {
    let (yard, ci) = (Yard::new(), CiSystem::new(job()));
    trust(&yard, &ci, "hello-ci");
    let revision = yard.revision();
    trust(&yard, &ci, "hello-ci");
    assert_eq!(yard.revision(), revision, "the same again is another change");
    publisher(&yard, &["list"])
        .ok()
        .says(&["hello-ci", "repository=acme/hello", ci.url()]);
    let listed = publisher(&yard, &["list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed["publishers"][0]["claims"]["environment"], "release");
    let add = |more: &[&str]| publisher(&yard, &[&["add", "--claim", "repository=acme*"], more].concat());
    add(&["--issuer", ci.url()]).ok().says(&["warning", "`acme/*`"]);
    add(&["--issuer", "http://ci.example.org"])
        .fails()
        .says(&["https://"]);
    add(&["--issuer", ci.url(), "--can", "admin"])
        .fails()
        .says(&["read, publish or promote"]);
    add(&["--issuer", ci.url(), "--claim", "iss=x"])
        .fails()
        .says(&["looked at anyway"]);
    add(&["--issuer", ci.url(), "--claim", "repository"])
        .fails()
        .says(&["NAME=VALUE"]);
    let everybody = ["add", "--issuer", ci.url(), "--claim", "repository=*"];
    publisher(&yard, &everybody).fails().says(&["anybody"]);
    publisher(&yard, &["remove", "hello-ci"]).ok();
    publisher(&yard, &["remove", "hello-ci"])
        .fails()
        .says(&["no publisher `hello-ci`"]);
    Request::new("GET", &yard.url("/api/v1/publishers"))
        .send()
        .problem(401, &["token"]);
}
