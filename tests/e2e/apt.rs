//! apt-get of Debian 12 installs from a channel, with every check on.

use crate::harness::{AptRoot, Tamper, Yard, get};

#[test]
fn apt_installs_upgrades_removes_and_purges() {
    let (yard, project) = Yard::with_hello_world();
    let root = AptRoot::of(&yard);
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.3"));
    root.run("hello-world", &["--version"]).ok().says(&["1.1.3"]);
    root.run("dpkg", &["--verify", "hello-world"])
        .ok()
        .never_says(&["/"]);

    project.bump("1.1.4");
    yard.publish(&project.build());
    root.update();
    root.apt_get(&["upgrade"]).ok().says(&["hello-world"]);
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.4"));
    root.run("hello-world", &["--version"]).ok().says(&["1.1.4"]);

    let config = root.inside("/etc/hello-world/hello-world.conf");
    root.apt_get(&["remove", "hello-world"]).ok();
    assert_eq!(root.installed("hello-world"), None);
    assert!(config.exists(), "removal took the configuration away");
    assert!(!root.inside("/usr/bin/hello-world").exists());
    root.apt_get(&["purge", "hello-world"]).ok();
    assert!(!config.parent().unwrap().exists(), "purge left the configuration");
    root.run("dpkg", &["--audit"]).ok().never_says(&["hello-world"]);
}

#[test]
fn removal_leaves_no_compiled_python_behind() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::of(&yard);
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    root.run("hello-world", &["--version"]).ok();
    root.apt_get(&["purge", "hello-world"])
        .ok()
        .never_says(&["not empty"]);
    root.run("find", &["/usr/lib", "-name", "hello_world*"])
        .ok()
        .never_says(&["hello_world"]);
}

#[test]
fn the_served_sources_file_trusts_the_key_and_nothing_else() {
    let (yard, _) = Yard::with_hello_world();
    let sources = get(&yard.url("/main/apt/any.sources")).is(200);
    assert!(sources.text().contains("Signed-By:"), "{}", sources.text());
    assert!(
        !sources.text().to_lowercase().contains("trusted:"),
        "{}",
        sources.text()
    );
}

#[test]
fn setup_sh_prepares_a_machine_for_apt() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::new();
    root.write("setup.sh", get(&yard.url("/main/setup.sh")).is(200).text());
    root.run("sh", &["-n", "/setup.sh"]).ok();
    root.run("sh", &["/setup.sh"]).ok();
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    root.run("hello-world", &["--version"]).ok().says(&["1.1.3"]);
}

#[test]
fn the_printed_one_line_source_works() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::new();
    let key = "/etc/apt/keyrings/packyard-main.asc";
    root.write(key, get(&yard.url("/main/key.asc")).is(200).text());
    let line = format!("deb [signed-by={key}] {} any main\n", yard.url("/main/apt"));
    root.write("/etc/apt/sources.list", &line);
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
}

#[test]
fn an_older_version_can_still_be_chosen() {
    let (yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    let root = AptRoot::of(&yard);
    root.update();
    let versions = root
        .run("apt-cache", &["madison", "hello-world"])
        .ok()
        .says(&["1.1.3", "1.1.4"]);
    let old = versions
        .stdout
        .lines()
        .find(|line| line.contains("1.1.3"))
        .unwrap();
    let old = old.split('|').nth(1).unwrap().trim();
    root.apt_get(&["install", &format!("hello-world={old}")]).ok();
    assert_eq!(root.installed("hello-world").as_deref(), Some(old));
}

#[test]
fn apt_refuses_an_index_that_was_changed_on_the_way() {
    let (yard, _) = Yard::with_hello_world();
    let tamper = Tamper::new(&yard, "/InRelease", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text
            .replacen("Date: ", "Date:  ", 1)
            .replacen("main", "evil", 1)
            .into_bytes();
    });
    let root = AptRoot::of(&yard);
    let sources = get(&yard.url("/main/apt/any.sources")).is(200);
    root.write(
        "etc/apt/sources.list.d/packyard.sources",
        &tamper.redirect(&yard, sources.text()),
    );
    root.apt_get(&["update"]).says(&["BADSIG"]);
    root.apt_get(&["install", "hello-world"]).fails();
}

#[test]
fn apt_refuses_a_package_that_was_changed_on_the_way() {
    let (yard, _) = Yard::with_hello_world();
    let tamper = Tamper::new(&yard, ".deb", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let root = AptRoot::of(&yard);
    let sources = get(&yard.url("/main/apt/any.sources")).is(200);
    root.write(
        "etc/apt/sources.list.d/packyard.sources",
        &tamper.redirect(&yard, sources.text()),
    );
    root.update();
    root.apt_get(&["install", "hello-world"])
        .fails()
        .says(&["Hash Sum mismatch"]);
    assert_eq!(root.installed("hello-world"), None);
}
