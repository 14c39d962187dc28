//! How large the fields of a package are, judged before apt reads them in an index.

use crate::deb822::Paragraph;
use crate::fault::{Fault, shown};
use packyard_types::stanza::{MAX_PARAGRAPH, MAX_STANZA, too_large};

/// Fields of a .dsc that list its files: an index has lists of its own.
const LISTS: [&str; 4] = ["Files", "Checksums-Sha1", "Checksums-Sha256", "Checksums-Sha512"];

/// Every field that is too large for apt; with the paragraph itself, where all fields together are.
pub fn judge(control: &Paragraph) -> Vec<Fault> {
    let is_list = |name: &str| LISTS.iter().any(|list| list.eq_ignore_ascii_case(name));
    let of_fields = control
        .fields()
        .iter()
        .filter(|(name, _)| !is_list(name))
        .filter_map(|(name, value)| {
            let large = too_large(name, value)?;
            let mut start = shown(name);
            if name.len() > 60 {
                start = format!("{}…", start.chars().take(60).collect::<String>());
            }
            let what = format!("its field `{start}`: {}", large.part);
            Some(fault(&what, large.found, large.allowed))
        });
    let mut faults: Vec<Fault> = of_fields.collect();
    let size = |lists: bool| -> usize {
        let counted = control
            .fields()
            .iter()
            .filter(|(name, _)| lists || !is_list(name));
        counted.map(|(name, value)| name.len() + value.len() + 3).sum()
    };
    let (without, with) = (size(false), size(true));
    if without > MAX_PARAGRAPH {
        faults.push(fault("its fields together", without, MAX_PARAGRAPH));
    } else if with > MAX_STANZA {
        let what = "its fields, with the lists of its files, together";
        faults.push(fault(what, with, MAX_STANZA));
    }
    faults
}

fn fault(what: &str, found: usize, allowed: usize) -> Fault {
    let have = if what.ends_with("together") { "have" } else { "has" };
    let rule = format!(
        "{what} {have} {found} bytes, of {allowed} that are allowed: apt would refuse the whole index that lists it"
    );
    Fault::new(rule, "make the field smaller, or leave it out")
        .between(format!("{found} bytes"), format!("at most {allowed} bytes"))
}
