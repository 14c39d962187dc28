//! What the channel does with signatures of the other place, where the import says it.

use super::ImportArgs;
use crate::commands::channel::keys;
use packyard_client::Api;
use serde_json::{Map, Value, json};

/// Changes the channel's settings before anything is sent: a signature is kept only while its key is among the
/// channel's, so this lasts longer than the import.
pub fn allow(api: &Api, args: &ImportArgs) -> anyhow::Result<()> {
    let mut patch = Map::new();
    if let Some(way) = args.foreign_signatures {
        patch.insert("foreign_signatures".to_owned(), json!(way));
    }
    let channel = format!("channels/{}", args.channel.channel);
    if !args.package_keys.is_empty() {
        patch.insert("package_keys".to_owned(), json!(keys::read(&args.package_keys)?));
        keys::add_to_known(&mut patch, "package_keys", &api.get(&channel)?);
    }
    if !patch.is_empty() {
        let _: Value = api.put(&format!("{channel}?expect=present"), &patch)?;
    }
    Ok(())
}
