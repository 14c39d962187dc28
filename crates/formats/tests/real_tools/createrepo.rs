//! The facts of packages that rpmbuild made, beside what createrepo_c writes of the same packages.

use crate::tools::{RICH_SPEC, rpmbuild, run};
use packyard_formats::intake::{self, Limits};
use packyard_types::{Facts, RpmDependency, RpmFacts, RpmFileKind};
use quick_xml::events::{BytesStart, Event};
use std::path::Path;
use std::process::Command;

/// Every element of a document as a line: its name, attributes in order, and text.
fn lines(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut lines, mut parents): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let show = |e: &BytesStart<'_>, parents: &[String]| {
        let mut line = parents
            .iter()
            .skip(2)
            .flat_map(|p| [p.as_str(), " "])
            .collect::<String>();
        line.push_str(&String::from(e.name().as_ref()));
        for attribute in e.attributes().map(Result::unwrap) {
            let value = quick_xml::escape::unescape(&attribute.value)
                .unwrap()
                .into_owned();
            line.push_str(&format!(" {}={value}", attribute.key.as_ref()));
        }
        line
    };
    let mut joined = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) => {
                lines.push(show(&e, &parents));
                parents.push(String::from(e.name().as_ref()));
            }
            Event::Empty(e) => lines.push(show(&e, &parents)),
            Event::Text(t) if std::mem::take(&mut joined) => lines.last_mut().unwrap().push_str(&t),
            Event::Text(t) if t.trim().is_empty() => {}
            Event::Text(t) => lines.last_mut().unwrap().push_str(&format!(" | {}", &*t)),
            Event::GeneralRef(r) => {
                let character = match &*r {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    other => panic!("{other}"),
                };
                lines.last_mut().unwrap().push(character);
                joined = true;
            }
            Event::End(_) => drop(parents.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    lines.iter().map(|l| l.trim_end().to_owned()).collect()
}

fn facts_of(file: &Path) -> RpmFacts {
    let name = file.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let intake = intake::read(&name, &mut std::fs::File::open(file).unwrap(), &Limits::default()).unwrap();
    match intake.facts {
        Facts::Rpm(facts) | Facts::Srpm(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// A dependency as createrepo_c writes it.
fn entry(section: &str, d: &RpmDependency) -> String {
    let mut line = format!("format rpm:{section} rpm:entry name={}", d.name);
    if let Some(flags) = d.flags {
        let (epoch, rest) = d.version.split_once(':').unwrap_or(("0", &d.version));
        let (version, release) = rest.split_once('-').map_or((rest, None), |(v, r)| (v, Some(r)));
        line.push_str(&format!(" flags={} epoch={epoch} ver={version}", flags.as_str()));
        if let Some(release) = release {
            line.push_str(&format!(" rel={release}"));
        }
    }
    line + if d.pre { " pre=1" } else { "" }
}

fn expected_primary(f: &RpmFacts) -> Vec<String> {
    let text = |name: &str, value: &str| {
        if value.is_empty() {
            name.to_owned()
        } else {
            format!("{name} | {value}")
        }
    };
    let mut lines = vec![
        text("name", &f.name),
        text("arch", &f.arch),
        format!("version epoch={} ver={} rel={}", f.epoch, f.version, f.release),
        text("summary", &f.summary),
        text("description", &f.description),
        text("packager", &f.packager),
        text("url", &f.url),
        text("format rpm:license", &f.license),
        text("format rpm:vendor", &f.vendor),
        text("format rpm:group", &f.group),
        text("format rpm:buildhost", &f.build_host),
        text("format rpm:sourcerpm", &f.source_rpm),
        format!(
            "format rpm:header-range start={} end={}",
            f.header_start, f.header_end
        ),
    ];
    for (section, dependencies) in [
        ("provides", &f.provides),
        ("requires", &f.requires),
        ("conflicts", &f.conflicts),
        ("obsoletes", &f.obsoletes),
        ("suggests", &f.suggests),
        ("enhances", &f.enhances),
        ("recommends", &f.recommends),
        ("supplements", &f.supplements),
    ] {
        if !dependencies.is_empty() {
            lines.push(format!("format rpm:{section}"));
        }
        lines.extend(dependencies.iter().map(|d| entry(section, d)));
    }
    let primary = f
        .files
        .iter()
        .filter(|f| packyard_formats::rpm::facts::is_primary(&f.path));
    lines.extend(primary.map(|f| format!("format {}", file(f))));
    lines
}

fn file(f: &packyard_types::RpmFile) -> String {
    match f.kind {
        RpmFileKind::File => format!("file | {}", f.path),
        RpmFileKind::Dir => format!("file type=dir | {}", f.path),
        RpmFileKind::Ghost => format!("file type=ghost | {}", f.path),
    }
}

fn document(repodata: &Path, which: &str) -> Vec<String> {
    let found = std::fs::read_dir(repodata).unwrap().map(|e| e.unwrap().path());
    let found = found
        .into_iter()
        .find(|p| p.to_str().unwrap().ends_with(&format!("{which}.xml.gz")))
        .unwrap();
    lines(&run(Command::new("gzip").arg("-dc").arg(found)))
}

/// Not compared: `pre` of pretrans and posttrans requirements, which createrepo_c marks since a later version than
/// the one that Debian 12 has.
/// Compares, file by file, what createrepo_c says of one package with its facts.
fn compare(package: &Path) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(package, dir.path().join(package.file_name().unwrap())).unwrap();
    run(Command::new("createrepo_c")
        .args(["--quiet", "--no-database"])
        .arg(dir.path()));
    let repodata = dir.path().join("repodata");
    let facts = facts_of(package);

    let ours_not_compared = [
        "metadata", "package", "checksum", "time", "size", "location", "format",
    ];
    let theirs = document(&repodata, "primary").into_iter();
    let theirs: Vec<String> = theirs
        .filter(|l| {
            !ours_not_compared.iter().any(|n| {
                l == n
                    || l.starts_with(&format!("{n} "))
                        && !l.starts_with("format rpm:")
                        && !l.starts_with("format file")
            })
        })
        .collect();
    let mut ours = expected_primary(&facts);
    let mut theirs_sorted = theirs.clone();
    ours.sort();
    theirs_sorted.sort();
    assert_eq!(
        ours.join("\n"),
        theirs_sorted.join("\n"),
        "primary of {}",
        package.display()
    );

    let all = document(&repodata, "primary");
    let size = all.iter().find(|l| l.starts_with("size ")).unwrap();
    let installed = format!(" installed={} ", facts.installed_size_bytes);
    assert!(size.contains(&installed), "{installed}: {size}");
    // createrepo_c has 0 where the signature header does not say it; the payload does.
    let archive = format!(" archive={}", facts.archive_size_bytes);
    assert!(
        size.ends_with(&archive) || size.ends_with(" archive=0"),
        "{archive}: {size}"
    );
    assert!(facts.archive_size_bytes > 0);
    let built = format!(" build={}", facts.build_time);
    assert!(all.iter().any(|l| l.ends_with(&built)), "{built}: {all:?}");

    let filelists: Vec<String> = document(&repodata, "filelists")
        .into_iter()
        .filter(|l| l.starts_with("file "))
        .collect();
    assert_eq!(facts.files.iter().map(file).collect::<Vec<_>>(), filelists);

    let other: Vec<String> = document(&repodata, "other")
        .into_iter()
        .filter(|l| l.starts_with("changelog "))
        .collect();
    let mut ours: Vec<String> = facts
        .changelog
        .iter()
        .take(10)
        .map(|c| {
            format!(
                "changelog author={} date={} | {}",
                c.author,
                c.at.unix_seconds(),
                c.text
            )
        })
        .collect();
    ours.reverse();
    assert_eq!(ours, other);
}

#[test]
fn facts_are_what_createrepo_c_says() {
    let dir = tempfile::tempdir().unwrap();
    compare(&rpmbuild(dir.path(), RICH_SPEC));
}

#[test]
fn facts_of_an_architecture_package_with_weak_and_glibc_requirements_are_what_createrepo_c_says() {
    let spec = "
Name: native
Version: 1.0~rc1
Release: 1
Summary: Native & <odd>
License: MIT
AutoReqProv: no
Requires: libc.so.6()(64bit)
Requires: libc.so.6(GLIBC_2.4)(64bit)
Requires: libc.so.6(GLIBC_2.34)(64bit)
Requires: libm.so.6()(64bit)
Requires(postun): three
Requires(meta): four
%description
x
%install
mkdir -p %{buildroot}/usr/lib/native/bin %{buildroot}/usr/sbin
touch %{buildroot}/usr/lib/native/bin/tool
ln -s ../lib/native/bin/tool %{buildroot}/usr/sbin/tool
%files
/usr/lib/native
/usr/sbin/tool
";
    let dir = tempfile::tempdir().unwrap();
    compare(&rpmbuild(dir.path(), spec));
}

#[test]
fn facts_of_a_package_of_the_rpm_crate_are_what_createrepo_c_says() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("small-1.0-1.noarch.rpm");
    std::fs::write(&file, crate::tools::rpm_crate_package(rpm::BuildConfig::v4())).unwrap();
    compare(&file);
}

#[test]
fn facts_of_our_own_package_are_what_createrepo_c_says() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hello-1.0~rc1-1.noarch.rpm");
    let mut spec = crate::specimen::everything();
    // createrepo_c marks what these need as `pre` since a later version.
    (spec.scripts.pretrans, spec.scripts.posttrans) = (None, None);
    std::fs::write(&file, packyard_formats::rpm::write::to_bytes(&spec).unwrap()).unwrap();
    compare(&file);
}
