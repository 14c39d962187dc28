//! A proxy in front: whom it speaks for is believed of configured ones only.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::harness::{Request, Served, StaticHost, Venv, eventually, get, packyard};

/// What the log says of the request for a path.
fn logged(yard: &Served, path: &str) -> String {
    // The lines of some milliseconds are written together.
    eventually(path, || {
        let log = yard.log();
        log.lines().rfind(|line| line.contains(path)).map(str::to_owned)
    })
}

#[test]
fn behind_nginx_pages_name_the_outer_address_and_the_log_names_the_client() {
    let yard = Served::with(&["--trusted-proxy", "127.0.0.2"]).with_hello_world();
    let nginx = StaticHost::proxy(&yard.url(""), "X-Forwarded-Host packages.example.org");
    let conf = get(&format!("{}/main/pip.conf", nginx.url())).is(200);
    assert!(
        conf.text().contains("https://packages.example.org/main/simple/"),
        "{}",
        conf.text()
    );
    // nginx appends the peer to what the client wrote itself.
    let index = format!("{}/main/simple/", nginx.url());
    let request = Request::new("GET", &index).header("x-forwarded-for", "203.0.113.9");
    request.send().is(200);
    let line = logged(&yard, "GET /main/simple/");
    assert!(line.contains("127.0.0.1 \"GET"), "{line}");

    let venv = Venv::new();
    venv.pip(&["install", "--no-deps", "--index-url", &index, "hello-world"])
        .ok();
}

#[test]
fn a_hop_that_is_believed_leads_to_the_client_and_its_token_is_good_from_there_only() {
    let yard = Served::with(&["--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.0.0.0/8"]);
    let (url, admin) = (yard.url(""), yard.admin_token());
    let token = packyard([
        "token",
        "create",
        "--can",
        "read",
        "--network",
        "198.51.100.0/24",
        "--server",
        &url,
        "--token",
        &admin,
    ])
    .ok()
    .stdout;
    let ask = |hops: &str| {
        let request = Request::new("GET", &yard.url("/main/simple/")).token(token.trim());
        request.header("x-forwarded-for", hops).send()
    };
    ask("203.0.113.5, 198.51.100.7, 10.0.0.3").is(200);
    let line = logged(&yard, "GET /main/simple/");
    assert!(line.contains("198.51.100.7 \"GET"), "{line}");
    let stranger = ask("198.51.100.7, 203.0.113.5").status;
    assert!(matches!(stranger, 401 | 403), "{stranger}");
    // The other kind of header is the client's own writing.
    let request = Request::new("GET", &yard.url("/main/pip.conf"));
    let reply = request
        .header("forwarded", "host=evil.example;proto=https")
        .send()
        .is(200);
    assert!(!reply.text().contains("evil.example"), "{}", reply.text());
}

#[test]
fn anybody_else_speaks_for_itself() {
    let yard = Served::with(&["--trusted-proxy", "10.0.0.0/8"]);
    let request = Request::new("GET", &yard.url("/main/pip.conf"));
    let reply = request
        .header("x-forwarded-for", "198.51.100.7")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "evil.example")
        .send()
        .is(200);
    assert!(
        reply.text().contains(&yard.url("/main/simple/")),
        "{}",
        reply.text()
    );
    let line = logged(&yard, "GET /main/pip.conf");
    assert!(line.contains("127.0.0.1 \"GET"), "{line}");
    // Nor does such a request pass for one of this machine.
    let request = Request::new("GET", &yard.url("/metrics"));
    request.header("x-forwarded-for", "198.51.100.7").send().is(401);
}

#[test]
fn forwarded_is_understood_where_it_is_what_the_proxies_write() {
    let yard = Served::configured("trusted-proxies = [\"127.0.0.1\"]\nproxy-header = \"forwarded\"\n");
    let request = Request::new("GET", &yard.url("/main/pip.conf"));
    let said = "for=\"[2001:db8::7]:4711\";proto=https;host=packages.example.org";
    let reply = request.header("forwarded", said).send().is(200);
    assert!(
        reply.text().contains("https://packages.example.org/main/simple/"),
        "{}",
        reply.text()
    );
    assert!(logged(&yard, "GET /main/pip.conf").contains("2001:db8::7 \"GET"));
}

#[test]
fn wrong_tokens_count_for_the_client_and_not_for_its_proxy() {
    let yard = Served::with(&["--trusted-proxy", "127.0.0.2"]);
    let nginx = StaticHost::proxy(&yard.url(""), "X-Forwarded-Host packages.example.org");
    // nginx comes from 127.0.0.2, and says that it asks for 127.0.0.1.
    let wrong = |front: &str, n: usize| {
        let began = Instant::now();
        let request = Request::new("GET", &format!("{front}/main/simple/"));
        request.token(&format!("pyd_{n:064}")).send().is(401);
        began.elapsed()
    };
    for n in 0..8 {
        wrong(nginx.url(), n);
    }
    let slowed = wrong(nginx.url(), 8);
    assert!(slowed > Duration::from_millis(700), "{slowed:?}");
    // The same client without the proxy is no other; another client by a proxy is.
    let direct = wrong(&yard.url(""), 9);
    assert!(direct > Duration::from_millis(700), "{direct:?}");
    let believed = Served::with(&["--trusted-proxy", "127.0.0.1"]);
    let from = |client: &str| {
        let began = Instant::now();
        let request = Request::new("GET", &believed.url("/main/simple/")).token("pyd_wrong");
        request.header("x-forwarded-for", client).send().is(401);
        began.elapsed()
    };
    for _ in 0..9 {
        from("198.51.100.7");
    }
    let (same, other) = (from("198.51.100.7"), from("198.51.100.8"));
    assert!(same > Duration::from_millis(1500), "{same:?}");
    assert!(other < Duration::from_millis(1300), "{other:?}");
}

#[test]
fn connections_of_a_proxy_are_those_of_many_and_of_anybody_else_its_own() {
    let limit = "[limits]\nconnections-per-source = 2\n";
    let open = |yard: &Served| -> Vec<TcpStream> {
        let held = (0..5).map(|_| TcpStream::connect(yard.authority()).unwrap());
        held.collect()
    };
    let behind = Served::configured(&format!("trusted-proxies = [\"127.0.0.1\"]\n{limit}"));
    let held = open(&behind);
    get(&behind.url("/healthz")).is(200);
    drop(held);
    let alone = Served::configured(&format!("trusted-proxies = [\"10.0.0.0/8\"]\n{limit}"));
    // The connection that saw the server start may count for a moment yet, in the place of one of these.
    let mut held = open(&alone);
    eventually("a connection to be refused", || {
        held.extend(TcpStream::connect(alone.authority()));
        let request = Request::new("GET", &alone.url("/healthz"));
        let reply = request.header("x-forwarded-for", "198.51.100.7").send();
        (reply.status == 429).then_some(())
    });
}
