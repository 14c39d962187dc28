//! The pages for people: what is said of a project, and where its files come from and why.

use crate::circle::{admin, configure};
use crate::clients::shelf::{Shelf, wheel};
use crate::harness::{OtherIndex, Pages, Yard, eventually, get};

/// A page as a person reads it.
fn page(yard: &Yard, path: &str) -> String {
    get(&yard.url(path)).is(200).text().to_owned()
}

#[track_caller]
fn shows(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "nothing says `{word}`:\n{page}");
    }
}

#[track_caller]
fn hides(page: &str, words: &[&str]) {
    for word in words {
        assert!(!page.contains(word), "something says `{word}`:\n{page}");
    }
}

#[test]
fn the_page_of_an_inherited_package_says_whose_it_is_and_why_the_upstream_is_not_asked() {
    let (yard, _) = Yard::with_hello_world();
    let url = "http://127.0.0.1:1/simple/";
    configure(
        &yard,
        "dev",
        &format!(r#"{{"inherits": ["main"], "upstream": "{url}", "reserved": ["corp-*"]}}"#),
    );
    admin(
        &yard,
        &[
            "project",
            "set",
            "hello-world",
            "--status",
            "deprecated",
            "--reason",
            "use <goodbye> & more",
        ],
    )
    .ok();
    let shown = page(&yard, "/dev/packages/hello-world");
    shows(
        &shown,
        &[
            "<h1>hello-world 1.1.3</h1>",
            "This project is deprecated: use &#60;goodbye&#62; &#38; more",
            "So says channel <a href=\"/main/\">main</a>",
            "<td><a href=\"/main/packages/hello-world\">main</a></td>",
            "/dev/files/",
            "pip looks for <code>hello-world</code> in <a href=\"/dev/\">dev</a>, then <a href=\"/main/\">main</a>",
            "<strong>never</strong> asked for this name, because the name was published in channel main",
            "packyard yank hello-world==1.1.3 --channel main",
        ],
    );
    hides(&shown, &[".deb", ".rpm", "<script"]);
    shows(
        &page(&yard, "/dev/packages/corp-billing"),
        &["Nothing of this name", "channel dev reserves corp-*"],
    );
    shows(
        &page(&yard, "/dev/"),
        &[
            "then in <a href=\"/main/\">main</a>",
            url,
            "<code>corp-*</code>",
            "Only what was published to dev itself",
        ],
    );
    shows(
        &page(&yard, "/dev/?q=hello"),
        &["<a href=\"/main/?q=hello\">main</a>"],
    );
    shows(&page(&yard, "/"), &[url]);
    let own = page(&yard, "/main/packages/hello-world");
    shows(
        &own,
        &["Everything was published to this channel", ".deb", ".rpm"],
    );
    hides(&own, &["<th scope=\"col\">From</th>", "So says"]);
}

#[test]
fn the_page_of_an_upstreams_package_says_what_was_fetched_and_a_slip_of_the_finger_is_not_found() {
    let yard = Yard::new();
    let other = OtherIndex::new(Pages::Json);
    configure(&yard, "main", &format!(r#"{{"upstream":"{}"}}"#, other.simple()));
    let shelf = Shelf::new(&[wheel("theirs", "1.0")]);
    let file = shelf.files().remove(0);
    other.offers("theirs", &file);
    let shown = page(&yard, "/main/packages/theirs");
    let name = file.file_name().unwrap().to_str().unwrap();
    shows(
        &shown,
        &[
            "<h1>theirs</h1>",
            "Files of the upstream",
            name,
            "not yet",
            "is asked for this name, because the name was never published here",
        ],
    );
    let link = shown
        .split("href=\"")
        .find(|l| l.starts_with("/main/files/"))
        .unwrap();
    get(&yard.url(link.split('"').next().unwrap())).is(200);
    // It is kept a moment after the last byte was sent.
    eventually("the record of the file", || {
        let shown = page(&yard, "/main/packages/theirs");
        (!shown.contains("not yet")).then_some(())
    });
    get(&yard.url("/main/packages/thiers")).is(404);
    admin(
        &yard,
        &[
            "project",
            "set",
            "theirs",
            "--status",
            "quarantined",
            "--reason",
            "it phones home",
        ],
    )
    .ok();
    let shown = page(&yard, "/main/packages/theirs");
    shows(&shown, &["This project is quarantined: it phones home"]);
    hides(&shown, &[name, "pip install"]);
    get(&yard.url(link.split('"').next().unwrap())).problem(403, &["quarantined", "it phones home"]);
}

#[test]
fn a_quarantined_package_has_no_link_for_pip_and_a_yanked_one_says_why() {
    let (yard, _) = Yard::with_hello_world();
    admin(
        &yard,
        &["yank", "hello-world==1.1.3", "--reason", "it eats <files>"],
    )
    .ok();
    shows(
        &page(&yard, "/main/packages/hello-world"),
        &[
            "Yanked",
            "it eats &#60;files&#62;",
            "packyard unyank hello-world==1.1.3",
        ],
    );
    admin(
        &yard,
        &["project", "set", "hello-world", "--status", "quarantined"],
    )
    .ok();
    let shown = page(&yard, "/main/packages/hello-world");
    shows(
        &shown,
        &[
            "This project is quarantined.",
            "(not offered)",
            ".deb\">",
            "apt-get install",
            "apt and dnf know no quarantine",
        ],
    );
    hides(&shown, &["/main/files/", "pip install"]);
}

#[test]
fn a_long_table_is_cut_and_says_so() {
    let yard = Yard::new();
    let many: Vec<_> = (0..230).map(|n| wheel("many", &format!("1.{n}"))).collect();
    let shelf = Shelf::new(&many);
    let files = shelf.files();
    let mut args = vec!["publish"];
    args.extend(files.iter().map(|f| f.to_str().unwrap()));
    admin(&yard, &args).ok();
    let short = page(&yard, "/main/packages/many");
    shows(&short, &["<h1>many 1.229</h1>", "30 older versions", "?all=true"]);
    assert_eq!(short.matches("/main/packages/many/1.").count(), 200);
    let whole = page(&yard, "/main/packages/many?all=true");
    assert_eq!(whole.matches("/main/packages/many/1.").count(), 230);
}
