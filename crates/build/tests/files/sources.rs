//! Patterns, trees and links.

use crate::room::{Room, below, has};
use packyard_types::ArtifactKind;

fn file(keys: &str) -> String {
    format!("[[file]]\n{keys}\n")
}

const DATA: [(&str, &str); 8] = [
    ("data/a.txt", "a\n"),
    ("data/b.txt", "b\n"),
    ("data/c.json", "{}\n"),
    ("data/.hidden.txt", "h\n"),
    ("data/deep/d.txt", "d\n"),
    ("data/deep/er/e.json", "{}\n"),
    ("data/[x].txt", "x\n"),
    ("other/f.txt", "f\n"),
];

/// What is installed below `/usr/share/lamp/` of a source.
fn installed(source: &str) -> Vec<String> {
    let keys = format!("source = '{source}'\ntarget = '/usr/share/lamp/'");
    let deb = Room::of(&file(&keys), &DATA).deb();
    below(&deb, "./usr/share/lamp/")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_pattern_installs_what_it_matches_and_keeps_the_path_below_its_fixed_part() {
    assert_eq!(installed("data/*.txt"), ["[x].txt", "a.txt", "b.txt"]);
    assert_eq!(installed("data/[ab].*"), ["a.txt", "b.txt"]);
    assert_eq!(installed("data/?.json"), ["c.json"]);
    assert_eq!(installed("data/.*.txt"), [".hidden.txt"]);
    assert_eq!(
        installed("data/**/*.json"),
        ["c.json", "deep/", "deep/er/", "deep/er/e.json"]
    );
    assert_eq!(
        installed("{data/deep,other}/*.txt"),
        ["data/", "data/deep/", "data/deep/d.txt", "other/", "other/f.txt"]
    );
    assert_eq!(installed("data/{a,b,gone}.txt"), ["a.txt", "b.txt"]);
}

#[test]
fn a_directory_that_a_pattern_matches_is_taken_whole() {
    assert_eq!(
        installed("data/d*"),
        ["deep/", "deep/d.txt", "deep/er/", "deep/er/e.json"]
    );
}

#[test]
fn a_target_of_a_pattern_is_a_directory_with_a_slash_or_without() {
    for target in ["/usr/share/lamp", "/usr/share/lamp/"] {
        let keys = format!("source = 'other/*'\ntarget = '{target}'");
        let deb = Room::of(&file(&keys), &DATA).deb();
        has(&deb, &["-rw-r--r-- ./usr/share/lamp/f.txt"]);
    }
}

#[test]
fn a_name_that_is_there_is_no_pattern() {
    assert_eq!(installed("data/[x].txt"), ["[x].txt"]);
    assert_eq!(installed("data/[[]*"), ["[x].txt"]);
}

#[test]
fn what_a_build_system_has_staged_goes_to_the_root() {
    let stage = [
        ("stage/usr/bin/lamp", "#!/bin/sh\n"),
        ("stage/etc/lamp/lamp.conf", "a\n"),
        ("stage/etc/cron.d/", ""),
        ("stage/usr/share/lamp/light", "-> /usr/bin/lamp"),
    ];
    let keys = "source = 'stage/*'\ntarget = '/'\nowner = 'lamp'\n[[user]]\nname = 'lamp'";
    let room = Room::of(&file(keys), &stage);
    let rpm = room.rpm();
    has(
        &rpm,
        &[
            "-rwxr-xr-x lamp:root /usr/bin/lamp",
            "-rw-r--r-- lamp:root /etc/lamp/lamp.conf",
            "drwxr-xr-x lamp:root /etc/lamp",
            "lrwxrwxrwx root:root /usr/share/lamp/light /usr/bin/lamp",
        ],
    );
    // What every system has stays as it is there.
    for system in ["/usr", "/usr/bin", "/etc", "/etc/cron.d"] {
        assert!(
            !rpm.iter().any(|line| line.ends_with(&format!(" {system}"))),
            "{rpm:?}"
        );
    }
    // An uncompressed archive, which shows the script as it is.
    let control = room.ask(ArtifactKind::Deb, "dpkg-deb", &["--ctrl-tarfile"]);
    let owned: Vec<&str> = control
        .lines()
        .filter_map(|line| line.trim().strip_prefix("chown "))
        .collect();
    let own = |path: &str| format!("lamp:root \"${{DPKG_ROOT:-}}\"{path}");
    let all = [
        "/etc/lamp",
        "/etc/lamp/lamp.conf",
        "/usr/bin/lamp",
        "/usr/share/lamp",
    ];
    assert_eq!(owned, all.map(own));
}

#[test]
fn a_tree_is_taken_whole_with_its_empty_directories_and_without_leftovers() {
    let tree = [
        ("site/index.html", "<p>\n"),
        ("site/.well-known/x", "x\n"),
        ("site/empty/", ""),
        ("site/kept/.gitkeep", ""),
        ("site/.git/config", ""),
        ("site/__pycache__/x.pyc", ""),
        ("site/cgi", "#!/bin/sh\n"),
    ];
    let keys = "source = 'site'\ntarget = '/srv/lamp'";
    let room = Room::of(&file(keys), &tree);
    assert_eq!(
        below(&room.deb(), "./srv/lamp/"),
        [
            ".well-known/",
            ".well-known/x",
            "cgi",
            "empty/",
            "index.html",
            "kept/"
        ]
    );
    has(
        &room.rpm(),
        &[
            "drwxr-xr-x root:root /srv/lamp/empty",
            "-rwxr-xr-x root:root /srv/lamp/cgi",
        ],
    );
}

#[test]
fn mode_and_owner_of_a_tree_are_those_of_all_in_it_and_who_may_read_may_search() {
    let keys = "source = 'conf'\ntarget = '/etc/lamp'\nmode = '0640'\ngroup = 'lamp'\nconfig = 'noreplace'\n\
        [[user]]\nname = 'lamp'";
    let room = Room::of(
        &file(keys),
        &[
            ("conf/a.conf", "a\n"),
            ("conf/d/run", "#!/bin/sh\n"),
            ("conf/l", "-> a.conf"),
        ],
    );
    has(
        &room.rpm(),
        &[
            "drwxr-x--- root:lamp /etc/lamp",
            "drwxr-x--- root:lamp /etc/lamp/d",
            "-rw-r----- root:lamp cn /etc/lamp/a.conf",
            "-rw-r----- root:lamp cn /etc/lamp/d/run",
            "lrwxrwxrwx root:root cn /etc/lamp/l a.conf",
        ],
    );
    has(
        &room.deb(),
        &[
            "drwxr-x--- ./etc/lamp/d/",
            "-rw-r----- ./etc/lamp/d/run",
            "lrwxrwxrwx ./etc/lamp/l -> a.conf",
        ],
    );
}

#[test]
fn the_more_exact_of_two_entries_says_how_a_file_is_installed() {
    let whole = "[[file]]\nsource = 'conf'\ntarget = '/etc/lamp'\n";
    let pattern = "[[file]]\nsource = 'conf/*.key'\ntarget = '/etc/lamp'\nmode = '0600'\n";
    let one = "[[file]]\nsource = 'conf/own.key'\ntarget = '/etc/lamp/own.key'\nmode = '0640'\nconfig = true\n\
        [[file]]\ndir = true\ntarget = '/etc/lamp/d'\nmode = '0700'\n";
    let files = [
        ("conf/a", "a\n"),
        ("conf/b.key", "b\n"),
        ("conf/own.key", "o\n"),
        ("conf/d/x", "x\n"),
    ];
    for tables in [[whole, pattern, one].concat(), [one, pattern, whole].concat()] {
        has(
            &Room::of(&tables, &files).rpm(),
            &[
                "-rw-r--r-- root:root /etc/lamp/a",
                "-rw------- root:root /etc/lamp/b.key",
                "-rw-r----- root:root c /etc/lamp/own.key",
                "drwx------ root:root /etc/lamp/d",
            ],
        );
    }
}

#[test]
fn a_link_stays_one_where_what_it_leads_to_comes_along() {
    let files = [
        ("lib/x.so.1.2", "bytes"),
        ("lib/x.so.1", "-> x.so.1.2"),
        ("lib/x.so", "-> x.so.1"),
        ("lib/y.so", "-> ../more/y"),
        ("more/y", "y\n"),
    ];
    let links = |source: &str| {
        let keys = format!("source = '{source}'\ntarget = '/usr/lib/lamp'");
        let deb = Room::of(&file(&keys), &files).deb();
        below(&deb, "./usr/lib/lamp/")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let whole = ["x.so -> x.so.1", "x.so.1 -> x.so.1.2", "x.so.1.2", "y.so"];
    assert_eq!(links("lib"), whole);
    assert_eq!(links("lib/*"), whole);
    // Alone it is what it leads to.
    assert_eq!(links("lib/*.so"), ["x.so", "y.so"]);
}

#[test]
fn manual_pages_of_a_tree_are_compressed_and_links_to_them_follow() {
    let files = [
        ("man/man1/lamp.1", ".TH LAMP 1\n"),
        ("man/man1/light.1", "-> lamp.1"),
    ];
    let keys = "source = 'man'\ntarget = '/usr/share/man'";
    let deb = Room::of(&file(keys), &files).deb();
    has(
        &deb,
        &[
            "-rw-r--r-- ./usr/share/man/man1/lamp.1.gz",
            "lrwxrwxrwx ./usr/share/man/man1/light.1.gz -> lamp.1.gz",
        ],
    );
}

#[test]
fn an_entry_can_be_for_one_format_and_two_can_share_a_target() {
    let tables = "[[file]]\nsource = 'deb.conf'\ntarget = '/etc/lamp.conf'\nformat = ['deb']\nmode = '0600'\n\
        [[file]]\nsource = 'rpm.conf'\ntarget = '/etc/lamp.conf'\nformat = ['rpm']\nconfig = true\n";
    let room = Room::of(tables, &[("deb.conf", "deb\n"), ("rpm.conf", "rpm\n")]);
    has(&room.deb(), &["-rw------- ./etc/lamp.conf"]);
    has(&room.rpm(), &["-rw-r--r-- root:root c /etc/lamp.conf"]);
}

#[test]
fn a_ghost_is_owned_by_the_rpm_with_its_mode_and_is_not_in_the_deb() {
    let tables = "[[file]]\nghost = true\ntarget = '/etc/lamp/state'\nmode = '0600'\nowner = 'daemon'\nconfig = 'noreplace'\n\
        [[file]]\nsource = 'x'\ntarget = '/etc/lamp/x'\n";
    let room = Room::of(tables, &[("x", "x\n")]);
    has(&room.rpm(), &["-rw------- daemon:root cng /etc/lamp/state"]);
    assert_eq!(below(&room.deb(), "./etc/lamp/"), ["x"]);
}

#[test]
fn a_link_to_a_manual_page_leads_to_the_compressed_one() {
    let tables = "[[file]]\nsource = 'lamp.1'\ntarget = '/usr/share/man/man1/'\n\
        [[file]]\nsymlink = 'lamp.1'\ntarget = '/usr/share/man/man1/light.1'\n";
    let room = Room::of(tables, &[("lamp.1", ".TH LAMP 1\n")]);
    has(
        &room.deb(),
        &["lrwxrwxrwx ./usr/share/man/man1/light.1.gz -> lamp.1.gz"],
    );
}

#[test]
fn nothing_runs_with_roots_rights_until_it_has_its_owner() {
    let tables = "[[user]]\nname = 'lamp'\n[[file]]\nsource = 'lamp'\ntarget = '/usr/bin/'\nowner = 'lamp'\nmode = '4755'\n\
        [[file]]\nsource = 'root'\ntarget = '/usr/bin/'\nmode = '4755'\n";
    let program = "#!/bin/sh\n";
    let room = Room::of(tables, &[("lamp", program), ("root", program)]);
    has(
        &room.deb(),
        &["-rwxr-xr-x ./usr/bin/lamp", "-rwsr-xr-x ./usr/bin/root"],
    );
    let scripts = room.ask(ArtifactKind::Deb, "dpkg-deb", &["-I"]);
    assert!(scripts.contains("postinst"), "{scripts}");
    assert!(
        room.rpm().iter().any(|line| line.starts_with("-rwsr-xr-x lamp:")),
        "{:?}",
        room.rpm()
    );
}

#[test]
fn a_deb_has_no_trace_of_a_ghost() {
    let tables = "[[file]]\nghost = true\ntarget = '/var/lib/other/state'\nowner = 'daemon'\n\
        [[file]]\nsource = 'lamp'\ntarget = '/usr/bin/'\n";
    let room = Room::of(tables, &[("lamp", "#!/bin/sh\n")]);
    assert!(
        !room.deb().iter().any(|line| line.contains("/var/")),
        "{:?}",
        room.deb()
    );
    let control = room.ask(ArtifactKind::Deb, "dpkg-deb", &["-I"]);
    assert!(!control.contains("postinst"), "{control}");
}
