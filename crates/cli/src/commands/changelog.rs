//! `packyard changelog`.

use crate::report::Report;
use anyhow::Context as _;
use packyard_build::{
    BuildError, Diagnostic, Options,
    changelog::{self, Author, Changelog, ChangelogFile, Dialect, NewItems},
};
use packyard_types::{ReleaseVersion, Timestamp};
use serde::Serialize;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// The subcommands of `packyard changelog`.
#[derive(Debug, clap::Subcommand)]
pub enum ChangelogCommand {
    /// Say what is wrong with it, and where
    Check(CheckArgs),
    /// Print it as another tool writes it
    Show(ShowArgs),
    /// Add items to its open entry, or to a new one
    Add(AddArgs),
}

/// Arguments of `packyard changelog check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// Arguments of `packyard changelog show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value = "deb")]
    format: ShowFormat,
}

/// How a changelog is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ShowFormat {
    /// As debian/changelog
    Deb,
    /// As the %changelog of a spec file
    Rpm,
    /// As JSON
    Json,
}

/// Arguments of `packyard changelog add`.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub struct AddArgs {
    /// The project, where it is not the current directory, and what changed
    #[arg(value_name = "[DIR] ITEM", required = true)]
    words: Vec<String>,
    /// Begin a debian/changelog where there is no changelog
    #[arg(long)]
    create: bool,
    /// The version that the items belong to [default: the open entry on top]
    #[arg(long, value_name = "V")]
    version: Option<ReleaseVersion>,
    /// The distribution of a new Debian entry
    #[arg(long, value_name = "D")]
    distribution: Option<String>,
    /// The urgency of a new Debian entry: low, medium, high, emergency, critical
    #[arg(long, value_name = "U")]
    urgency: Option<String>,
}

/// Runs one.
pub fn run(command: &ChangelogCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        ChangelogCommand::Check(args) => check(args, report),
        ChangelogCommand::Show(args) => show(args, report),
        ChangelogCommand::Add(args) => add(args, report),
    }
}

/// What `check --json` prints.
#[derive(Serialize)]
struct Findings {
    file: String,
    dialect: Option<Dialect>,
    entries: usize,
    problems: Vec<Diagnostic>,
}

fn check(args: &CheckArgs, report: &Report) -> anyhow::Result<()> {
    let file = existing(&args.dir)?;
    let (entries, problems) = match file.parse() {
        Ok(changelog) => (changelog.entries.len(), Vec::new()),
        Err(problems) => (0, problems),
    };
    let findings = Findings {
        file: file.source.file().to_owned(),
        dialect: file.dialect,
        entries,
        problems,
    };
    if findings.problems.is_empty() {
        return report.result(&findings, || {
            format!("{}: {entries} entries, nothing wrong", findings.file)
        });
    }
    if report.is_json() {
        report.result(&findings, String::new)?;
    }
    Err(BuildError::Project(findings.problems).into())
}

fn existing(dir: &Path) -> anyhow::Result<ChangelogFile> {
    let named = packyard_build::changelog_name(dir)?;
    changelog::find(dir, named.as_deref())?.with_context(|| {
        format!(
            "`{}` has no changelog\nhint: make one: packyard changelog add --create --version V \"First release.\"",
            dir.display()
        )
    })
}

fn parsed(dir: &Path) -> anyhow::Result<(ChangelogFile, Changelog)> {
    let file = existing(dir)?;
    let changelog = file.parse().map_err(BuildError::Project)?;
    Ok((file, changelog))
}

fn show(args: &ShowArgs, report: &Report) -> anyhow::Result<()> {
    let (_, changelog) = parsed(&args.dir)?;
    let defaults = packyard_build::changelog_defaults(&args.dir, &Options::default(), &changelog)?;
    let value = changelog::json(&changelog, &defaults);
    if args.format == ShowFormat::Json {
        let text = serde_json::to_string_pretty(&value)?;
        return report.result(&value, || text);
    }
    report.result(&value, || match args.format {
        ShowFormat::Rpm => changelog::rpm_text(&changelog, &defaults),
        _ => changelog::deb_text(&changelog, &defaults),
    })
}

/// What `add --json` prints.
#[derive(Serialize)]
struct Added {
    file: String,
    created: bool,
}

fn add(args: &AddArgs, report: &Report) -> anyhow::Result<()> {
    let (dir, items) = args.split()?;
    let named = packyard_build::changelog_name(&dir)?;
    let found = changelog::find(&dir, named.as_deref())?;
    let mut new = NewItems {
        items,
        version: args.version.clone(),
        package: packyard_build::project_name(&dir)?,
        distribution: args.distribution.clone(),
        urgency: args.urgency.clone(),
        author: author(&dir),
        date: Timestamp::from_system_time(SystemTime::now()).whole_second(),
    };
    let (file, text) = match found {
        Some(file) => {
            let parsed = file.parse().map_err(BuildError::Project)?;
            let text = changelog::add(&file.source, &parsed, &new).map_err(BuildError::from)?;
            (file.source.file().to_owned(), text)
        }
        None if args.create => {
            if new.version.is_none() {
                new.version = packyard_build::metadata_version(&dir)?;
            }
            let text = changelog::create(Dialect::Debian, &new).map_err(BuildError::from)?;
            ("debian/changelog".to_owned(), text)
        }
        None => anyhow::bail!(
            "`{}` has no changelog\nhint: add --create to begin one",
            dir.display()
        ),
    };
    let created = !dir.join(&file).exists();
    check_text(&file, &text)?;
    replace(&dir.join(&file), &text)?;
    report.result(
        &Added {
            file: file.clone(),
            created,
        },
        || format!("{file}: added"),
    )
}

impl AddArgs {
    /// The first word is the project if there are more and it is a directory.
    fn split(&self) -> anyhow::Result<(PathBuf, Vec<String>)> {
        let [first, rest @ ..] = &self.words[..] else {
            anyhow::bail!("nothing to add")
        };
        if !rest.is_empty() && Path::new(first).is_dir() {
            return Ok((PathBuf::from(first), rest.to_vec()));
        }
        Ok((PathBuf::from("."), self.words.clone()))
    }
}

/// What is about to be written must be readable.
fn check_text(file: &str, text: &str) -> anyhow::Result<()> {
    let source = packyard_build::SourceText::new(file, text);
    if let Some(dialect) = Dialect::of(file) {
        dialect.parse(&source).map_err(BuildError::Project)?;
    }
    Ok(())
}

/// Writes beside the file and renames, so that there is no half of a changelog.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let failed = || format!("`{}` cannot be written", path.display());
    std::fs::create_dir_all(parent).with_context(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(parent).with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    let permissions = std::fs::metadata(path).map(|m| m.permissions());
    let permissions = permissions.unwrap_or_else(|_| std::os::unix::fs::PermissionsExt::from_mode(0o644));
    file.as_file().set_permissions(permissions).with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// `DEBFULLNAME` and `DEBEMAIL`, else git's identity.
fn author(dir: &Path) -> Option<Author> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let git = |key: &str| {
        let output = Command::new("git")
            .arg("-C")
            .arg(dir)
            .args(["config", key])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let name = variable("DEBFULLNAME").or_else(|| git("user.name"))?;
    let email = variable("DEBEMAIL").or_else(|| git("user.email"))?;
    Author::parse(&format!("{name} <{email}>"))
}
