//! `packyard changelog`.

mod author;
mod check;
mod edit;
mod show;

use crate::report::Report;
use anyhow::Context as _;
use packyard_build::{
    BuildError,
    changelog::{self, Changelog, ChangelogFile},
};
use std::path::Path;

/// The subcommands of `packyard changelog`.
#[derive(Debug, clap::Subcommand)]
pub enum ChangelogCommand {
    /// Say what is wrong with it, where, and how it should read
    Check(check::CheckArgs),
    /// Print it as another tool writes it
    Show(show::ShowArgs),
    /// Add items to its open entry, or to a new one
    Add(edit::AddArgs),
    /// Close its open entry: version, date, author
    Release(edit::ReleaseArgs),
}

/// Runs one.
pub fn run(command: &ChangelogCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        ChangelogCommand::Check(args) => check::check(args, report),
        ChangelogCommand::Show(args) => show::show(args, report),
        ChangelogCommand::Add(args) => edit::add(args, report),
        ChangelogCommand::Release(args) => edit::release(args, report),
    }
}

/// Who works on a project, as the environment or git says it; nobody, where what it says can be nobody.
pub fn who(dir: &Path) -> Option<String> {
    let author = author::author(dir, changelog::Dialect::Markdown).ok().flatten();
    author.map(|author| author.to_string())
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
