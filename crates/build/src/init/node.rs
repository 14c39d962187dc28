//! npm's package.json(5): what is published of the project, as a tree of its own below /usr/lib with links to its programs.

use super::draft::{Draft, Table};
use crate::{BuildError, Diagnostic, Place, SourceText, files, pattern::Pattern};
use packyard_types::ProjectName;
use serde_json::Value;
use std::path::Path;

pub(super) fn translate(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let json: Value = serde_json::from_str(file.text()).map_err(|e| {
        let place = place(file, e.line(), e.column());
        Diagnostic::new(format!("not valid JSON: {e}")).at(place)
    })?;
    judge(file, &json)?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let whole = text("name").unwrap_or_default();
    let name = whole.rsplit('/').next().unwrap_or(whole);
    if !name.is_empty() {
        draft.package.text("name", name);
    }
    let license = text("license").or(json["license"]["type"].as_str());
    for (value, own) in [
        (text("description"), "summary"),
        (license, "license"),
        (text("homepage"), "homepage"),
    ] {
        if let Some(value) = value {
            draft.package.text(own, value.trim_end_matches('.'));
        }
    }
    if let Some(author) = author(&json["author"]) {
        draft.package.text("maintainer", &author);
    }
    draft.version = draft
        .version
        .take()
        .or_else(|| text("version").map(str::to_owned));
    if draft.has_files() {
        return Ok(());
    }
    let Some(name) = Some(name.to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| named_after(root))
    else {
        let why = "the project has no name below which it could be installed";
        draft.leave_out("package.json", why, None);
        return Ok(());
    };
    let programs = programs(file, &json, &name, draft);
    modules(root, file, &json, &name, &programs, draft)?;
    for (program, path) in &programs {
        let mut table = Table::new("[[file]]");
        table.text("symlink", &format!("../lib/{name}/{path}"));
        table.text("target", &format!("/usr/bin/{program}"));
        draft.add(table);
    }
    needed(file, &json, draft);
    Ok(())
}

/// What npm itself would refuse, or could do nothing with.
fn judge(file: &SourceText, json: &Value) -> Result<(), BuildError> {
    let Value::Object(keys) = json else {
        let problem = Diagnostic::new("package.json must be an object").at(file.line(1));
        return Err(problem.hint("`npm init` writes one").into());
    };
    let texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|all| all.iter().all(Value::is_string))
    };
    let map = |value: &Value| {
        value
            .as_object()
            .is_some_and(|all| all.values().all(Value::is_string))
    };
    for (key, value) in keys {
        let (is_right, wanted) = match key.as_str() {
            "name" | "version" | "description" | "homepage" | "main" => (value.is_string(), "a text"),
            "bin" => (value.is_string() || map(value), "a path, or paths by name"),
            "files" => (texts(value), "a list of texts"),
            "dependencies" => (value.is_object(), "versions by name"),
            "author" | "license" => (value.is_string() || value.is_object(), "a text"),
            _ => (true, ""),
        };
        if !is_right && !value.is_null() {
            let problem = Diagnostic::new(format!("`{key}` must be {wanted}")).at(of_key(file, key));
            return Err(problem
                .hint("the tool that the file is for refuses it, too: put it right first")
                .into());
        }
    }
    Ok(())
}

/// The directory's name, where it can be a project's.
fn named_after(root: &Path) -> Option<String> {
    let whole = root.canonicalize().ok()?;
    let name = whole.file_name()?.to_str()?.to_owned();
    ProjectName::parse(&name).is_ok().then_some(name)
}

/// What `bin` says: each command with its file.
fn programs(file: &SourceText, json: &Value, name: &str, draft: &mut Draft) -> Vec<(String, String)> {
    let said = match &json["bin"] {
        Value::String(path) => vec![(name.to_owned(), path.clone())],
        Value::Object(all) => {
            let one = |(name, path): (&String, &Value)| Some((name.clone(), path.as_str()?.to_owned()));
            all.iter().filter_map(one).collect()
        }
        _ => Vec::new(),
    };
    let mut programs = Vec::new();
    for (name, said) in said {
        let path = tidy(&said);
        if path.is_empty() || path.split('/').any(|part| part == "..") || name.contains('/') {
            let why = format!("`{said}` is no file of the project");
            draft.leave_out(format!("bin {name}"), why, Some(of_key(file, "bin")));
        } else {
            programs.push((name, path));
        }
    }
    programs
}

fn tidy(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_owned()
}

/// What is published: `files` where it is said, else what looks like code.
fn modules(
    root: &Path,
    file: &SourceText,
    json: &Value,
    name: &str,
    programs: &[(String, String)],
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let main = json["main"]
        .as_str()
        .map(tidy)
        .filter(|path| root.join(path).is_file());
    let named: Vec<String> = programs
        .iter()
        .map(|(_, path)| path.clone())
        .chain(main)
        .collect();
    let mut sources = match json["files"].as_array() {
        Some(all) => published(root, file, all, &named, draft)?,
        None => files::names(root)?
            .into_iter()
            .filter(|path| is_code(path))
            .collect(),
    };
    sources.push("package.json".to_owned());
    sources.extend(named);
    sources.sort();
    sources.dedup();
    let is_program = |path: &str| programs.iter().any(|(_, program)| program == path);
    let all = sources.clone();
    let is_inside = |path: &str| all.iter().any(|other| path.starts_with(&format!("{other}/")));
    for source in sources {
        if is_inside(&source) && !is_program(&source) {
            continue;
        }
        let mut table = Table::new("[[file]]");
        table.text("source", &source);
        let target = match Pattern::parse(&source).filter(|_| !root.join(&source).exists()) {
            Some(pattern) => format!("/usr/lib/{name}/{}", pattern.base()),
            None => format!("/usr/lib/{name}/{source}"),
        };
        table.text("target", &target);
        // npm makes them executable, whatever they are in the project.
        if is_program(&source) {
            table.text("mode", "0755");
        }
        draft.add(table);
    }
    draft.deb.list("depends", &["nodejs".to_owned()]);
    draft.rpm.list("requires", &["nodejs".to_owned()]);
    Ok(())
}

/// What of `files` there is, or will be when programs are made that lie in it.
fn published(
    root: &Path,
    file: &SourceText,
    all: &[Value],
    named: &[String],
    draft: &mut Draft,
) -> Result<Vec<String>, BuildError> {
    let mut sources = Vec::new();
    for said in all.iter().filter_map(Value::as_str) {
        let source = tidy(said);
        let place = || Some(of_key(file, "files"));
        let holds = |path: &String| *path == source || path.starts_with(&format!("{source}/"));
        let pattern = Pattern::parse(&source);
        let is_found = pattern.map_or(Ok(false), |pattern| pattern.find(root).map(|all| !all.is_empty()))?;
        if said.starts_with('!') || source.is_empty() || source.split('/').any(|part| part == "..") {
            draft.leave_out(
                format!("files {said}"),
                "a [[file]] takes files of the project",
                place(),
            );
        } else if root.join(&source).exists() || is_found || named.iter().any(holds) {
            sources.push(source);
        } else {
            draft.leave_out(format!("files {said}"), "it is not there", place());
        }
    }
    Ok(sources)
}

fn is_code(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    path != "package-lock.json"
        && !path.starts_with('.')
        && (["js", "mjs", "cjs", "json"].contains(&ending) || ["lib", "src", "bin"].contains(&path))
}

fn needed(file: &SourceText, json: &Value, draft: &mut Draft) {
    if let Value::Object(needed) = &json["dependencies"]
        && !needed.is_empty()
    {
        let names: Vec<&str> = needed.keys().map(String::as_str).collect();
        let why =
            "what npm installs is not packaged: add `node_modules` as a [[file]], or a bundle of the program";
        draft.leave_out(
            format!("dependencies {}", names.join(", ")),
            why,
            Some(of_key(file, "dependencies")),
        );
    }
}

fn author(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.split('(').next().unwrap_or_default().trim().to_owned(),
        Value::Object(_) => format!("{} <{}>", value["name"].as_str()?, value["email"].as_str()?),
        _ => return None,
    };
    text.contains('@').then_some(text)
}

fn place(file: &SourceText, line: usize, column: usize) -> Place {
    let before: usize = file
        .text()
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let at = before + column.saturating_sub(1);
    file.place(at..at + 1)
}

/// Where a key is first written.
fn of_key(file: &SourceText, key: &str) -> Place {
    let quoted = format!("\"{key}\"");
    let at = file.text().find(&quoted).unwrap_or(0);
    file.place(at..at + quoted.len())
}
