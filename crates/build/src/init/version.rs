//! The version that other tools' files say, and their epoch. The project file has no word for a version: the changelog
//! says it, with the epoch before a `!` as PEP 440 has it.

use super::draft::Draft;
use packyard_types::ReleaseVersion;

/// Where nothing says a version.
const FIRST: &str = "0.1.0";

/// What a changelog would begin with, of a project whose metadata says `own` (empty where it says none) and whose
/// changelog's newest version is `newest`. What of it the packages will not have is left out by name.
pub(super) fn found(own: &str, newest: Option<&ReleaseVersion>, draft: &mut Draft) -> String {
    let said = draft.version.take();
    let said = said.map(|version| version.trim_start_matches('v').to_owned());
    let own = Some(own.to_owned()).filter(|own| !own.is_empty());
    if let (Some(said), Some(newest)) = (&said, newest)
        && plain(&newest.to_string()) != plain(said)
    {
        draft.leave_out(format!("version {said}"), "the changelog says it", None);
    }
    let is_free = own.is_none();
    let version = own.or(said).unwrap_or_else(|| FIRST.to_owned());
    let Some(epoch) = draft.epoch.filter(|epoch| *epoch > 0) else {
        return version;
    };
    if newest.is_some_and(|newest| newest.epoch() == epoch) {
        return version;
    }
    draft.rpm.put("epoch", i64::from(epoch));
    let whole = format!("{epoch}!{}", plain(&version));
    match newest {
        // The changelog that is begun says it for both.
        None if is_free => return whole,
        None => draft.leave_out(
            format!("epoch {epoch} of the .deb"),
            format!("a .deb has that of the project's version, which would have to be {whole}"),
            None,
        ),
        Some(newest) => draft.leave_out(
            format!("epoch {epoch} of the .deb"),
            format!(
                "a .deb has that of the changelog's version: let it be {epoch}!{} there",
                plain(&newest.to_string())
            ),
            None,
        ),
    }
    version
}

/// Without its epoch.
fn plain(version: &str) -> &str {
    version.split_once('!').map_or(version, |(_, plain)| plain)
}
