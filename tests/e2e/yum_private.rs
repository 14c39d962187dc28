//! dnf 4, dnf5 and zypper install from a private channel, with the credentials where each of them keeps such.

use std::fs;

use crate::circle::admin;
use crate::harness::{Dnf5Root, DnfRoot, Request, SmallRpm, Yard, Zypper, get};

/// A private channel that holds `lamp`, and a token that may read it.
fn vault() -> (Yard, String) {
    let yard = Yard::new();
    admin(&yard, &["channel", "create", "vault", "--private"]).ok();
    let lamp = SmallRpm::new("lamp", "1");
    let built = lamp.build().remove(0);
    admin(&yard, &["publish", built.to_str().unwrap(), "--channel", "vault"]).ok();
    let made = admin(&yard, &["token", "create", "--can", "read", "--channel", "vault"]).ok();
    (yard, made.stdout.trim().to_owned())
}

/// What the channel serves to who holds the token.
fn served(yard: &Yard, token: &str, path: &str) -> String {
    let request = Request::new("GET", &yard.url(path)).token(token);
    request.send().is(200).text().to_owned()
}

/// A `.repo` file with credentials in each of its sections.
fn with_credentials(repo: &str, token: &str) -> String {
    repo.replace(
        "gpgcheck=1\nrepo",
        &format!("username=any\npassword={token}\ngpgcheck=1\nrepo"),
    )
}

#[test]
fn dnf_installs_from_a_private_channel_by_username_and_password() {
    let (yard, token) = vault();
    get(&yard.url("/vault/yum/any.repo")).is(401);
    let repo = served(&yard, &token, "/vault/yum/any.repo");
    let root = DnfRoot::new();
    root.add_repo("packyard", &repo);
    root.dnf(&["install", "lamp"]).fails().says(&["401"]);
    root.add_repo("packyard", &with_credentials(&repo, &format!("{token}0")));
    root.dnf(&["install", "lamp"]).fails().says(&["401"]);
    root.add_repo("packyard", &with_credentials(&repo, &token));
    root.dnf(&["install", "lamp"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "1-1");
}

/// dnf5 asks for `gpgkey` without the credentials of the repository (librepo issue 351): the key is a file.
#[test]
fn dnf5_installs_from_a_private_channel_with_the_key_in_a_file() {
    let (yard, token) = vault();
    let repo = with_credentials(&served(&yard, &token, "/vault/yum/any.repo"), &token);
    let root = Dnf5Root::new();
    root.add_repo("packyard", &repo);
    root.dnf(&["install", "lamp"]).fails().says(&["401"]);
    let key = served(&yard, &token, "/vault/yum/key.asc");
    fs::write(root.inside("vault.asc"), key).unwrap();
    let url = yard.url("/vault/yum/key.asc");
    root.add_repo("packyard", &repo.replace(&url, "file:///vault.asc"));
    root.dnf(&["install", "lamp"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "1-1");
}

#[test]
fn zypper_installs_from_a_private_channel_by_its_url_and_by_its_credentials_file() {
    let (yard, token) = vault();
    let repo = served(&yard, &token, "/vault/yum/any.repo");
    let base = yard.url("");
    let in_url = repo.replace("http://", &format!("http://any:{token}@"));
    let root = Zypper::with_repo(&in_url);
    root.run(&["install", "--no-recommends", "lamp"]).ok();
    assert_eq!(root.installed("lamp"), "1");

    let named = repo.replace("/$basearch/", "/$basearch/?credentials=packyard");
    let root = Zypper::with_repo(&named);
    root.run(&["refresh"]).fails();
    root.write(
        "etc/zypp/credentials.d/packyard",
        &format!("username=any\npassword={token}\n"),
    );
    root.run(&["install", "--no-recommends", "lamp"]).ok();
    assert_eq!(root.installed("lamp"), "1");
    assert!(!repo.contains(&token) && repo.contains(&base));
}
