//! `go.mod` and `package.json`: projects whose metadata packyard reads nowhere else.

use super::draft::{Draft, Table};
use crate::{BuildError, Diagnostic, SourceText};
use serde_json::Value;
use std::path::Path;

/// The Go modules reference: `module` names the module; the last part of its path, without a major version, is what
/// `go build` calls its program.
pub(super) fn go(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let module = file.text().lines().find_map(|line| {
        let rest = line.trim().strip_prefix("module")?;
        let name = rest.strip_prefix(char::is_whitespace)?.split("//").next()?.trim();
        Some(name.trim_matches(['"', '`']).to_owned())
    });
    let Some(module) = module.filter(|name| !name.is_empty()) else {
        let problem = Diagnostic::new("go.mod names no module").at(file.line(1));
        return Err(problem.hint("`go mod init` writes one").into());
    };
    let is_major = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let parts: Vec<&str> = module.split('/').filter(|part| !is_major(part)).collect();
    let name = parts.last().copied().unwrap_or(&module).to_owned();
    draft.package.text("name", &name);
    if let [host, rest @ ..] = &parts[..]
        && host.contains('.')
        && rest.len() > 1
    {
        draft
            .package
            .text("homepage", &format!("https://{}", parts.join("/")));
    }
    if draft.has_files() {
        return Ok(());
    }
    let mut programs = Vec::new();
    if root.join("main.go").is_file() {
        programs.push((name, ".".to_owned()));
    }
    for path in crate::glob::glob(root, "cmd/*/main.go")? {
        let name = path
            .trim_start_matches("cmd/")
            .trim_end_matches("/main.go")
            .to_owned();
        let package = format!("./cmd/{name}");
        programs.push((name, package));
    }
    for (name, package) in programs {
        let mut table = Table::new("[[file]]");
        table.remark = Some(format!("Build it first: go build -trimpath -o {name} {package}"));
        table.text("source", &name);
        table.text("target", "/usr/bin/");
        table.text("mode", "0755");
        draft.add(table);
    }
    Ok(())
}

/// npm's package.json(5).
pub(super) fn node(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let json: Value = serde_json::from_str(file.text()).map_err(|e| {
        let place = place(file, e.line(), e.column());
        Diagnostic::new(format!("not valid JSON: {e}")).at(place)
    })?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let whole = text("name").unwrap_or_default();
    let name = whole.rsplit('/').next().unwrap_or(whole);
    if !name.is_empty() {
        draft.package.text("name", name);
    }
    for (key, own) in [
        ("description", "summary"),
        ("license", "license"),
        ("homepage", "homepage"),
    ] {
        if let Some(value) = text(key) {
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
    let programs: Vec<(String, String)> = match &json["bin"] {
        Value::String(path) => vec![(name.to_owned(), path.clone())],
        Value::Object(all) => {
            let one = |(name, path): (&String, &Value)| Some((name.clone(), path.as_str()?.to_owned()));
            all.iter().filter_map(one).collect()
        }
        _ => Vec::new(),
    };
    modules(root, file, &json, name, draft);
    for (program, path) in programs {
        let mut table = Table::new("[[file]]");
        table.text(
            "symlink",
            &format!("../lib/{name}/{}", path.trim_start_matches("./")),
        );
        table.text("target", &format!("/usr/bin/{program}"));
        draft.add(table);
    }
    Ok(())
}

/// What is published of the project, where it is a private tree below /usr/lib.
fn modules(root: &Path, file: &SourceText, json: &Value, name: &str, draft: &mut Draft) {
    let mut sources: Vec<String> = match json["files"].as_array() {
        Some(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => crate::files::names(root).unwrap_or_default(),
    };
    if let Value::Object(all) = &json["bin"] {
        sources.extend(all.values().filter_map(Value::as_str).map(str::to_owned));
    }
    sources.extend(
        [&json["bin"], &json["main"]]
            .into_iter()
            .filter_map(Value::as_str)
            .map(str::to_owned),
    );
    sources.push("package.json".to_owned());
    let tidy = |source: String| source.trim_start_matches("./").trim_matches('/').to_owned();
    let mut sources: Vec<String> = sources.into_iter().map(tidy).collect();
    sources.sort();
    sources.dedup();
    let is_code = |path: &str| {
        let root_of = path.split('/').next().unwrap_or(path);
        let ending = path.rsplit('.').next().unwrap_or_default();
        !path.starts_with('.')
            && !["node_modules", "dist", "test", "tests", "debian"].contains(&root_of)
            && (json["files"].is_array()
                || path.contains('/')
                || ["js", "mjs", "cjs", "json"].contains(&ending)
                || ["lib", "src", "bin"].contains(&path))
            && path != "package-lock.json"
    };
    let all = sources.clone();
    let is_inside = |path: &String| all.iter().any(|other| path.starts_with(&format!("{other}/")));
    sources.retain(|path| is_code(path) && !is_inside(path) && root.join(path).exists());
    for source in sources {
        let mut table = Table::new("[[file]]");
        table.text("source", &source);
        table.text("target", &format!("/usr/lib/{name}/{source}"));
        draft.add(table);
    }
    draft.deb.list("depends", &["nodejs".to_owned()]);
    draft.rpm.list("requires", &["nodejs".to_owned()]);
    if let Value::Object(needed) = &json["dependencies"]
        && !needed.is_empty()
    {
        let names: Vec<&str> = needed.keys().map(String::as_str).collect();
        let at = file.text().find("\"dependencies\"").unwrap_or(0);
        let why =
            "what npm installs is not packaged: add `node_modules` as a [[file]], or a bundle of the program";
        draft.leave_out(
            format!("dependencies {}", names.join(", ")),
            why,
            Some(file.place(at..at + 14)),
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

fn place(file: &SourceText, line: usize, column: usize) -> crate::Place {
    let before: usize = file
        .text()
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let at = before + column.saturating_sub(1);
    file.place(at..at + 1)
}
