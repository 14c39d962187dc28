//! `[rpm]`.

use crate::{Place, keys::Keys};
use packyard_formats::compress::Compression;
use packyard_types::{DistributionName, RpmName};
use std::collections::BTreeMap;

/// `[rpm]`.
#[derive(Debug, Clone, Default)]
pub struct RpmKeys {
    /// `name`.
    pub name: Option<RpmName>,
    /// `release`.
    pub release: Option<String>,
    /// `epoch`.
    pub epoch: Option<u32>,
    /// `vendor`.
    pub vendor: Option<String>,
    /// `group`.
    pub group: Option<String>,
    /// `compression` of the payload.
    pub compression: Option<Compression>,
    /// `python`, such as `3.9`.
    pub python: Option<(String, Place)>,
    /// `distributions`.
    pub distributions: Vec<DistributionName>,
    /// requires, recommends, suggests, supplements, enhances, conflicts, provides, obsoletes, as in a spec file.
    pub relations: BTreeMap<&'static str, Vec<(String, Place)>>,
}

/// Reads `[rpm]`.
pub(super) fn read(mut keys: Keys<'_>) -> RpmKeys {
    const RELATIONS: [&str; 8] = [
        "requires",
        "recommends",
        "suggests",
        "supplements",
        "enhances",
        "conflicts",
        "provides",
        "obsoletes",
    ];
    let relations = RELATIONS.map(|key| {
        let texts = keys.strings(key).into_iter();
        let file = keys.file;
        (
            key,
            texts
                .map(|text| (text.get_ref().clone(), file.place(text.span())))
                .collect(),
        )
    });
    let python = keys.string("python");
    let rpm = RpmKeys {
        name: keys.parsed("name", RpmName::parse),
        release: super::revision(&mut keys, "release"),
        epoch: keys.number("epoch"),
        vendor: super::plain(super::line::line(&mut keys, "vendor")),
        group: super::plain(super::line::line(&mut keys, "group")),
        compression: super::compression(&mut keys),
        python: super::located(&keys, python),
        distributions: super::distributions(&mut keys),
        relations: relations.into(),
    };
    keys.finish();
    rpm
}
