//! What the files of sysusers.d provide: since 4.19 rpm makes the users that its packages provide, from the line of
//! sysusers.d(5) that is the provide's version (rpm's docs/manual/users_and_groups.md).

use super::{CannotWrite, rows::Rows};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::io;

/// `user(NAME)`, `group(NAME)`, `groupmember(USER/GROUP)`, with their versions.
pub(super) fn provides(rows: &Rows<'_>) -> Result<Vec<(String, String)>, CannotWrite> {
    let mut provides = Vec::new();
    let is_list =
        |path: &str| path.starts_with("/usr/lib/sysusers.d/") && path.strip_suffix(".conf").is_some();
    for row in rows.list.iter().filter(|row| is_list(row.path.as_str())) {
        let Some(content) = row.content() else { continue };
        let text = content
            .read()
            .map_err(|e| io::Error::new(e.kind(), format!("`{}`: {e}", row.path)))?;
        for line in String::from_utf8_lossy(&text).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let version = || encode(&words.join(" "));
            match words[..] {
                ["u" | "u!", name, ..] => {
                    provides.push((format!("user({name})"), version()));
                    provides.push((format!("group({name})"), String::new()));
                }
                ["g", name, ..] => provides.push((format!("group({name})"), version())),
                ["m", user, group, ..] => {
                    provides.push((format!("groupmember({user}/{group})"), version()));
                }
                _ => {}
            }
        }
    }
    Ok(provides)
}

/// Base64 of a line that is filled up with NULs: `=` at the end would be an operator.
fn encode(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(3), 0);
    STANDARD.encode(bytes)
}
