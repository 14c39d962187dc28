//! entry_points.txt (<https://packaging.python.org/en/latest/specifications/entry-points/>) as installers read it:
//! `[group]` lines, and `name = module[:object] [extras]` lines below them.

use crate::fault::shown;

/// Each line that installers cannot read: its number, and why.
pub fn faults(text: &str) -> Vec<(usize, String)> {
    /// As many are told; a file may have a million lines.
    const ENOUGH: usize = 20;
    let mut faults = Vec::new();
    let mut group: Option<&str> = None;
    for (line, at) in text.lines().zip(1..) {
        if faults.len() >= ENOUGH {
            break;
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = Some(name.trim());
            continue;
        }
        let verdict = match (group, line.split_once('=')) {
            (None, _) => Err("it is in no group".to_owned()),
            (_, None) => Err("it is no `name = module:object` line".to_owned()),
            (Some(group), Some((name, object))) => entry(group, name.trim(), object.trim()),
        };
        if let Err(why) = verdict {
            faults.push((at, why));
        }
    }
    faults
}

fn entry(group: &str, name: &str, object: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("it has no name before `=`".to_owned());
    }
    let shown = shown(object);
    let (reference, extras) = object.split_once('[').unwrap_or((object, "]"));
    if !extras.trim_end().ends_with(']') {
        return Err(format!("the extras of `{shown}` do not end in `]`"));
    }
    let (module, attribute) = reference
        .split_once(':')
        .map_or((reference, None), |(module, attribute)| (module, Some(attribute)));
    if !is_dotted(module) || !attribute.is_none_or(is_dotted) {
        return Err(format!("`{shown}` is no `module` or `module:object`"));
    }
    if attribute.is_none() && matches!(group, "console_scripts" | "gui_scripts") {
        return Err(format!(
            "`{shown}` is a script and names no function (`module:function`)"
        ));
    }
    Ok(())
}

fn is_dotted(text: &str) -> bool {
    let part = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || c == '_');
    text.trim().split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn entries_that_installers_read() {
        let text = "# comment\n[console_scripts]\nhello = hello.cli:main\n  hi=hello:cli.main [fast]\n\n[my.plugins]\n\
            one = hello.plugins\n";
        assert_eq!(faults(text), []);
    }

    #[test]
    fn entries_that_they_do_not() {
        for (text, at, why) in [
            ("a = b:c\n", 1, "it is in no group"),
            ("[g]\nnonsense\n", 2, "it is no `name = module:object` line"),
            ("[g]\n = b:c\n", 2, "it has no name before `=`"),
            ("[g]\na = b-c:d\n", 2, "`b-c:d` is no `module` or `module:object`"),
            ("[g]\na = b:\n", 2, "`b:` is no `module` or `module:object`"),
            ("[g]\na = b:c [x\n", 2, "the extras of `b:c [x` do not end in `]`"),
            (
                "[console_scripts]\na = b\n",
                2,
                "`b` is a script and names no function (`module:function`)",
            ),
        ] {
            assert_eq!(faults(text), [(at, why.to_owned())]);
        }
    }
}
