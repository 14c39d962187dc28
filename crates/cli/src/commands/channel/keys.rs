//! The keys of others that a channel lists: of uploaders, and of those who sign packages.

use anyhow::Context as _;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// The texts of key files.
pub fn read(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).with_context(|| {
            format!(
                "reading `{}`, which must be armoured (`gpg --armor --export`)",
                file.display()
            )
        })
    };
    files.iter().map(read).collect()
}

/// Keys are added to those that a channel has.
pub fn add_to_known(wanted: &mut Map<String, Value>, which: &str, now: &Value) {
    let mut keys: Vec<Value> = now[which].as_array().cloned().unwrap_or_default();
    if let Some(Value::Array(added)) = wanted.get(which) {
        let fresh: Vec<Value> = added.iter().filter(|key| !keys.contains(key)).cloned().collect();
        keys.extend(fresh);
    }
    wanted.insert(which.to_owned(), Value::Array(keys));
}

/// Whose keys a channel lists, a key a line below a heading.
pub fn lines(head: &str, all: &Value) -> Vec<String> {
    let all = all.as_array().map_or(&[][..], Vec::as_slice);
    let key = |holder: &Value| {
        let fingerprint = holder["fingerprint"].as_str().unwrap_or_default();
        let ids = holder["user_ids"].as_array().into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
        format!("  {fingerprint}  {}", ids.join(", "))
    };
    let head = (!all.is_empty()).then(|| head.to_owned());
    head.into_iter().chain(all.iter().map(key)).collect()
}
