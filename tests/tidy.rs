//! The architecture's invariants that can be read off the tree: which crate may name which, what is absent from the pure
//! ones, and that each outside world (SQL, HTTP in, HTTP out, the environment) is known to one crate only.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A crate, and the crates that it may name.
const ARROWS: [(&str, &[&str]); 11] = [
    ("types", &[]),
    ("formats", &["types"]),
    ("build", &["types", "formats"]),
    ("store", &["types"]),
    ("views", &["types", "formats"]),
    ("index", &["types"]),
    ("repo", &["types", "formats", "store", "views", "index"]),
    ("client", &["types"]),
    ("server", &["types", "repo", "client"]),
    (
        "cli",
        &[
            "types", "formats", "build", "store", "views", "index", "repo", "client", "server",
        ],
    ),
    ("testkit", &["types", "store"]),
];

/// Neither I/O nor a clock.
const PURE: [&str; 3] = ["types", "formats", "views"];

/// What only one crate may name, and which.
const SECRETS: [(&str, &str); 4] = [
    ("rusqlite", "index"),
    ("axum", "server"),
    ("ureq", "client"),
    ("object_store", "store"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names in a table of a crate's manifest.
fn table(krate: &str, name: &str) -> BTreeSet<String> {
    let path = root().join("crates").join(krate).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let manifest: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let entries = manifest.get(name).and_then(toml::Value::as_table);
    entries.map(|t| t.keys().cloned().collect()).unwrap_or_default()
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The code of a crate by file, without comments, white space and tests.
fn code(krate: &str) -> BTreeMap<String, String> {
    let src = root().join("crates").join(krate).join("src");
    let mut files = Vec::new();
    files_below(&src, &mut files);
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let name = path.strip_prefix(&src).expect("it was found there").display();
            (format!("{krate}/{name}"), production(&text))
        })
        .filter(|(name, _)| !name.contains("/tests/") && !name.ends_with("/tests.rs"))
        .collect()
}

fn production(text: &str) -> String {
    // Tests that have a file of their own are left out by its name.
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end]
        .lines()
        .map(|line| {
            if line.trim_start().starts_with("//") {
                ""
            } else {
                line
            }
        })
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The modules of `std` that code names: `std::fs::read`, `use std::{fs, io}`.
fn std_modules(code: &str) -> BTreeSet<String> {
    let word = |s: &str| {
        s.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = BTreeSet::new();
    for after in code.split("std::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            found.insert(word(after));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.insert(word(item.trim()));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(c);
        }
        found.insert(word(item.trim()));
    }
    found
}

#[test]
fn every_crate_names_only_those_below_it() {
    let here: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    let known: BTreeSet<String> = ARROWS.iter().map(|(krate, _)| (*krate).to_owned()).collect();
    assert_eq!(here, known, "the table of crates is not the list of crates");
    for (krate, allowed) in ARROWS {
        let named = table(krate, "dependencies")
            .union(&table(krate, "build-dependencies"))
            .filter_map(|name| name.strip_prefix("packyard-").map(str::to_owned))
            .collect::<BTreeSet<_>>();
        for name in &named {
            assert!(
                allowed.contains(&name.as_str()),
                "`{krate}` must not name `{name}`"
            );
        }
    }
}

#[test]
fn the_pure_crates_do_no_io_and_read_no_clock() {
    for krate in PURE {
        let dependencies = table(krate, "dependencies");
        for io in [
            "tokio",
            "tempfile",
            "walkdir",
            "object_store",
            "rusqlite",
            "ureq",
            "axum",
            "rand",
        ] {
            assert!(
                !dependencies.contains(io),
                "`{krate}` is pure and must not depend on `{io}`"
            );
        }
        for (file, code) in code(krate) {
            for module in ["fs", "net", "env", "process", "thread"] {
                // Compression and hashing may be shared by threads: their number does not show in what comes out.
                let shared = ["views/rope/feed.rs", "views/rope/coat.rs"].contains(&file.as_str());
                let shared = shared || file.starts_with("formats/compress/");
                if module == "thread" && shared {
                    continue;
                }
                assert!(
                    !std_modules(&code).contains(module),
                    "`{file}` is pure and must not name `std::{module}`"
                );
            }
        }
    }
}

#[test]
fn only_cli_and_server_read_the_clock() {
    let clocks = [
        "SystemTime::now",
        "Instant::now",
        "Zoned::now",
        "Timestamp::now",
        ".elapsed()",
    ];
    for (krate, _) in ARROWS {
        if ["cli", "server", "testkit"].contains(&krate) {
            continue;
        }
        for (file, code) in code(krate) {
            for clock in clocks {
                assert!(
                    !code.contains(clock),
                    "`{file}` must be told the time, not read `{clock}`"
                );
            }
        }
    }
}

#[test]
fn each_outside_world_is_known_to_one_crate() {
    for (secret, keeper) in SECRETS {
        for (krate, _) in ARROWS {
            // The testkit makes object stores that fail.
            if krate == keeper || (krate == "testkit" && secret == "object_store") {
                continue;
            }
            let named = table(krate, "dependencies").contains(secret);
            assert!(
                !named,
                "`{krate}` must not depend on `{secret}`: only `{keeper}` may"
            );
            for (file, code) in code(krate) {
                let path = format!("{secret}::");
                assert!(!code.contains(&path), "`{file}` must not name `{path}`");
            }
        }
    }
}

#[test]
fn only_cli_reads_arguments_and_environment_and_exits() {
    for (krate, _) in ARROWS {
        if ["cli", "testkit"].contains(&krate) {
            continue;
        }
        for (file, code) in code(krate) {
            assert!(
                !std_modules(&code).contains("env"),
                "`{file}` must not name `std::env`"
            );
            assert!(
                !code.contains("process::exit"),
                "`{file}` must not exit the process"
            );
        }
    }
}

#[test]
fn no_public_registry_is_a_default() {
    // In pieces, so that this file passes too.
    let hosts = [
        ["pypi", ".org"].concat(),
        ["python", "hosted.org"].concat(),
        ["crates", ".io"].concat(),
        ["npmjs", ".org"].concat(),
        ["deb.debian", ".org"].concat(),
    ];
    let mut files = Vec::new();
    for dir in ["crates", "templates", "fixtures", "tests", "docs"] {
        if root().join(dir).is_dir() {
            files_below(&root().join(dir), &mut files);
        }
    }
    files.extend(
        ["README.md", "deny.toml"]
            .map(|f| root().join(f))
            .into_iter()
            .filter(|f| f.exists()),
    );
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        for host in &hosts {
            assert!(!text.contains(host), "`{}` names `{host}`", file.display());
        }
    }
}

#[test]
fn the_promised_documents_exist() {
    for file in [
        "README.md",
        "docs/architecture.md",
        "docs/log.md",
        "docs/glossary.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
    ] {
        assert!(root().join(file).is_file(), "`{file}` is missing");
    }
    let decisions = fs::read_dir(root().join("docs/decisions")).unwrap().count();
    assert!(decisions >= 3, "docs/decisions holds {decisions} pages");
}

/// A row of docs/limits.md: a file below `crates`, a name in it, and its value.
fn limits() -> BTreeMap<(String, String), String> {
    let page = fs::read_to_string(root().join("docs/limits.md")).expect("the page is there");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(".rs` `"));
    rows.map(|row| {
        let column = |n: usize| row.split(" | ").nth(n).unwrap_or_default().split('`');
        let (mut place, mut value) = (column(1).skip(1).step_by(2), column(2).skip(1));
        let mut next = || place.next().unwrap_or_default().to_owned();
        let place = (next(), next());
        (place, value.next().unwrap_or_default().to_owned())
    })
    .collect()
}

#[test]
fn the_page_of_limits_says_what_the_code_does() {
    let told = limits();
    assert!(told.len() > 40, "{told:?}");
    for ((file, name), value) in &told {
        let code = fs::read_to_string(root().join("crates").join(file)).unwrap();
        // A constant, or a field of the default.
        let constant =
            |line: &str| line.contains(&format!("const {name}: ")) && line.ends_with(&format!(" = {value};"));
        let field = format!("{name}: {value},");
        let found = code.lines().any(|line| constant(line) || line.trim() == field);
        assert!(
            found,
            "docs/limits.md: `{name}` of crates/{file} is not `{value}`"
        );
    }
    let mut sources = Vec::new();
    files_below(&root().join("crates/formats/src"), &mut sources);
    for path in sources {
        let file = path
            .strip_prefix(root().join("crates"))
            .unwrap()
            .to_str()
            .unwrap();
        // What a check of style looks at is no border, nor is what we write ourselves.
        if ["check", "compress"]
            .iter()
            .any(|own| file.starts_with(&format!("formats/src/{own}/")))
        {
            continue;
        }
        let code = fs::read_to_string(&path).unwrap();
        let names = code
            .lines()
            .filter_map(|line| line.split_once("const MAX_")?.1.split_once(':'));
        for (name, _) in names {
            let key = (file.to_owned(), format!("MAX_{name}"));
            assert!(
                told.contains_key(&key),
                "docs/limits.md does not name MAX_{name} of crates/{file}"
            );
        }
    }
}
