//! A `[[file]]` as it is installed: with its mode, its owner and what it is for.

use super::{
    payload::Payload,
    sources::{self, Item, ItemKind},
};
use crate::{BuildError, files, manifest::FileKeys, project::Project};
use packyard_formats::{
    compress::gzip,
    deb::ldconfig,
    entries::{Entries, Entry, EntryKind, Owner, Role},
    rpm::write::belongs_to_the_system,
};
use std::collections::BTreeSet;

/// Puts it, as it is or as all that its source stands for.
pub(super) fn add(project: &Project, keys: &FileKeys, payload: &mut Payload) -> Result<(), BuildError> {
    let target = keys.target.to_string();
    let entry = match (&keys.symlink, &keys.source) {
        (Some(to), _) => return link(keys, &target, to, payload),
        (None, Some((source, place))) => {
            for item in sources::items(&project.root, keys, source, place)? {
                add_item(project, keys, &item, payload)?;
            }
            return Ok(());
        }
        (None, None) if keys.dir => Entry {
            mode: keys.mode.unwrap_or(0o755),
            ..Entry::directory()
        },
        (None, None) => Entry {
            kind: EntryKind::Ghost,
            ..Entry::file(&b""[..])
        },
    };
    payload.put(&target, finished(keys, entry))
}

/// One thing that a source stands for. A directory that every system has stays as it is there.
fn add_item(
    project: &Project,
    keys: &FileKeys,
    item: &Item,
    payload: &mut Payload,
) -> Result<(), BuildError> {
    payload.ask(&keys.place, item.exactness);
    let target = item.target.as_str();
    match &item.kind {
        ItemKind::Directory if belongs_to_the_system(target) => Ok(()),
        ItemKind::Directory => {
            let mode = keys.mode.map_or(0o755, searchable);
            let entry = Entry {
                mode,
                ..Entry::directory()
            };
            payload.put(target, finished(keys, entry))
        }
        ItemKind::Link(to) => link(keys, target, to, payload),
        ItemKind::File => one_file(project, keys, &item.source, target, payload),
    }
}

/// A link; one among man pages leads to one that is compressed.
fn link(keys: &FileKeys, target: &str, to: &str, payload: &mut Payload) -> Result<(), BuildError> {
    let is_page = is_manual(target) && !target.ends_with(".gz") && !to.ends_with(".gz");
    let gz = if is_page { ".gz" } else { "" };
    let entry = Entry::symlink(format!("{to}{gz}"));
    payload.put(&format!("{target}{gz}"), finished(keys, entry))
}

/// The mode of a directory among files of this mode: who may read may search.
fn searchable(mode: u16) -> u16 {
    let mode = mode & 0o777;
    mode | (mode & 0o444) >> 2
}

fn is_manual(target: &str) -> bool {
    target.starts_with("/usr/share/man/")
}

/// An entry with what the keys say of it.
fn finished(keys: &FileKeys, entry: Entry) -> Entry {
    let is_directory = entry.kind == EntryKind::Directory;
    let is_link = matches!(entry.kind, EntryKind::Symlink(_));
    let capabilities = keys.capabilities.as_ref().filter(|_| !is_directory && !is_link);
    Entry {
        mode: match keys.mode {
            Some(mode) if !is_directory && !is_link => mode,
            _ => entry.mode,
        },
        owner: if is_link {
            Owner::root()
        } else {
            keys.owner.clone()
        },
        role: if is_directory { Role::Plain } else { keys.role },
        missing_ok: keys.missing_ok && !is_directory,
        capabilities: capabilities.map(|(capabilities, _)| capabilities.clone()),
        ..entry
    }
}

/// lintian's names for modes that are not the usual ones. What runs with another's rights is not among them: that is
/// for everybody to see.
pub(super) fn odd_modes(entries: &Entries) -> BTreeSet<&'static str> {
    let tag = |entry: &Entry| match (&entry.kind, entry.mode) {
        (EntryKind::Directory, mode) if mode != 0o755 => Some("non-standard-dir-perm"),
        (EntryKind::File(_), 0o644 | 0o755 | 0o1000..) => None,
        (EntryKind::File(_), mode) if mode & 0o111 == 0 => Some("non-standard-file-perm"),
        (EntryKind::File(_), _) => Some("non-standard-executable-perm"),
        _ => None,
    };
    entries.iter().filter_map(|(_, entry)| tag(entry)).collect()
}

/// Whether the loader's cache has to be made again, and why.
pub(super) fn loader_cache(entries: &Entries) -> Result<Option<ldconfig::Reason>, BuildError> {
    ldconfig::reason(entries).map_err(|source| BuildError::Read {
        file: "a library of the package".to_owned(),
        source,
    })
}

/// Capabilities that a .deb cannot carry: dpkg keeps none, so a package's own script has to set them.
pub(super) fn capability_notes(project: &Project, notes: &mut Vec<String>) {
    for file in project.manifest.files.iter().filter(|file| file.format.deb) {
        if let Some((capabilities, place)) = &file.capabilities {
            notes.push(format!(
                "{}:{}: a .deb cannot carry capabilities; let [scripts] deb.postinstall run `setcap {capabilities} {}`, \
                 and [deb] depends name libcap2-bin",
                place.file, place.line, file.target
            ));
        }
    }
}

/// A file of the project; man pages are compressed.
fn one_file(
    project: &Project,
    keys: &FileKeys,
    source: &str,
    target: &str,
    payload: &mut Payload,
) -> Result<(), BuildError> {
    let file = files::read_file(&project.root, source)?;
    let is_compressed = file.content.head().starts_with(&[0x1f, 0x8b]);
    if is_manual(target) && !is_compressed {
        let text = files::read_whole(&file.content, source)?;
        let page = finished(keys, Entry::file(gzip(&text))).with_role(Role::Doc);
        return payload.put(&format!("{target}.gz"), page);
    }
    let entry = if file.executable {
        Entry::program(file.content)
    } else {
        Entry::file(file.content)
    };
    payload.put(target, finished(keys, entry))
}
