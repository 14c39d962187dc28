//! What apt, apt-file and the archive's own tools make of the index files of a channel.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::harness::{AptRoot, DebianTree, Outcome, SmallDeb, Yard, get, packyard, run, system_command};

fn publish(yard: &Yard, files: &[&Path], more: &[&str]) {
    let (token, url) = (yard.admin_token(), yard.url(""));
    let mut args: Vec<&str> = vec!["publish"];
    args.extend(files.iter().map(|file| file.to_str().unwrap()));
    args.extend(["--server", &url, "--token", &token]);
    args.extend(more);
    packyard(args).ok();
}

fn set(yard: &Yard, what: &str, settings: &[&str]) {
    let (token, url) = (yard.admin_token(), yard.url(""));
    let mut args = vec!["distribution", "set", what];
    args.extend(settings);
    args.extend(["--server", &url, "--token", &token]);
    packyard(args).ok();
}

const LONG: &str = "says something\n in a paragraph with zyxwv,\n .\n   and a list";

/// Two versions with the same description, and one for all machines.
fn packages() -> Vec<SmallDeb> {
    let greeter = |version: &str| {
        SmallDeb::new("greeter", version)
            .arch("amd64")
            .field("X-Vendor-Field", "kept")
            .field("Homepage", "https://example.org/")
            .field("Description", LONG)
            .file("usr/bin/greeter", version)
            .file("usr/share/greeter/a file with blanks", "x")
            .file("usr/share/greeter/ünïcode", "x")
    };
    vec![
        greeter("1.0-1"),
        greeter("1.0-2"),
        SmallDeb::new("greeter-data", "3")
            .field("Description", "its data")
            .file("usr/share/greeter/data", "x"),
    ]
}

/// Stanzas by package, version and architecture, with their fields.
type Stanzas = BTreeMap<String, BTreeMap<String, String>>;

fn stanzas(text: &str) -> Stanzas {
    let mut all = Stanzas::new();
    for stanza in text.split("\n\n").filter(|stanza| !stanza.trim().is_empty()) {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in stanza.lines() {
            match fields.last_mut() {
                Some((_, value)) if line.starts_with(' ') => value.push_str(&format!("\n{line}")),
                _ => {
                    let (name, value) = line.split_once(':').unwrap();
                    fields.push((name.to_owned(), value.trim().to_owned()));
                }
            }
        }
        let fields: BTreeMap<String, String> = fields.into_iter().collect();
        let key = format!(
            "{} {} {}",
            fields["Package"], fields["Version"], fields["Architecture"]
        );
        assert!(all.insert(key, fields).is_none(), "a stanza is there twice");
    }
    all
}

/// Stanzas without the fields that differ for a reason that `docs/apt-indexes.md` gives.
fn comparable(text: &str, without: &[&str]) -> Stanzas {
    let mut all = stanzas(text);
    for fields in all.values_mut() {
        fields.retain(|name, _| !without.contains(&name.as_str()));
    }
    all
}

fn output(directory: &Path, program: &str, args: &[&str]) -> String {
    run(system_command(program).args(args).current_dir(directory))
        .ok()
        .stdout
}

#[test]
fn packages_and_sources_say_what_the_archives_own_tools_say() {
    let (yard, tree, debs) = (Yard::new(), DebianTree::new(), packages());
    let dsc = tree.dsc("1:1.0-1");
    let built: Vec<_> = debs.iter().map(SmallDeb::build).collect();
    let pool = TempDir::new().unwrap();
    let mut files: Vec<&Path> = built.iter().map(AsRef::as_ref).collect();
    for file in &files {
        fs::copy(file, pool.path().join(file.file_name().unwrap())).unwrap();
    }
    for name in [
        "hello_1.0-1.dsc",
        "hello_1.0.orig.tar.gz",
        "hello_1.0-1.debian.tar.xz",
    ] {
        fs::copy(tree.path(name), pool.path().join(name)).unwrap();
    }
    files.push(&dsc);
    publish(&yard, &files, &[]);
    let dists = "/main/apt/dists/any/main";
    let ours = get(&yard.url(&format!("{dists}/binary-amd64/Packages"))).is(200);
    let long = ["-o", "APT::FTPArchive::LongDescription=false", "packages", "."];
    let theirs = output(pool.path(), "apt-ftparchive", &long);
    let place = ["Filename", "SHA1", "SHA512"];
    assert_eq!(comparable(ours.text(), &place), comparable(&theirs, &place));
    assert_eq!(stanzas(ours.text()).len(), 3);
    let theirs = output(pool.path(), "dpkg-scanpackages", &["-m", "."]);
    let split = ["Filename", "SHA1", "Description", "Description-md5"];
    assert_eq!(comparable(ours.text(), &split), comparable(&theirs, &split));

    let ours = get(&yard.url(&format!("{dists}/source/Sources"))).is(200);
    let theirs = output(pool.path(), "apt-ftparchive", &["sources", "."]);
    let weak = [
        "Directory",
        "Checksums-Sha1",
        "Checksums-Sha512",
        "Priority",
        "Section",
    ];
    let sorted = |text: &str| {
        let mut all = comparable(text, &weak);
        for value in all.values_mut().flat_map(BTreeMap::values_mut) {
            let mut lines: Vec<&str> = value.lines().collect();
            lines.sort_unstable();
            *value = lines.join("\n");
        }
        all
    };
    assert_eq!(sorted(ours.text()), sorted(&theirs));
}

#[test]
fn apt_shows_and_searches_descriptions_that_are_in_translation_en() {
    let (yard, debs) = (Yard::new(), packages());
    let built: Vec<_> = debs.iter().map(SmallDeb::build).collect();
    publish(&yard, &built.iter().map(AsRef::as_ref).collect::<Vec<_>>(), &[]);
    let root = AptRoot::of(&yard);
    root.update().says(&["Translation-en"]);
    root.run("apt-cache", &["search", "zyxwv"])
        .ok()
        .says(&["greeter - says something"]);
    root.run("apt-cache", &["show", "-a", "greeter"]).ok().says(&[
        "Version: 1.0-1",
        "Version: 1.0-2",
        "in a paragraph with zyxwv",
        "X-Vendor-Field: kept",
    ]);
    root.apt_get(&["install", "greeter", "greeter-data"]).ok();
    // dpkg's own copy of the description is recognised as the one in the index: it is the same version.
    let policy = root.run("apt-cache", &["policy", "greeter"]).ok().stdout;
    assert_eq!(policy.matches("1.0-2").count(), 3, "{policy}");
}

#[test]
fn apt_takes_xz_first_and_every_packing_holds_the_same() {
    let yard = Yard::new();
    // Enough text for xz: fields that differ, as real ones do.
    let built: Vec<_> = (0..120)
        .map(|n| {
            let words = |k: usize| {
                let word = |i: usize| format!("word{} ", (n * 7919 + i * 104_729 + k) % 3001);
                (0..700).map(word).collect::<String>()
            };
            let deb = SmallDeb::new(&format!("package-{n}"), "1")
                .field("X-Words", words(1).trim())
                .field("Description", &format!("number {n}\n {}", words(2).trim()));
            let path = deb.build();
            (deb, path)
        })
        .collect();
    let files: Vec<&Path> = built.iter().map(|(_, path)| path.as_ref()).collect();
    publish(&yard, &files, &[]);
    set(&yard, "main/any", &["--zstd"]);
    let scratch = TempDir::new().unwrap();
    for name in ["binary-amd64/Packages", "i18n/Translation-en"] {
        let fetch = |suffix: &str| {
            get(&yard.url(&format!("/main/apt/dists/any/main/{name}{suffix}")))
                .is(200)
                .body
        };
        let plain = fetch("");
        if name.ends_with("Packages") {
            assert!(plain.len() > 1 << 19, "{} bytes", plain.len());
        }
        for (suffix, tool) in [(".gz", "gzip"), (".xz", "xz"), (".zst", "zstd")] {
            if suffix == ".xz" && plain.len() < 1 << 20 {
                get(&yard.url(&format!("/main/apt/dists/any/main/{name}.xz"))).is(404);
                continue;
            }
            let file = scratch.path().join(format!("index{suffix}"));
            fs::write(&file, fetch(suffix)).unwrap();
            run(system_command(tool).arg("-t").arg(&file)).ok();
            let mut own = Command::new(tool);
            let mut python = system_command("python3");
            let readers = [
                own.args(["-d", "-c"]).arg(&file),
                python.args(["-c", PYTHON]).arg(&file),
            ];
            for reader in readers {
                let open = reader.output().unwrap();
                assert!(
                    open.status.success() && open.stdout == plain,
                    "{name}{suffix} by {reader:?}: {}",
                    String::from_utf8_lossy(&open.stderr)
                );
            }
        }
    }
    let root = AptRoot::of(&yard);
    root.update();
    let asked = yard.log();
    for index in ["Packages", "Translation-en"] {
        let release = get(&yard.url("/main/apt/dists/any/Release")).is(200);
        let listed = |suffix: &str| {
            let line = release
                .text()
                .lines()
                .find(|l| l.ends_with(&format!("{index}{suffix}")));
            line.map(|l| l.split_whitespace().next().unwrap().to_owned())
        };
        let best = listed(".xz").or_else(|| listed(".gz")).unwrap();
        assert!(asked.contains(&best), "apt asked for another {index}");
    }
    root.apt_get(&["install", "package-77"]).ok();
    // The next publish packs a chunk, and apt is content with the spliced stream.
    let more = SmallDeb::new("package-5a", "1");
    publish(&yard, &[&more.build()], &[]);
    root.update();
    root.apt_get(&["install", "package-5a"]).ok();
}

/// What Python's own readers, and its usual one of zstd, make of a file.
const PYTHON: &str = "import gzip, lzma, sys, zstandard
packed = open(sys.argv[1], 'rb')
suffix = sys.argv[1].rsplit('.', 1)[1]
if suffix == 'gz': plain = gzip.open(packed)
elif suffix == 'xz': plain = lzma.open(packed)
else: plain = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
sys.stdout.buffer.write(plain.read())";

#[test]
fn apt_takes_each_packing_that_it_is_told_to_prefer() {
    let yard = Yard::new();
    // Together more than a MiB: from there on there is xz.
    let built: Vec<_> = (0..160).map(|n| wordy(n, 1000)).collect();
    let files: Vec<_> = built.iter().map(SmallDeb::build).collect();
    publish(&yard, &files.iter().map(AsRef::as_ref).collect::<Vec<_>>(), &[]);
    set(&yard, "main/any", &["--zstd"]);
    let release = get(&yard.url("/main/apt/dists/any/Release")).is(200);
    for suffix in ["gz", "zst", "xz"] {
        let index = format!("main/binary-amd64/Packages.{suffix}");
        let line = release.text().lines().find(|l| l.ends_with(&index));
        let line = line.unwrap_or_else(|| panic!("{index} is not offered: {}", release.text()));
        let digest = line.split_whitespace().next().unwrap();
        let (root, before) = (AptRoot::of(&yard), yard.log().len());
        let order = format!("Acquire::CompressionTypes::Order \"{suffix}\";\n");
        root.write("etc/apt/apt.conf.d/90order", &order);
        root.update();
        assert!(
            yard.log()[before..].contains(digest),
            "apt asked for another than .{suffix}"
        );
        root.apt_get(&["install", "package-7"]).ok();
    }
}

/// A package with a field of so many words, which are others than those of other packages.
fn wordy(n: usize, words: usize) -> SmallDeb {
    let word = |i: usize| format!("word{} ", (n * 7919 + i * 104_729) % 3001);
    let text: String = (0..words).map(word).collect();
    SmallDeb::new(&format!("package-{n}"), "1").field("X-Words", text.trim())
}

/// The apt-file of this machine, over a state of its own that knows only the channel.
struct AptFile {
    directory: TempDir,
}

impl AptFile {
    fn of(yard: &Yard) -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path();
        for empty in [
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "lists/partial",
            "cache/archives/partial",
        ] {
            fs::create_dir_all(root.join(empty)).unwrap();
        }
        fs::write(root.join("status"), "").unwrap();
        fs::write(
            root.join("key.asc"),
            &get(&yard.url("/main/apt/key.asc")).is(200).body,
        )
        .unwrap();
        let key = root.join("key.asc");
        let source = |kind: &str| {
            format!(
                "{kind} [signed-by={}] {} any main\n",
                key.display(),
                yard.url("/main/apt")
            )
        };
        fs::write(
            root.join("etc/apt/sources.list"),
            source("deb") + &source("deb-src"),
        )
        .unwrap();
        let own = fs::read_to_string("/etc/apt/apt.conf.d/50apt-file.conf").expect("apt-file is installed");
        // The comment that it begins with is no configuration when apt reads the file by this name.
        let own: String = own
            .lines()
            .filter(|l| !l.starts_with('#'))
            .map(|l| format!("{l}\n"))
            .collect();
        let at = root.display();
        let config = format!(
            "Dir::Etc \"{at}/etc/apt\";\nDir::State::lists \"{at}/lists\";\nDir::State::status \"{at}/status\";\n\
             Dir::Cache \"{at}/cache\";\nAPT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\n\
             APT::Sandbox::User \"root\";\n{own}\
             Acquire::IndexTargets::deb-src::Contents-dsc::DefaultEnabled \"true\";\n"
        );
        fs::write(root.join("apt.conf"), config).unwrap();
        Self { directory }
    }

    fn run(&self, program: &str, args: &[&str]) -> Outcome {
        let mut command = system_command(program);
        run(command
            .env("APT_CONFIG", self.directory.path().join("apt.conf"))
            .args(args))
    }
}

#[test]
fn apt_file_finds_lists_and_matches_whatever_the_order_of_lines() {
    let (yard, tree, debs) = (Yard::new(), DebianTree::new(), packages());
    let built: Vec<_> = debs.iter().map(SmallDeb::build).collect();
    let dsc = tree.dsc("1:1.0-1");
    let mut files: Vec<&Path> = built.iter().map(AsRef::as_ref).collect();
    files.push(&dsc);
    publish(&yard, &files, &[]);
    let machine = AptFile::of(&yard);
    machine
        .run("apt-get", &["update"])
        .ok()
        .says(&["Contents"])
        .never_says(&["W:", "E:"]);
    let search = |args: &[&str]| machine.run("apt-file", args).ok().stdout;
    assert_eq!(search(&["search", "bin/greeter"]), "greeter: /usr/bin/greeter\n");
    assert_eq!(
        search(&["list", "greeter"]),
        "greeter: /usr/bin/greeter\ngreeter: /usr/share/greeter/a file with blanks\n\
         greeter: /usr/share/greeter/version\ngreeter: /usr/share/greeter/ünïcode\n"
    );
    assert_eq!(
        search(&["list", "greeter-data"]),
        "greeter-data: /usr/share/greeter-data/version\ngreeter-data: /usr/share/greeter/data\n"
    );
    assert_eq!(
        search(&["search", "--regexp", "share/greeter/(data|a .*blanks)$"]),
        "greeter: /usr/share/greeter/a file with blanks\ngreeter-data: /usr/share/greeter/data\n"
    );
    let sources = search(&["-I", "dsc", "search", "debian/rules"]);
    assert_eq!(sources, "hello: /debian/rules\n");
}

#[test]
fn the_release_file_follows_the_settings_at_once() {
    let yard = Yard::new();
    let release = || {
        get(&yard.url("/main/apt/dists/any/Release"))
            .is(200)
            .text()
            .to_owned()
    };
    assert!(!release().contains("Signed-By:") && !release().contains(".zst"));
    set(&yard, "main/any", &["--signed-by", "--zstd"]);
    let said = release();
    let fingerprint = said
        .lines()
        .find_map(|line| line.strip_prefix("Signed-By: "))
        .unwrap();
    assert!(
        fingerprint.len() == 40 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit()),
        "{said}"
    );
    assert!(said.contains(" main/binary-amd64/Packages.zst\n"), "{said}");
    let root = AptRoot::of(&yard);
    root.update();
    root.update();
    set(&yard, "main/any", &["--no-signed-by", "--no-zstd"]);
    assert!(!release().contains("Signed-By:") && !release().contains(".zst"));
    root.update();
}
