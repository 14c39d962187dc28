//! `go.mod`: a project whose metadata packyard reads nowhere else.

use super::draft::{Draft, Table};
use crate::{BuildError, Diagnostic, SourceText};
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
