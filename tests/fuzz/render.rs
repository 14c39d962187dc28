//! What a reader took can be listed: the index is well-formed XML with one package, however odd the facts.

use packyard_formats::intake::Intake;
use packyard_types::{
    Artifact, ArtifactName, Blob, ComponentName, DistributionName, Facts, Revision, Timestamp,
};
use packyard_views::{Item, Segment, Sign, SignError, inflate, segments, yum};
use quick_xml::events::Event;

struct NoKeys;

impl Sign for NoKeys {
    fn clearsign_apt(&self, _: &str) -> Result<String, SignError> {
        Err(SignError("not here".to_owned()))
    }
    fn detached_apt(&self, _: &[u8]) -> Result<String, SignError> {
        Err(SignError("not here".to_owned()))
    }
    fn detached_rpm(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn public_rpm(&self) -> String {
        String::new()
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Lists an .rpm, and reads the three documents again.
pub fn listed(name: &ArtifactName, intake: Intake) {
    let blob = Blob::of(b"");
    let (Facts::Rpm(facts) | Facts::Srpm(facts)) = intake.facts else {
        panic!("{name} is no rpm")
    };
    let stored = serde_json::to_string(&facts).unwrap();
    assert_eq!(
        serde_json::from_str::<packyard_types::RpmFacts>(&stored).unwrap(),
        facts
    );
    let item = Item {
        artifact: Artifact {
            name: name.clone(),
            package: intake.package,
            version: intake.version,
            arch: "noarch".to_owned(),
            project: intake.project,
            release_version: intake.release_version,
            distribution: DistributionName::parse("el9").unwrap(),
            component: ComponentName::main(),
            received: blob,
            served: blob,
            facts: blob,
            parts: Vec::new(),
            uploaded_at: None,
        },
        facts: Facts::Rpm(facts),
    };
    let scope = yum::Scope {
        distribution: DistributionName::parse("el9").unwrap(),
        basearches: ["x86_64".parse().unwrap()].into(),
        revision: Revision(1),
        at: Timestamp::from_unix_seconds(0),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let made = yum::render(&scope, &[item], &NoKeys).unwrap();
    let mut documents = 0;
    for (path, file) in &made.tree.files {
        if !path.as_str().starts_with("el9/x86_64/") || !path.as_str().ends_with(".xml.gz") {
            continue;
        }
        let bytes = segments(&made.tree, file)
            .into_iter()
            .flat_map(|segment| match segment {
                Segment::Bytes(bytes) => bytes,
                Segment::Chunk { deflated } => made.chunks[&deflated.digest].clone(),
                Segment::Inflate { deflated, open_bytes } => {
                    inflate(&made.chunks[&deflated.digest], open_bytes).unwrap()
                }
            });
        let bytes: Vec<u8> = bytes.collect();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut text).unwrap();
        assert!(well_formed(&text), "{text}");
        documents += usize::from(!path.as_str().ends_with("-updateinfo.xml.gz"));
    }
    assert_eq!(documents, 3);
}

fn well_formed(text: &str) -> bool {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let mut reader = quick_xml::Reader::from_str(text);
    let mut packages = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) => {
                packages += usize::from(e.name().as_ref() == "package");
                e.attributes().for_each(|a| drop(a.unwrap()));
            }
            Event::Empty(e) => e.attributes().for_each(|a| drop(a.unwrap())),
            Event::Eof => return packages == 1 && text.chars().all(allowed),
            _ => {}
        }
    }
}
