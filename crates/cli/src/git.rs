//! What git says of a project. Asked in one place, in the C locale; what it cannot say is an error with what to do.

use anyhow::{Context as _, bail};
use packyard_build::{Checkout, ReleaseTag, newest_release_tag};
use packyard_types::{ProjectName, Timestamp};
use std::{path::Path, process::Command};

/// The time of the commit that is checked out, where there is one.
pub fn commit_date(dir: &Path) -> Option<Timestamp> {
    let seconds = git(dir, &["log", "-1", "--format=%ct"]).ok()?.parse().ok()?;
    Some(Timestamp::from_unix_seconds(seconds))
}

/// The commit that is checked out and the history behind it.
pub fn checkout(dir: &Path, project: Option<&ProjectName>) -> anyhow::Result<Checkout> {
    // A repository without a commit has no HEAD.
    let commit = git(dir, &["rev-parse", "--verify", "--quiet", "HEAD"]).or_else(|e| explained(dir, e))?;
    let tags = git(dir, &["tag", "--merged", "HEAD"])?;
    let tag = newest_release_tag(tags.lines(), project);
    let tag = tag.map(|(name, version)| {
        let distance = count(dir, &format!("refs/tags/{name}..HEAD"))?;
        anyhow::Ok(ReleaseTag {
            name,
            version,
            distance,
        })
    });
    let changes = ["status", "--porcelain", "--untracked-files=no", "--", "."];
    Ok(Checkout {
        commit,
        date: commit_date(dir).context("git does not say when the commit was made")?,
        commits: count(dir, "HEAD")?,
        tag: tag.transpose()?,
        is_dirty: !git(dir, &changes)?.is_empty(),
        is_shallow: git(dir, &["rev-parse", "--is-shallow-repository"])? == "true",
    })
}

fn count(dir: &Path, range: &str) -> anyhow::Result<u64> {
    let text = git(dir, &["rev-list", "--count", range])?;
    text.parse()
        .with_context(|| format!("git counts `{text}` commits"))
}

/// Why there is no commit.
fn explained(dir: &Path, error: anyhow::Error) -> anyhow::Result<String> {
    let shown = dir.display();
    if git(dir, &["rev-parse", "--git-dir"]).is_ok() {
        bail!(
            "the repository of `{shown}` has no commit, and the version comes from git\nhint: commit first, or give the version with --version V"
        );
    }
    Err(error)
}

fn git(dir: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(arguments).env("LC_ALL", "C");
    let output = match command.output() {
        Ok(output) => output,
        Err(e) => bail!(
            "the version comes from git, which cannot be run: {e}\nhint: install git, or give the version with --version V"
        ),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    if said.contains("not a git repository") {
        bail!(
            "the version comes from git, and `{}` is in no git repository\nhint: build it in a clone, or give the version with --version V",
            dir.display()
        );
    }
    bail!(
        "git does not know `{}`: {said}\nhint: what git says above is what to do, or give the version with --version V",
        dir.display()
    )
}
