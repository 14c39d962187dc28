//! `/pypi/{project}/json`, which Dependabot, Renovate and many scripts read.

use super::Index;
use crate::harness::{get, sha256};

#[test]
fn a_project_is_described_by_its_newest_release_and_lists_every_file() {
    let index = Index::new();
    for version in ["1.0", "1.10", "1.9", "2.0rc1"] {
        index.publish("main", "blue-whale", version);
    }
    let page = index.ask("/main/pypi/blue-whale/json", &[]).is(200);
    assert_eq!(page.header("content-type"), "application/json");
    // Its links begin with what this client calls the server: they are no other client's.
    assert!(page.header("cache-control").starts_with("private"));
    let json = page.json();
    assert_eq!(json["info"]["name"], "blue-whale");
    assert_eq!(json["info"]["version"], "1.10", "a pre-release is not the newest");
    assert_eq!(json["info"]["requires_python"], ">=3.8");
    assert_eq!(json["info"]["summary"], "blue-whale is small");
    assert_eq!(json["last_serial"].to_string(), page.header("x-pypi-last-serial"));
    assert_eq!(json["vulnerabilities"], serde_json::json!([]));
    let mut releases: Vec<&String> = json["releases"].as_object().unwrap().keys().collect();
    releases.sort();
    assert_eq!(releases, ["1.0", "1.10", "1.9", "2.0rc1"]);
    let file = &json["urls"][0];
    assert_eq!(file["filename"], "blue_whale-1.10-py3-none-any.whl");
    assert_eq!(
        (&file["packagetype"], &file["python_version"]),
        (&"bdist_wheel".into(), &"py3".into())
    );
    // Its links are absolute, and lead to what they say.
    let bytes = get(file["url"].as_str().unwrap()).is(200).body;
    assert_eq!(file["digests"]["sha256"], sha256(&bytes));
    assert_eq!(file["size"], bytes.len());
}

#[test]
fn one_release_is_described_alone() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    index.publish("main", "blue-whale", "2.0");
    let json = index.ask("/main/pypi/blue-whale/1.0/json", &[]).is(200).json();
    assert_eq!(json["info"]["version"], "1.0");
    assert!(json.get("releases").is_none(), "{json}");
    assert_eq!(json["urls"].as_array().unwrap().len(), 1);
    index
        .ask("/main/pypi/blue-whale/3.0/json", &[])
        .problem(404, &["3.0", "blue-whale"]);
    index
        .ask("/main/pypi/red-fox/json", &[])
        .problem(404, &["red-fox"]);
}
