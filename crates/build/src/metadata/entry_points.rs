//! `scripts`, `gui-scripts` and `entry-points` of `[project]`.
//! <https://packaging.python.org/en/latest/specifications/entry-points/>

use super::EntryPoints;
use crate::keys::Keys;
use toml::Spanned;

/// The two groups that have tables of their own.
const SCRIPTS: [(&str, &str); 2] = [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")];

/// Reads and checks them.
pub(super) fn read(keys: &mut Keys<'_>) -> EntryPoints {
    let mut points = EntryPoints::new();
    let mut scripts: Vec<String> = Vec::new();
    for (key, group) in SCRIPTS {
        for (name, target) in keys.table(key).string_pairs() {
            check(keys, &name, &target, true);
            if scripts.contains(name.get_ref()) {
                let message = format!("the script `{}` is there twice", name.get_ref());
                keys.problem(name.span(), message, "give one of them another name");
            }
            scripts.push(name.get_ref().clone());
            let group = points.entry(group.to_owned()).or_default();
            group.insert(name.into_inner(), target.into_inner());
        }
    }
    let mut groups = keys.table("entry-points");
    for group in groups.names() {
        if let Some((key, _)) = SCRIPTS.iter().find(|(_, own)| *own == group) {
            let message = format!("`{group}` does not belong into [project.entry-points]");
            keys.problem(
                groups.table_named(&group).span(),
                message,
                format!("write it as [project.{key}]"),
            );
            continue;
        }
        let table = groups.table_named(&group);
        if !table.exists() {
            let message = format!("`{group}` in [project.entry-points] must be a table");
            keys.problem(
                table.span(),
                message,
                format!("write [project.entry-points.\"{group}\"]"),
            );
        }
        for (name, target) in table.string_pairs() {
            check(keys, &name, &target, false);
            let group = points.entry(group.clone()).or_default();
            group.insert(name.into_inner(), target.into_inner());
        }
    }
    points
}

fn check(keys: &Keys<'_>, name: &Spanned<String>, target: &Spanned<String>, is_script: bool) {
    if name.get_ref().is_empty() || name.get_ref().contains(['=', '/', '\n', '[']) {
        let message = format!("`{}` is no name of an entry point", name.get_ref());
        keys.problem(name.span(), message, "use letters, digits, `-`, `_` and `.`");
    }
    if !is_reference(target.get_ref(), is_script) {
        let message = format!("`{}` does not name an object of a module", target.get_ref());
        keys.problem(target.span(), message, "write it as `package.module:function`");
    }
}

/// `package.module:object.attribute [extra]`; a script needs the object.
fn is_reference(target: &str, is_script: bool) -> bool {
    let dotted = |path: &str| {
        path.trim().split('.').all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
                && chars.all(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let plain = match target.split_once('[') {
        Some((plain, extras)) if extras.trim_end().ends_with(']') => plain,
        Some(_) => return false,
        None => target,
    };
    match plain.split_once(':') {
        Some((module, object)) => dotted(module) && dotted(object),
        None => !is_script && dotted(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn a_script_names_a_function() {
        assert!(is_reference("a.b:main", true) && is_reference("a : b.c [x, y]", true));
        assert!(is_reference("a.b", false) && !is_reference("a.b", true));
        for bad in ["", "a:", ":b", "a b:c", "a:b()", "a:b [x", "a-b:c"] {
            assert!(!is_reference(bad, true), "{bad}");
        }
    }
}
