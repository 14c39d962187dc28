//! What lies elsewhere: fetched a few at a time, compared with the digest that its index says, handed on to the yard.

use super::{plan::Item, root::Location, send::in_parallel};
use anyhow::Context as _;
use packyard_client::{Fetch, FetchError};
use packyard_types::Digest;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Largest file that is fetched, in bytes: what the yard takes by default.
const LARGEST: u64 = 8 << 30;

/// Files by their URL, each with the digest that its index says.
pub type Wanted = BTreeMap<String, Option<Digest>>;
/// What became of them: their digests, or why they are of no use.
pub type Fetched = BTreeMap<String, Result<Digest, String>>;

/// What has to be fetched: packages, and the files that belong to them, that are missing or not known. `parts` are those
/// files, by [`super::sources::elsewhere`].
pub fn wanted(items: &[Item], parts: &BTreeMap<Digest, String>, missing: &BTreeSet<Digest>) -> Wanted {
    let packages = items.iter().filter_map(|item| match &item.at {
        Location::Url(url) => Some((url.clone(), item.sha256)),
        Location::File(_) => None,
    });
    let parts = parts.iter().map(|(digest, url)| (url.clone(), Some(*digest)));
    packages
        .chain(parts)
        .filter(|(_, sha256)| sha256.is_none_or(|digest| missing.contains(&digest)))
        .collect()
}

/// Fetches; `put` hands a file on, and says why where it is not taken; `done` is told of each.
pub fn fetch(
    wanted: Wanted,
    put: &(dyn Fn(&Digest, &Path) -> anyhow::Result<Option<String>> + Sync),
    done: &(dyn Fn() + Sync),
) -> anyhow::Result<Fetched> {
    let spool = tempfile::tempdir().context("making a directory for what is fetched")?;
    let fetch = Fetch::new();
    let numbered: Vec<_> = wanted.into_iter().enumerate().collect();
    let fetched = in_parallel(numbered, |(n, (url, sha256))| {
        let to = spool.path().join(n.to_string());
        let outcome = match fetch.file(&url, &to, sha256.as_ref(), LARGEST) {
            Ok(digest) => put(&digest, &to)?.map_or(Ok(digest), Err),
            Err(e @ FetchError::File { .. }) => return Err(e.into()),
            Err(e) => Err(e.to_string()),
        };
        // It is in the store, or of no use.
        let _ = std::fs::remove_file(&to);
        done();
        Ok((url, outcome))
    })?;
    Ok(fetched.into_iter().collect())
}

/// A package whose files are in the store now, with its digest; why not, where one of them is not.
pub fn judge(mut item: Item, parts: &BTreeMap<Digest, String>, fetched: &Fetched) -> Result<Item, String> {
    if let Location::Url(url) = &item.at {
        match fetched.get(url) {
            Some(Ok(digest)) => item.sha256 = Some(*digest),
            Some(Err(why)) => return Err(why.clone()),
            // The yard has it.
            None => {}
        }
    }
    for part in &item.parts {
        // It may have been fetched from beside another package that has it, too.
        let url = parts.get(&part.sha256);
        if let Some(Err(why)) = url.and_then(|url| fetched.get(url)) {
            return Err(format!("its file `{}`: {why}", part.name));
        }
    }
    Ok(item)
}
