//! `packyard check`: one line for each finding, exit code 1 where one is an error, with `--strict` also for a warning.
//! `--explain NAME` says why a rule is there, `--list` names them all.

use crate::report::{Report, Usage, counted};
use anyhow::Context as _;
use packyard_build::RELEASE_FILE;
use packyard_formats::check::{self, Finding, Rule, Severity, rules};
use packyard_formats::intake::Limits;
use packyard_types::{ArtifactName, Timestamp};
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Arguments of `packyard check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Artifacts, or directories whose artifacts are all checked
    #[arg(required_unless_present_any = ["explain", "list"], value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,
    /// Accept what this rule finds (may be given more than once)
    #[arg(long, value_name = "NAME")]
    pub ignore: Vec<String>,
    /// Say why a rule is there and how to follow it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["paths", "list"])]
    pub explain: Option<String>,
    /// List every rule
    #[arg(long, conflicts_with = "paths")]
    pub list: bool,
}

/// What was found in one artifact.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

impl Checked {
    fn of(file: PathBuf, findings: Vec<Finding>) -> Self {
        let count = |severity| findings.iter().filter(|f| f.severity() == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        Self {
            file,
            errors,
            warnings,
            findings,
        }
    }
}

/// Runs it.
pub fn run(args: &CheckArgs, report: &Report) -> anyhow::Result<()> {
    if let Some(name) = &args.explain {
        let rule = rule(name)?;
        return report.result(rule, || rule.to_string());
    }
    if args.list {
        let all: Vec<&Rule> = rules::all().collect();
        return report.result(&all, || list_of_rules(&all));
    }
    let ignored = args
        .ignore
        .iter()
        .map(|name| rule(name))
        .collect::<Result<Vec<_>, _>>()?;
    let mut checked = Vec::new();
    for file in files(&args.paths)? {
        let mut findings = check::check_file(&file, &|f: &Path| File::open(f), &limits());
        findings.retain(|finding| !ignored.contains(&finding.rule));
        checked.push(Checked::of(file, findings));
    }
    report.result(&checked, || plain(&checked))?;
    let (errors, warnings): (usize, usize) = checked.iter().fold((0, 0), |(errors, warnings), c| {
        (errors + c.errors, warnings + c.warnings)
    });
    let summary = format!(
        "{}, {} in {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(checked.len(), "file")
    );
    anyhow::ensure!(errors == 0 && !(args.strict && warnings > 0), summary);
    if checked.iter().any(|c| !c.findings.is_empty()) {
        report.step(summary);
    }
    Ok(())
}

/// What a yard would judge by now.
fn limits() -> Limits {
    Limits::default().at(Timestamp::from_system_time(SystemTime::now()))
}

/// Checks one artifact that is about to be published; its errors are printed.
pub fn must_pass(file: &Path, report: &Report) -> anyhow::Result<()> {
    let findings = check::check_file(file, &|f: &Path| File::open(f), &limits());
    let mut errors = findings
        .iter()
        .filter(|f| f.severity() == Severity::Error)
        .peekable();
    let passes = errors.peek().is_none();
    errors.for_each(|e| report.step(format_args!("{}: {e}", file.display())));
    anyhow::ensure!(
        passes,
        "`{}` does not pass `packyard check`; nothing was published",
        file.display()
    );
    Ok(())
}

fn rule(name: &str) -> Result<&'static Rule, Usage> {
    rules::named(name).ok_or_else(|| {
        let near = rules::nearest(name).map_or("unreadable", |rule| rule.name);
        Usage(format!(
            "there is no rule `{name}`\nhint: did you mean `{near}`? `packyard check --list` names all"
        ))
    })
}

fn list_of_rules(all: &[&Rule]) -> String {
    let width = all.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let line = |rule: &&Rule| format!("{:width$}  {:7}  {}\n", rule.name, rule.severity, rule.title);
    all.iter().map(line).collect()
}

fn plain(checked: &[Checked]) -> String {
    let mut out = String::new();
    for Checked {
        file,
        errors,
        warnings,
        findings,
    } in checked
    {
        if findings.is_empty() {
            out.push_str(&format!("{}: ok\n", file.display()));
            continue;
        }
        for finding in findings {
            // A package's own words must not break the line.
            let line = finding.to_string().replace(char::is_control, " ");
            out.push_str(&format!("{}: {line}\n", file.display()));
        }
        let (errors, warnings) = (counted(*errors, "error"), counted(*warnings, "warning"));
        out.push_str(&format!("{}: {errors}, {warnings}\n", file.display()));
    }
    out
}

/// The files that paths mean: a directory holds any number of artifacts, and other files in it are not looked at;
/// what is no directory is meant itself, whatever it is called and whether or not it is there.
pub fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let inside = in_directory(path)?;
            anyhow::ensure!(
                !inside.is_empty(),
                "`{}` holds no artifacts; build some first",
                path.display()
            );
            found.extend(inside);
        } else if paths.len() == 1 || path.file_name() != Some(RELEASE_FILE.as_ref()) {
            // `dist/*` names the list of a build's artifacts beside them.
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Artifacts in a directory, and one level below it, where `build --for` puts each distribution's.
fn in_directory(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in list(directory)? {
        if path.is_dir() && !path.is_symlink() {
            found.extend(list(&path)?.into_iter().filter(|path| is_artifact(path)));
        } else if is_artifact(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn list(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot list `{}`", directory.display());
    let entries = std::fs::read_dir(directory).with_context(context)?;
    entries
        .map(|entry| Ok(entry.with_context(context)?.path()))
        .collect()
}

fn is_artifact(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.parse::<ArtifactName>().is_ok()) && path.is_file()
}
