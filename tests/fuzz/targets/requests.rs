//! Handlers of requests.

use crate::{Target, mutator::Mutator};
use axum::body::{Body, to_bytes};
use http::Request;
use packyard_repo::{DataDir, OpenYard, Yard};
use packyard_server::{App, Settings, router, system_clock};
use std::sync::OnceLock;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// A yard, the token that may do everything in it, and what runs it.
struct Stage {
    router: axum::Router,
    token: String,
    runtime: Runtime,
    _room: tempfile::TempDir,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let room = tempfile::TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let dir = DataDir::new(room.path().join("data"));
        let open = OpenYard {
            dir: dir.clone(),
            clock: system_clock(),
            node: "fuzz".to_owned(),
            keys: None,
        };
        let yard = runtime.block_on(Yard::open(open)).unwrap();
        let wish = packyard_repo::TokenWish {
            id: None,
            can: packyard_types::Permissions::admin(),
            channels: "*".to_owned(),
            projects: "*".to_owned(),
            expires: None,
            networks: Vec::new(),
        };
        let granted = yard.grant(&packyard_repo::Access::Local, wish);
        let (_, token) = runtime.block_on(granted).unwrap();
        let router = {
            let _inside = runtime.enter();
            router(App::new(yard, Settings::default()))
        };
        Stage {
            router,
            token,
            runtime,
            _room: room,
        }
    })
}

/// Puts a request, and judges its answer.
fn put(request: http::request::Builder, body: Vec<u8>) {
    let stage = stage();
    let request = request.header("authorization", format!("Bearer {}", stage.token));
    // What is no request at all does not come through HTTP.
    let Ok(request) = request.body(Body::from(body)) else {
        return;
    };
    let shown = format!("{} {}", request.method(), request.uri());
    let asked = request.headers().get("accept").is_some_and(|a| a == "text/html");
    let refused = if asked {
        "text/html; charset=utf-8"
    } else {
        "application/problem+json"
    };
    stage.runtime.block_on(async {
        let answer = stage.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let kind = answer.headers().get("content-type").cloned();
        let body = to_bytes(answer.into_body(), 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&body);
        assert!(!status.is_server_error(), "{shown}: {status} {text}");
        if status.is_client_error() {
            assert_eq!(kind.unwrap(), refused, "{shown}: {status} {text}");
            assert!(
                !text.contains(['\u{202e}', '\u{1b}', '\u{9b}']),
                "{shown}: {text:?}"
            );
        }
    });
}

pub mod multipart {
    use super::{Mutator, Target, put};

    const FORM: &str = "--b0undary\r\nContent-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n\
        --b0undary\r\nContent-Disposition: form-data; name=\"metadata_version\"\r\n\r\n2.1\r\n\
        --b0undary\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nhello-world\r\n\
        --b0undary\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1.0\r\n\
        --b0undary\r\nContent-Disposition: form-data; name=\"sha256_digest\"\r\n\r\n\
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n\
        --b0undary\r\nContent-Disposition: form-data; name=\"content\"; filename=\"hello_world-1.0.tar.gz\"\r\n\
        Content-Type: application/octet-stream\r\n\r\nno package\r\n--b0undary--\r\n";

    const WORDS: [&str; 14] = [
        "--b0undary",
        "--b0undary--",
        "\r\n",
        "\n",
        "name=\"content\"",
        "filename=\"../x.whl\"",
        "filename*=UTF-8''%2e",
        "\"",
        ";",
        "Content-Disposition: ",
        "Content-Transfer-Encoding: base64\r\n",
        "\0",
        "\u{202e}",
        "form-data",
    ];

    pub const TARGET: Target = Target {
        name: "multipart",
        make: |m: &mut Mutator| {
            let mut bytes = FORM.as_bytes().to_vec();
            m.change(&mut bytes, &WORDS);
            bytes
        },
        run: |bytes| {
            let kind = "multipart/form-data; boundary=b0undary";
            let request = http::Request::post("/main/legacy/").header("content-type", kind);
            put(request, bytes.to_vec());
        },
    };
}

pub mod api {
    use super::{Mutator, Request, Target, put};

    const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Requests, each with a body that would do.
    const BODIES: [(&str, &str, &str); 14] = [
        (
            "POST",
            "channels/main/releases",
            r#"{"artifacts":[{"filename":"a_1_all.deb","sha256":"DIGEST","distribution":"any","component":"main","parts":[]}],"note":"x","if_revision":3,"skip_refused":true}"#,
        ),
        (
            "POST",
            "channels/main/uploads",
            r#"{"artifacts":[{"filename":"a-1-py3-none-any.whl","sha256":"DIGEST"}]}"#,
        ),
        (
            "POST",
            "channels/main/promotions",
            r#"{"from":"dev@1","from_distribution":"any","packages":["a==1","b"],"move":false,"dry_run":true,"note":"x"}"#,
        ),
        (
            "POST",
            "channels/main/rollbacks",
            r#"{"to":1,"dry_run":true,"note":"x","if_revision":2}"#,
        ),
        (
            "POST",
            "channels/main/yanks",
            r#"{"packages":["a==1.0"],"distribution":"any","reason":"x","undo":false}"#,
        ),
        (
            "POST",
            "channels/main/removals",
            r#"{"packages":["a==1.0"],"reason":"x"}"#,
        ),
        (
            "PUT",
            "channels/made",
            r#"{"public":true,"volatile":false,"inherits":["main"],"keep":3,"closure":"warn","reserved":["a-*"],"upstream":null}"#,
        ),
        (
            "PUT",
            "channels/main/distributions/made",
            r#"{"family":"deb","aliases":["x"],"suite":"s","codename":"c","origin":"o","label":"l","version":"1","description":"d","components":["main"],"architectures":["amd64"],"not_automatic":true,"valid_for_seconds":604800}"#,
        ),
        (
            "PUT",
            "channels/main/projects/a",
            r#"{"status":"archived","reason":"x","open":false,"note":"y"}"#,
        ),
        ("PUT", "channels/main/tags/t", r#"{"at":1}"#),
        (
            "POST",
            "tokens",
            r#"{"id":"t","can":["read"],"channels":"*","projects":"a-*","expires":"2030-01-01T00:00:00Z","networks":["10.0.0.0/8"]}"#,
        ),
        (
            "POST",
            "publishers",
            r#"{"id":"p","issuer":"https://ci.example.org","audience":"x","claims":{"repository":"a/b"},"can":["publish"]}"#,
        ),
        ("POST", "purges", r#"{"sha256":"DIGEST","reason":"x"}"#),
        ("POST", "gc", r#"{"dry_run":true,"grace_seconds":3600}"#),
    ];

    const WORDS: [&str; 18] = [
        "\"",
        ":",
        ",",
        "{",
        "}",
        "[",
        "]",
        "null",
        "true",
        "1e999",
        "-1",
        "18446744073709551616",
        "\\u0000",
        "\\ud800",
        "\\u202e",
        "..",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":",
    ];

    pub const TARGET: Target = Target {
        name: "api",
        make: |m: &mut Mutator| {
            let which = m.below(BODIES.len());
            let body = BODIES[which].2.replace("DIGEST", DIGEST);
            let body = m.change_text(&body, &WORDS).into_bytes();
            [&[u8::try_from(which).unwrap()][..], &body].concat()
        },
        run: |bytes| {
            let Some((which, body)) = bytes.split_first() else {
                return;
            };
            let (method, path, _) = BODIES[usize::from(*which) % BODIES.len()];
            let request = Request::builder().method(method).uri(format!("/api/v1/{path}"));
            put(request, body.to_vec());
        },
    };
}

pub mod path {
    use super::{Mutator, Request, Target, put};

    const PATHS: [&str; 14] = [
        "/main/",
        "/main@1/packages/a/1.0?all=true",
        "/main/simple/a/",
        "/main/files/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/a-1.0-py3-none-any.whl.metadata",
        "/main/apt/dists/any/main/binary-amd64/by-hash/SHA256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "/main/apt/pool/any/main/a/a_1%3a1.0~rc1_all.deb",
        "/main@2026-01-01/apt/dists/any/InRelease",
        "/main/yum/any/x86_64/repodata/repomd.xml",
        "/main/yum/any/x86_64/Packages/a/a-1-1.noarch.rpm",
        "/main/setup.sh?distribution=any",
        "/api/v1/channels/main/diff?from=1&to=2",
        "/api/v1/revisions?after=1&channel=main",
        "/api/v1/channels/main/packages?q=a",
        "/main/?q=a&all=true&history=true",
    ];
    const WORDS: [&str; 16] = [
        "/",
        "//",
        "%2f",
        "%2e%2e",
        "..",
        "%00",
        "%",
        "%c2%9b",
        "%e2%80%ae",
        "@",
        "?",
        "&",
        "=",
        "~",
        "99999999999999999999",
        "+",
    ];

    pub const TARGET: Target = Target {
        name: "path",
        make: |m: &mut Mutator| {
            let path = *m.pick(&PATHS);
            m.change_text(path, &WORDS).into_bytes()
        },
        run: |bytes| {
            let path = String::from_utf8_lossy(bytes);
            for (accept, range) in [
                ("text/html", "bytes=0-1,5-,-3"),
                ("application/json;q=0.1, */*", "bytes=-"),
            ] {
                let request = Request::get(&*path)
                    .header("host", "yard.example")
                    .header("accept", accept);
                put(request.header("range", range), Vec::new());
            }
        },
    };
}
