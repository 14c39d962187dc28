//! Bytes that nobody wrote in earnest, made from good ones with a seed: each reader refuses them or reads them, never
//! panics, never takes long, and what it reads can be listed. `README.md` says how to run this for hours.

#![allow(clippy::unwrap_used, missing_docs, reason = "these are tests")]

mod counted;
mod feed;
#[path = "../../crates/formats/tests/packages/make.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod make;
mod mutator;
#[path = "../../crates/formats/tests/packages/raw_rpm.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod raw_rpm;
mod render;
mod seeds;
mod target;
mod targets;

pub use target::Target;

feed::targets! { rpm deb wheel sdist ar tar zip streams record metadata deb822 changelog dsc changes index simple_page document jwt issuer elf }

/// The same readers behind checksums and compressions.
mod inside {
    use crate::{feed, targets};

    feed::targets! { tar_headers deb_data deb_control changelog_text sdist_tar wheel_file rpm_header rpm_payload jwt_claims }
}

/// `worst/` has for each reader the input that made it ask for the most memory, and the one that made it hold the most at
/// once, of all that were tried; `worst/bounds` says how much that was. A change that makes one of them much worse fails
/// here, on however fast a machine.
#[test]
fn the_worst_inputs_found_take_no_more_than_they_did() {
    let worst = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/worst");
    let bounds = std::fs::read_to_string(worst.join("bounds")).unwrap_or_default();
    let mut found = String::new();
    let mut wrong = Vec::new();
    for target in ALL {
        for kind in ["asked", "held"] {
            let name = format!("{}-{kind}", target.name);
            let work = feed::work_of(target, &std::fs::read(worst.join(&name)).unwrap());
            let kib = if kind == "asked" { work.asked } else { work.held } >> 10;
            found.push_str(&format!("{name} {kib} KiB\n"));
            let bound = bounds.lines().find_map(|line| {
                let said = line.strip_prefix(&name)?.strip_suffix(" KiB")?;
                said.trim().parse::<u64>().ok()
            });
            // A quarter more, for another version of a library.
            if bound.is_none_or(|bound| kib > bound + bound / 4 + 16) {
                wrong.push(format!("{name}: {kib} KiB, and it was {bound:?}"));
            }
        }
    }
    if std::env::var_os("PACKYARD_BLESS").is_some() {
        std::fs::write(worst.join("bounds"), found).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `fuzz/` feeds the same functions with bytes that a fuzzer chooses by coverage.
#[test]
fn every_target_can_be_fuzzed_by_coverage_too() {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    for target in ALL.iter().chain(inside::ALL) {
        let row = format!("name = \"{}\"", target.name);
        assert!(
            manifest.contains(&row),
            "fuzz/Cargo.toml has no row for {}",
            target.name
        );
    }
}
