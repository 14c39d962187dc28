//! Who may do what: every route, asked by every role, in a public and in a private channel. The answers are written down
//! in `authorisation.txt`, and `PACKYARD_BLESS=1` writes them anew: read the difference. A route without a row fails.
//!
//! A cell is `in` where a role gets the same answer as who administers the yard, and the status of a refusal elsewhere.
//! The last column is that answer itself. Nothing that is asked for changes what a later row sees.

use crate::harness::{Dist, Project, Reply, Request, Yard, packyard, repository};
use std::{collections::BTreeSet, fmt::Write as _, fs};

/// The roles, from the weakest to the strongest, and what their token is granted.
const ROLES: [(&str, &[&str]); 7] = [
    ("nobody", &[]),
    (
        "elsewhere",
        &["--can", "publish,promote,admin", "--channel", "other"],
    ),
    ("reader", &["--can", "read"]),
    ("publisher", &["--can", "publish"]),
    ("promoter", &["--can", "promote"]),
    (
        "project",
        &["--can", "publish,promote,admin", "--project", "other-*"],
    ),
    ("keeper", &["--can", "admin", "--channel", "[channel]"]),
];

/// A request: its method, its route as the router has it, the path that is asked for, and a body.
type Row = (&'static str, &'static str, &'static str, &'static str);

const API: &str = "/api/v1/channels/[channel]";

/// All of them. `~` stands for the channel's API, `[wheel]` for the path of a file below the channel.
const ROWS: &[Row] = &[
    // people
    ("GET", "/", "/", ""),
    ("GET", "/{channel}", "/[channel]", ""),
    ("GET", "/{channel}/", "/[channel]/", ""),
    (
        "GET",
        "/{channel}/packages/{name}",
        "/[channel]/packages/hello-world",
        "",
    ),
    (
        "GET",
        "/{channel}/packages/{name}/{version}",
        "/[channel]/packages/hello-world/1.0.0",
        "",
    ),
    // pip
    ("GET", "/{channel}/simple", "/[channel]/simple", ""),
    ("GET", "/{channel}/simple/", "/[channel]/simple/", ""),
    (
        "GET",
        "/{channel}/simple/{project}",
        "/[channel]/simple/hello-world",
        "",
    ),
    (
        "GET",
        "/{channel}/simple/{project}/",
        "/[channel]/simple/hello-world/",
        "",
    ),
    (
        "GET",
        "/{channel}/files/{sha256}/{filename}",
        "/[channel]/[wheel]",
        "",
    ),
    (
        "GET",
        "/{channel}/pypi/{project}/json",
        "/[channel]/pypi/hello-world/json",
        "",
    ),
    (
        "GET",
        "/{channel}/pypi/{project}/{version}/json",
        "/[channel]/pypi/hello-world/9/json",
        "",
    ),
    ("GET", "/{channel}/legacy/", "/[channel]/legacy/", ""),
    ("POST", "/{channel}/legacy/", "/[channel]/legacy/", "nothing"),
    ("GET", "/{channel}/legacy", "/[channel]/legacy", ""),
    ("POST", "/{channel}/legacy", "/[channel]/legacy", "nothing"),
    ("GET", "/{channel}/pip.conf", "/[channel]/pip.conf", ""),
    // apt
    (
        "GET",
        "/{channel}/apt/{*path}",
        "/[channel]/apt/dists/any/InRelease",
        "",
    ),
    (
        "GET",
        "/{channel}/apt/{*path}",
        "/[channel]/apt/dists/none/InRelease",
        "",
    ),
    (
        "PUT",
        "/{channel}/apt/{*path}",
        "/[channel]/apt/upload/any/main/a_1_all.deb",
        "nothing",
    ),
    (
        "PUT",
        "/{channel}/apt/{*path}",
        "/[channel]/apt/incoming/any/main/a_1.changes",
        "nothing",
    ),
    // yum
    (
        "GET",
        "/{channel}/yum/{*path}",
        "/[channel]/yum/any/x86_64/repodata/repomd.xml",
        "",
    ),
    ("GET", "/{channel}/yum/{*path}", "/[channel]/yum/any.repo", ""),
    (
        "PUT",
        "/{channel}/yum/{*path}",
        "/[channel]/yum/upload/any/a-1-1.noarch.rpm",
        "nothing",
    ),
    (
        "PUT",
        "/{channel}/yum/{*path}",
        "/[channel]/yum/upload/any/comps.xml",
        "nothing",
    ),
    (
        "DELETE",
        "/{channel}/yum/{*path}",
        "/[channel]/yum/upload/any/comps.xml",
        "",
    ),
    // any client
    ("GET", "/{channel}/key.asc", "/[channel]/key.asc", ""),
    ("GET", "/{channel}/setup.sh", "/[channel]/setup.sh", ""),
    // the JSON API
    ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", ""),
    ("GET", "/api/v1/channels", "/api/v1/channels", ""),
    ("GET", "/api/v1/channels/{channel}", "~", ""),
    ("PUT", "/api/v1/channels/{channel}", "~", "{\"nonsense\":1}"),
    ("DELETE", "/api/v1/channels/{channel}", "~", ""),
    (
        "GET",
        "/api/v1/channels/{channel}/distributions",
        "~/distributions",
        "",
    ),
    (
        "GET",
        "/api/v1/channels/{channel}/distributions/{distribution}",
        "~/distributions/any",
        "",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/distributions/{distribution}",
        "~/distributions/any",
        "{\"nonsense\":1}",
    ),
    (
        "DELETE",
        "/api/v1/channels/{channel}/distributions/{distribution}",
        "~/distributions/any",
        "",
    ),
    (
        "GET",
        "/api/v1/channels/{channel}/distributions/{distribution}/documents",
        "~/distributions/any/documents",
        "",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/distributions/{distribution}/documents/{kind}",
        "~/distributions/any/documents/group",
        "nothing",
    ),
    (
        "DELETE",
        "/api/v1/channels/{channel}/distributions/{distribution}/documents/{kind}",
        "~/distributions/any/documents/group",
        "",
    ),
    ("GET", "/api/v1/channels/{channel}/packages", "~/packages", ""),
    (
        "GET",
        "/api/v1/channels/{channel}/packages/{name}",
        "~/packages/hello-world",
        "",
    ),
    ("GET", "/api/v1/channels/{channel}/diff", "~/diff?from=1&to=2", ""),
    ("GET", "/api/v1/channels/{channel}/projects", "~/projects", ""),
    (
        "GET",
        "/api/v1/channels/{channel}/projects/{project}",
        "~/projects/hello-world",
        "",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/projects/{project}",
        "~/projects/hello-world",
        "{\"nonsense\":1}",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/blobs/{sha256}",
        "~/blobs/00000000000000000000000000000000000000000000000000000000000000ff",
        "nothing",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/uploads",
        "~/uploads",
        "{\"artifacts\":[]}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/releases",
        "~/releases",
        "{\"artifacts\":[]}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/promotions",
        "~/promotions",
        "{\"from\":\"other\",\"all\":true,\"dry_run\":true}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/promotions",
        "/api/v1/channels/other/promotions",
        "{\"from\":\"[channel]\",\"packages\":[\"hello-world\"],\"dry_run\":true}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/rollbacks",
        "~/rollbacks",
        "{\"to\":\"no-tag\",\"dry_run\":true}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/yanks",
        "~/yanks",
        "{\"packages\":[\"hello-world==9\"]}",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/removals",
        "~/removals",
        "{\"packages\":[\"hello-world==9\"]}",
    ),
    (
        "DELETE",
        "/api/v1/channels/{channel}/artifacts/{sha256}",
        "~/artifacts/00000000000000000000000000000000000000000000000000000000000000ff",
        "",
    ),
    ("GET", "/api/v1/channels/{channel}/retention", "~/retention", ""),
    ("GET", "/api/v1/channels/{channel}/tags", "~/tags", ""),
    (
        "GET",
        "/api/v1/channels/{channel}/tags/{tag}",
        "~/tags/no-tag",
        "",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/tags/{tag}",
        "~/tags/no-tag",
        "{\"nonsense\":1}",
    ),
    (
        "DELETE",
        "/api/v1/channels/{channel}/tags/{tag}",
        "~/tags/no-tag",
        "",
    ),
    ("GET", "/api/v1/channels/{channel}/export", "~/export", ""),
    ("GET", "/api/v1/channels/{channel}/drafts", "~/drafts", ""),
    (
        "GET",
        "/api/v1/channels/{channel}/drafts/{draft}",
        "~/drafts/none",
        "",
    ),
    (
        "POST",
        "/api/v1/channels/{channel}/drafts/{draft}",
        "~/drafts/none",
        "{}",
    ),
    (
        "DELETE",
        "/api/v1/channels/{channel}/drafts/{draft}",
        "~/drafts/none",
        "",
    ),
    ("POST", "/api/v1/gc", "/api/v1/gc", "{\"dry_run\":true}"),
    (
        "POST",
        "/api/v1/purges",
        "/api/v1/purges",
        "{\"sha256\":\"00000000000000000000000000000000000000000000000000000000000000ff\",\"reason\":\"x\"}",
    ),
    ("GET", "/api/v1/keys", "/api/v1/keys", ""),
    (
        "POST",
        "/api/v1/keys/rotation",
        "/api/v1/keys/rotation",
        "{\"nonsense\":1}",
    ),
    (
        "POST",
        "/api/v1/keys/rotation/finish",
        "/api/v1/keys/rotation/finish",
        "",
    ),
    ("DELETE", "/api/v1/keys/rotation", "/api/v1/keys/rotation", ""),
    ("DELETE", "/api/v1/keys/{fingerprint}", "/api/v1/keys/00FF", ""),
    (
        "GET",
        "/api/v1/revisions",
        "/api/v1/revisions?channel=[channel]",
        "",
    ),
    ("GET", "/api/v1/tokens", "/api/v1/tokens", ""),
    ("POST", "/api/v1/tokens", "/api/v1/tokens", "{\"can\":[]}"),
    ("DELETE", "/api/v1/tokens/{id}", "/api/v1/tokens/none", ""),
    ("GET", "/api/v1/publishers", "/api/v1/publishers", ""),
    (
        "POST",
        "/api/v1/publishers",
        "/api/v1/publishers",
        "{\"claims\":[]}",
    ),
    ("DELETE", "/api/v1/publishers/{id}", "/api/v1/publishers/none", ""),
    // trusted publishing
    ("GET", "/_/oidc/audience", "/_/oidc/audience", ""),
    ("POST", "/_/oidc/mint-token", "/_/oidc/mint-token", "{}"),
    ("POST", "/_/oidc/burn-token", "/_/oidc/burn-token", "{}"),
    // machines
    ("GET", "/healthz", "/healthz", ""),
    ("GET", "/readyz", "/readyz", ""),
    // From this machine, as the tests ask; from elsewhere tests/e2e/metrics.rs asks.
    ("GET", "/metrics", "/metrics", ""),
];

/// A yard whose public channel `open` and private channel `vault` hold hello-world.
struct Stage {
    yard: Yard,
    wheel: String,
}

impl Stage {
    fn new() -> Self {
        let yard = Yard::new();
        let dist = Project::hello_world().build();
        let stage = Self {
            wheel: wheel_of(&dist),
            yard,
        };
        stage.admin(&["channel", "create", "other", "--private"]);
        for (channel, kind) in [("open", "--public"), ("vault", "--private")] {
            stage.admin(&["channel", "create", channel, kind]);
            let at = dist.directory().to_str().unwrap();
            stage.admin(&["publish", at, "--channel", channel]);
        }
        stage
    }

    fn admin(&self, args: &[&str]) -> String {
        let (url, token) = (self.yard.url(""), self.yard.admin_token());
        let place = ["--server", url.as_str(), "--token", token.as_str()];
        packyard(args.iter().chain(&place)).ok().stdout
    }

    /// The token of a role in a channel; nobody has none.
    fn token(&self, grant: &[&str], channel: &str) -> Option<String> {
        let grant: Vec<String> = grant.iter().map(|g| g.replace("[channel]", channel)).collect();
        let mut args = vec!["token", "create"];
        args.extend(grant.iter().map(String::as_str));
        (!grant.is_empty()).then(|| self.admin(&args).trim().to_owned())
    }

    fn ask(&self, (method, _, path, body): Row, channel: &str, token: Option<&str>) -> Reply {
        let path = path.replace('~', API).replace("[wheel]", &self.wheel);
        let url = self.yard.url(&path.replace("[channel]", channel));
        let request = match token {
            Some(token) => Request::new(method, &url).token(token),
            None => Request::new(method, &url),
        };
        match body {
            "" => request.send(),
            body => request.send_bytes(body.replace("[channel]", channel).as_bytes()),
        }
    }

    /// What every role is answered in a channel.
    fn cells(&self, row: Row, channel: &str, tokens: &[Option<String>]) -> String {
        let admin = self.ask(row, channel, Some(&self.yard.admin_token()));
        let mut line = String::new();
        for token in tokens {
            let reply = self.ask(row, channel, token.as_deref());
            let cell = if same(&reply, &admin) {
                "in".to_owned()
            } else {
                reply.status.to_string()
            };
            write!(line, "{cell:<10}").unwrap();
        }
        format!("{line}{}", admin.status)
    }
}

fn wheel_of(dist: &Dist) -> String {
    let wheel = dist.wheel();
    let digest = crate::harness::sha256(&fs::read(&wheel).unwrap());
    format!("files/{digest}/{}", wheel.file_name().unwrap().to_str().unwrap())
}

/// Whether two answers are alike: a refusal is one with another status, or of another thing.
fn same(reply: &Reply, admin: &Reply) -> bool {
    let detail = |reply: &Reply| {
        let value: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
        value.map(|v| v["detail"].clone())
    };
    reply.status == admin.status && (reply.status < 400 || detail(reply) == detail(admin))
}

#[test]
fn every_route_lets_in_whom_the_table_says() {
    let stage = Stage::new();
    let mut table = String::from("# Made by tests/e2e/authorisation.rs, which says what the cells mean.\n");
    for channel in ["open", "vault"] {
        let tokens: Vec<Option<String>> = ROLES
            .iter()
            .map(|(_, grant)| stage.token(grant, channel))
            .collect();
        write!(table, "\n{channel:<90}").unwrap();
        for (role, _) in ROLES {
            write!(table, "{role:<10}").unwrap();
        }
        table.push_str("admin\n");
        for row in ROWS {
            let (method, route, path, _) = row;
            let shown = if path.contains("/none/") || path.contains("incoming") || path.contains("other/") {
                format!("{method} {}", path.replace("[channel]", "{channel}"))
            } else {
                format!("{method} {route}")
            };
            writeln!(table, "{shown:<89} {}", stage.cells(*row, channel, &tokens)).unwrap();
        }
    }
    let golden = repository().join("tests/e2e/authorisation.txt");
    if std::env::var_os("PACKYARD_BLESS").is_some() {
        fs::write(&golden, &table).unwrap();
    }
    let written = fs::read_to_string(&golden).unwrap();
    let differ: Vec<String> = written
        .lines()
        .zip(table.lines())
        .filter(|(w, t)| w != t)
        .map(|(w, t)| format!("- {w}\n+ {t}"))
        .collect();
    assert!(
        written == table,
        "{}\nread the difference; PACKYARD_BLESS=1 writes it down",
        differ.join("\n")
    );
}

#[test]
fn every_route_has_a_row_in_the_table() {
    let source = fs::read_to_string(repository().join("crates/server/src/router.rs")).unwrap();
    let mut routes = BTreeSet::new();
    for block in source.split(".route(").skip(1) {
        let path = block.split('"').nth(1).unwrap();
        let handlers = &block[block.find(path).unwrap() + path.len()..];
        for (word, method) in [
            ("get(", "GET"),
            ("put(", "PUT"),
            ("post(", "POST"),
            ("delete(", "DELETE"),
        ] {
            if handlers.contains(word) {
                routes.insert((method, path));
            }
        }
    }
    assert!(routes.len() > 60, "the router is not read any more: {routes:?}");
    let rows: BTreeSet<(&str, &str)> = ROWS.iter().map(|(method, route, ..)| (*method, *route)).collect();
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "no row says who may ask for {missing:?}");
    let dead: Vec<_> = rows.difference(&routes).collect();
    assert!(dead.is_empty(), "there is no such route: {dead:?}");
}
