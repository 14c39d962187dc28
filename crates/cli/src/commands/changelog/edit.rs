//! `packyard changelog add` and `packyard changelog release`.

use super::{author, parsed};
use crate::report::{Report, Usage};
use anyhow::Context as _;
use packyard_build::{
    BuildError, SourceText,
    changelog::{self, Bump, Changelog, Closing, Dialect, NewItems},
};
use packyard_types::{ReleaseVersion, Timestamp};
use serde::Serialize;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// Arguments of `packyard changelog add`.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub struct AddArgs {
    /// The project, where it is not the current directory, and what changed
    #[arg(value_name = "[DIR] ITEM", required = true)]
    words: Vec<String>,
    /// Begin a changelog where there is none: the file that [package] changelog names, else debian/changelog
    #[arg(long)]
    create: bool,
    /// The version that the items belong to [default: the open entry on top]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// The distribution of a new Debian entry
    #[arg(long, value_name = "D")]
    distribution: Option<String>,
    /// The urgency of a new Debian entry: low, medium, high, emergency, critical
    #[arg(long, value_name = "U", value_parser = URGENCIES)]
    urgency: Option<String>,
}

/// Arguments of `packyard changelog release`.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub struct ReleaseArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The version of the entry [default: what the entry says, else the project's metadata]
    #[arg(long, value_name = "V", conflicts_with = "bump")]
    version: Option<String>,
    /// Count the version up from the last release
    #[arg(long, value_enum)]
    bump: Option<Part>,
    /// The distribution of a Debian entry [default: that of the last release]
    #[arg(long, value_name = "D")]
    distribution: Option<String>,
    /// The urgency of a Debian entry
    #[arg(long, value_name = "U", value_parser = URGENCIES)]
    urgency: Option<String>,
    /// The day, as 2019-03-22 [default: now, or SOURCE_DATE_EPOCH]
    #[arg(long, value_name = "DATE", value_parser = day)]
    date: Option<Timestamp>,
}

const URGENCIES: [&str; 5] = ["low", "medium", "high", "emergency", "critical"];

/// Which number of the version goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// 1.2.3 to 2.0.0
    Major,
    /// 1.2.3 to 1.3.0
    Minor,
    /// 1.2.3 to 1.2.4
    #[value(alias = "patch")]
    Micro,
}

/// What `--version` says in a dialect.
fn said_version(
    dialect: Dialect,
    text: Option<&str>,
) -> anyhow::Result<Option<(ReleaseVersion, Option<String>)>> {
    let said = text.map(|text| {
        changelog::said_version(dialect, text)
            .map_err(|reason| Usage(format!("invalid value '{text}' for '--version <V>': {reason}")))
    });
    Ok(said.transpose()?)
}

fn day(text: &str) -> Result<Timestamp, String> {
    let midnight = format!("{text}T00:00:00Z");
    let whole = if text.contains('T') { text } else { &midnight };
    Timestamp::parse(whole).map_err(|_| "expected a date such as 2019-03-22".to_owned())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Edited {
    file: String,
    created: bool,
    /// The version of the entry on top, where it has one.
    version: Option<String>,
}

/// Adds items.
pub fn add(args: &AddArgs, report: &Report) -> anyhow::Result<()> {
    let (dir, items) = args.split()?;
    let named = packyard_build::changelog_name(&dir)?;
    let missing = named.as_ref().is_some_and(|name| !dir.join(name).exists());
    let found = if missing {
        None
    } else {
        changelog::find(&dir, named.as_deref())?
    };
    let name = named.clone().unwrap_or_else(|| "debian/changelog".into());
    let dialect = found
        .as_ref()
        .map_or_else(|| Dialect::of(&name, ""), |file| file.dialect);
    let (version, revision) = said_version(dialect, args.version.as_deref())?.unzip();
    let mut new = NewItems {
        items,
        version,
        revision: revision.flatten(),
        package: packyard_build::project_name(&dir)?,
        distribution: args.distribution.clone(),
        urgency: args.urgency.clone(),
        author: author::author(&dir, dialect)?,
        date: author::now()?,
    };
    let (file, dialect, text, verb) = match found {
        Some(file) => {
            let parsed = file.parse().map_err(BuildError::Project)?;
            let text = changelog::add(&file.source, &parsed, &new).map_err(BuildError::from)?;
            (file.source.file().to_owned(), file.dialect, text, "added")
        }
        None if args.create => {
            if new.version.is_none() {
                new.version = packyard_build::metadata_version(&dir)?;
            }
            let text = changelog::create(dialect, &new).map_err(BuildError::from)?;
            (name, dialect, text, "begun")
        }
        None => anyhow::bail!(
            "`{}` has no changelog\nhint: add --create to begin one",
            dir.join(named.unwrap_or_default()).display()
        ),
    };
    let created = !dir.join(&file).exists();
    let version = write(&dir, &file, dialect, &text)?;
    let edited = Edited {
        file,
        created,
        version,
    };
    report.result(&edited, || format!("{}: {verb}", edited.file))
}

/// Closes the open entry.
pub fn release(args: &ReleaseArgs, report: &Report) -> anyhow::Result<()> {
    let dir = &args.dir;
    let (file, changelog) = parsed(dir)?;
    changelog::open_entry(&changelog).map_err(BuildError::from)?;
    let (version, revision) = args.released_version(&changelog)?;
    let closing = Closing {
        version: version.clone(),
        revision,
        distribution: args.distribution.clone(),
        urgency: args.urgency.clone(),
        author: author::author(dir, file.dialect)?,
        date: args.date.map_or_else(author::now, Ok)?,
    };
    let text = changelog::release(&file.source, &changelog, &closing).map_err(BuildError::from)?;
    let name = file.source.file().to_owned();
    let shown = write(dir, &name, file.dialect, &text)?;
    if let Ok(Some(said)) = packyard_build::metadata_version(dir)
        && said != version
    {
        report.step(format_args!(
            "note: the project's metadata says {said}; let it say {version} too"
        ));
    }
    let edited = Edited {
        file: name,
        created: false,
        version: shown,
    };
    report.result(&edited, || format!("{}: {version} is released", edited.file))
}

impl AddArgs {
    /// The first word is the project if there are more and it is a directory.
    fn split(&self) -> anyhow::Result<(PathBuf, Vec<String>)> {
        let (dir, items) = match &self.words[..] {
            [first, rest @ ..] if !rest.is_empty() && Path::new(first).is_dir() => {
                (PathBuf::from(first), rest)
            }
            all => (PathBuf::from("."), all),
        };
        if items.iter().any(|item| item.trim().is_empty()) {
            return Err(Usage("an item is empty".into()).into());
        }
        Ok((dir, items.iter().map(|item| item.trim().to_owned()).collect()))
    }
}

impl ReleaseArgs {
    /// What was said, counted up, planned by the entry, or what the metadata says.
    fn released_version(&self, changelog: &Changelog) -> anyhow::Result<(ReleaseVersion, Option<String>)> {
        match said_version(changelog.dialect, self.version.as_deref())? {
            Some(said) => Ok(said),
            None => Ok((self.next_version(changelog)?, None)),
        }
    }

    fn next_version(&self, changelog: &Changelog) -> anyhow::Result<ReleaseVersion> {
        let newest = changelog.newest().and_then(|entry| entry.released());
        if let Some(part) = self.bump {
            let Some(newest) = newest else {
                return Err(Usage("there is no release to count up from; say --version V".into()).into());
            };
            let by = match part {
                Part::Major => Bump::Major,
                Part::Minor => Bump::Minor,
                Part::Micro => Bump::Micro,
            };
            return changelog::bump(newest, by).map_err(|reason| Usage(reason).into());
        }
        let planned = changelog.unreleased().and_then(|entry| entry.planned.clone());
        if let Some(planned) = planned {
            return Ok(planned);
        }
        let said = packyard_build::metadata_version(&self.dir)?;
        said.filter(|said| newest.is_none_or(|newest| said > newest) || changelog.unreleased().is_none())
            .ok_or_else(|| {
                let hint = "say --version V, or --bump major, minor or micro";
                Usage(format!(
                    "neither the open entry nor the project's metadata says the next version\nhint: {hint}"
                ))
                .into()
            })
    }
}

/// Writes a changelog that can be read; gives the version on top.
fn write(dir: &Path, file: &str, dialect: Dialect, text: &str) -> anyhow::Result<Option<String>> {
    let source = SourceText::new(file, text);
    let parsed = dialect.parse(&source).map_err(BuildError::Project)?;
    replace(&dir.join(file), text)?;
    let top = parsed.entries.first();
    let version = top.and_then(|entry| entry.released().or(entry.planned.as_ref()));
    Ok(version.map(ToString::to_string))
}

/// Writes beside the file and renames, so that there is no half of a changelog.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    // A link keeps pointing at what it points at.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
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
