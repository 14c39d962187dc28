//! Who signed a .changes or .dsc: one of those whose keys the channel lists ([`crate::keys::signer`]).

use crate::keys::signer::{self, Doubt, Signer};
use packyard_types::Timestamp;
use pgp::{
    composed::{CleartextSignedMessage, SignedPublicKey},
    packet::Signature,
};

/// Most signatures of one message that are looked at.
const MOST: usize = 8;

/// Who signed `whole`, whose text is `inside`; or what is wrong with the signature, as the end of a sentence that
/// begins with the file.
pub fn signer(whole: &str, inside: &str, keys: &[SignedPublicKey], now: Timestamp) -> Result<Signer, String> {
    let (message, _) = CleartextSignedMessage::from_string(whole)
        .map_err(|e| format!("has a signature that cannot be read: {e}"))?;
    let text = message.signed_text();
    let plain = |t: &str| t.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    if plain(&text) != plain(inside) {
        return Err("has a signature over another text than it shows".to_owned());
    }
    let mut why = "has no signature in it".to_owned();
    for signature in message.signatures().iter().take(MOST) {
        match judge(signature, &text, keys, now) {
            Ok(signer) => return Ok(signer),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn judge(
    signature: &Signature,
    text: &str,
    keys: &[SignedPublicKey],
    now: Timestamp,
) -> Result<Signer, String> {
    let signed = format!("is signed with key {}", signer::issuer(signature));
    let judged = signer::judge(signature, || Ok(text.as_bytes()), keys, now);
    judged
        .map_err(|e| format!("could not be read: {e}"))?
        .map_err(|doubt| match doubt {
            Doubt::Unknown => format!("{signed}, which is no uploader's of this channel"),
            Doubt::Wrong => {
                format!("says that it {signed}, and the signature is wrong: the text was changed since")
            }
            Doubt::Unfit(why) => format!("{signed}, {why}"),
        })
}
