//! `name` of a unit (systemd.unit(5)).

use super::UnitKind;
use crate::keys::Keys;

/// A unit's name without its ending: letters, digits and `:-_.\@` (systemd.unit(5)).
pub(super) fn read(keys: &mut Keys<'_>, kind: UnitKind, path: Option<&str>) -> Option<String> {
    let ending = kind.ending();
    let from_path = path
        .and_then(|p| p.rsplit('/').next())
        .and_then(|p| p.strip_suffix(ending));
    // A path of another kind was judged where it is read.
    let is_misnamed = path.is_some_and(|path| UnitKind::of_path(path) != Some(kind));
    let said = if from_path.is_some() || is_misnamed {
        keys.string("name")
    } else {
        keys.required("name")
    };
    let Some(name) = said else {
        return from_path.map(str::to_owned);
    };
    let stem = name.get_ref().strip_suffix(ending).unwrap_or(name.get_ref());
    let legal = |b: u8| b.is_ascii_alphanumeric() || b":-_.@".contains(&b);
    if stem.is_empty() || !stem.bytes().all(legal) {
        let message = format!("`{}` is not a valid unit name", name.get_ref());
        keys.problem(
            name.span(),
            message,
            "only letters, digits and `:-_.@` are allowed",
        );
        return None;
    }
    if let Some(other) = UnitKind::of(stem) {
        let right = stem.strip_suffix(other.ending()).unwrap_or(stem);
        let message = format!(
            "`{stem}` is the name of a {}, not of a {}",
            &other.ending()[1..],
            &ending[1..]
        );
        keys.problem(
            name.span(),
            message,
            format!("write `{right}`: the ending is added to it"),
        );
        return None;
    }
    if stem.contains('@') && !stem.ends_with('@') {
        let message = format!(
            "`{}` is an instance, which only the administrator makes",
            name.get_ref()
        );
        let template = stem.split('@').next().unwrap_or(stem);
        keys.problem(name.span(), message, format!("name the template, `{template}@`"));
        return None;
    }
    Some(stem.to_owned())
}
