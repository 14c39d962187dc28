//! `/metrics`: what it says, and to whom.

use crate::harness::{Request, Served, get, packyard, run, system_command};

#[test]
fn the_figures_follow_what_is_done() {
    let yard = Served::with(&[]).with_hello_world();
    let commits = yard.figure("packyard_commits_total");
    let of_pip = "packyard_requests_total{group=\"pip\",status=\"2xx\"}";
    let before = yard.figure(of_pip);
    for _ in 0..3 {
        get(&yard.url("/main/simple/")).is(200);
    }
    get(&yard.url("/main/simple/none/")).is(404);
    assert_eq!(yard.figure(of_pip), before + 3);
    assert_eq!(
        yard.figure("packyard_requests_total{group=\"pip\",status=\"4xx\"}"),
        1
    );
    Request::new("GET", &yard.url("/main/simple/"))
        .token("no such token")
        .send()
        .is(401);
    assert_eq!(yard.figure("packyard_token_failures_total"), 1);
    let (url, token) = (yard.url(""), yard.admin_token());
    packyard(["channel", "create", "beta", "--server", &url, "--token", &token]).ok();
    assert_eq!(yard.figure("packyard_commits_total"), commits + 1);
    let revision = get(&yard.url("/healthz"))
        .header("x-packyard-revision")
        .to_owned();
    assert_eq!(yard.figure("packyard_revision").to_string(), revision);
    assert_eq!(yard.figure("packyard_index_lag"), 0);
    assert!(yard.figure("packyard_connections") >= 1);
    assert!(yard.figure("packyard_sent_bytes_total") > 1000);
}

#[test]
fn a_page_of_figures_is_well_formed_and_its_labels_are_not_chosen_by_clients() {
    let yard = Served::with(&[]);
    for path in ["/secret-channel/simple/", "/weird%22label/", "/metrics/x"] {
        get(&yard.url(path));
    }
    let reply = get(&yard.url("/metrics")).is(200);
    assert!(
        reply
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = reply.text();
    assert!(!text.contains("secret") && !text.contains("weird"), "{text}");
    let mut described = std::collections::BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(described.insert(rest.split(' ').next().unwrap()), "twice: {line}");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap_or_else(|e| panic!("{line}: {e}"));
            let name = name.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|s| name.strip_suffix(s));
            let known = described.contains(name) || family.is_some_and(|f| described.contains(f));
            assert!(known, "no type is said of {line}");
        }
    }
}

#[test]
fn figures_are_for_this_machine_and_administrators_unless_it_is_set_otherwise() {
    let yard = Served::configured("metrics-allow = []\n");
    let ask = |token: Option<&str>| {
        let request = Request::new("GET", &yard.url("/metrics"));
        token.map_or_else(
            || Request::new("GET", &yard.url("/metrics")).send(),
            |t| request.token(t).send(),
        )
    };
    ask(None).is(401);
    ask(Some(&yard.admin_token())).is(200);
    let (url, admin) = (yard.url(""), yard.admin_token());
    let reader = packyard([
        "token", "create", "--can", "read", "--server", &url, "--token", &admin,
    ]);
    ask(Some(reader.ok().stdout.trim())).is(403);
}

#[test]
fn with_an_address_of_their_own_figures_are_there_only() {
    let port = crate::harness::free_port();
    let own = format!("127.0.0.1:{port}");
    let yard = Served::with(&["--metrics-listen", &own]);
    get(&yard.url("/metrics")).is(404);
    let text = get(&format!("http://{own}/metrics")).is(200);
    assert!(text.text().contains("packyard_revision "));
    get(&format!("http://{own}/readyz")).is(200);
    get(&format!("http://{own}/main/simple/")).is(404);
    run(system_command("curl").args(["-sSf", &format!("http://{own}/healthz")])).ok();
}
