//! The Release files of a copy. What the server says of itself in them, a copy cannot keep: changelogs are made of packages
//! when they are asked for, and snapshots are the log's. So these fields are left out, and the rest is signed again, as of
//! the file's own date: a copy that is made again has the same bytes.

use crate::keys::Keys;
use packyard_types::{Blob, Body, ServedPath, Timestamp, Tree};
use packyard_views::{Sign, SignError};

/// Fields with addresses of the server.
const OF_THE_SERVER: [&str; 2] = ["Changelogs: ", "Snapshots: "];

/// Takes what only a server has out of the Release files of a tree of apt's. Those that say nothing of it keep their bytes.
pub(super) fn stand_alone(tree: &mut Tree, keys: &Keys) -> Result<(), SignError> {
    let releases: Vec<(ServedPath, String, Timestamp)> = tree
        .files
        .iter()
        .filter(|(path, _)| path.file_name() == "Release")
        .filter_map(|(path, file)| match &file.body {
            Body::Inline(text) => Some((path.clone(), without_the_server(text)?, date(text)?)),
            Body::Stored | Body::Rope { .. } => None,
        })
        .collect();
    for (path, text, at) in releases {
        let signer = keys.signer(at);
        let beside = [
            ("InRelease", signer.clearsign_apt(&text)?),
            ("Release.gpg", signer.detached_apt(text.as_bytes())?),
            ("Release", text),
        ];
        for (name, text) in beside {
            let beside = ServedPath::parse(&format!("{}/{name}", path.directory()));
            let file = beside.ok().and_then(|path| tree.files.get_mut(&path));
            if let Some(file) = file {
                file.blob = Blob::of(text.as_bytes());
                file.body = Body::Inline(text);
            }
        }
    }
    Ok(())
}

/// The text without the server's addresses; none where it has none.
fn without_the_server(text: &str) -> Option<String> {
    let is_of_it = |line: &&str| OF_THE_SERVER.iter().any(|field| line.starts_with(field));
    text.lines().any(|line| is_of_it(&line)).then(|| {
        let kept = text.split_inclusive('\n').filter(|line| !is_of_it(line));
        kept.collect()
    })
}

fn date(text: &str) -> Option<Timestamp> {
    let date = text.lines().find_map(|line| line.strip_prefix("Date: "))?;
    Timestamp::parse_http_date(&date.replace("UTC", "GMT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_server_are_left_out() {
        let text = "Origin: me\nChangelogs: http://h/@CHANGEPATH@\nSnapshots: http://h/\nDate: Sat, 21 Nov 2026 20:00:00 UTC\nSHA256:\n 00 1 x\n";
        let kept = "Origin: me\nDate: Sat, 21 Nov 2026 20:00:00 UTC\nSHA256:\n 00 1 x\n";
        assert_eq!(without_the_server(text).as_deref(), Some(kept));
        assert_eq!(without_the_server(kept), None);
        assert_eq!(date(text).map(Timestamp::unix_seconds), Some(1_795_291_200));
    }
}
