//! The command line as it is typed. Each command's own arguments are beside its code, in `commands`.

use crate::commands::{
    backup, build, changelog, channel, check, completions, diff, distribution, doctor, draft, eject, export,
    fsck, gc, import, init, inspect, key, list, log, man, project, promote, publish, publisher, reindex,
    release, rollback, serve, tag, token, up, withdraw,
};
use clap::{Parser, Subcommand};

/// Build packages and host them for pip, apt and yum.
#[derive(Debug, Parser)]
#[command(name = "packyard", version, propagate_version = true)]
pub struct Args {
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a project, publish it to channel main, serve it, and say how to install it
    Up(up::UpArgs),
    /// Write a short packyard.toml with only what cannot be found out
    Init(init::InitArgs),
    /// Build a project's packages
    Build(build::BuildArgs),
    /// Write the files of another packaging tool into the project, to be kept and edited
    #[command(subcommand)]
    Eject(eject::EjectCommand),
    /// Diagnose, print and edit a project's changelog
    #[command(subcommand)]
    Changelog(changelog::ChangelogCommand),
    /// Say whether artifacts are well-formed and policy-clean
    Check(check::CheckArgs),
    /// Print what an artifact holds
    Inspect(inspect::InspectArgs),
    /// Publish artifacts together, in one revision
    Publish(publish::PublishArgs),
    /// List, show and discard drafts
    #[command(subcommand)]
    Draft(draft::DraftCommand),
    /// Bring in what another repository or a directory holds
    Import(import::ImportArgs),
    /// Build, check and publish a project
    Release(release::ReleaseArgs),
    /// Serve a yard to pip, apt, yum and browsers
    Serve(serve::ServeArgs),
    /// List the packages of a channel
    List(list::ListArgs),
    /// Find packages by their name or summary
    Search(list::SearchArgs),
    /// Show a package with its versions and files
    Show(list::ShowArgs),
    /// Bring what a channel holds into another one, in one revision
    Promote(promote::PromoteArgs),
    /// Restore what a channel held, as a new revision
    Rollback(rollback::RollbackArgs),
    /// Withdraw artifacts: pip takes them only by version, apt and yum list them no longer
    Yank(withdraw::WithdrawArgs),
    /// Offer yanked artifacts again
    Unyank(withdraw::WithdrawArgs),
    /// Take artifacts out of a channel; their bytes stay
    Remove(withdraw::WithdrawArgs),
    /// Destroy a file in every channel and at every revision
    Purge(withdraw::PurgeArgs),
    /// Name a revision of a channel, or list its tags
    Tag(tag::TagArgs),
    /// Show what happened, newest first
    Log(log::LogArgs),
    /// Show what differs between two revisions, tags, dates or channels, with the changelogs in between
    Diff(diff::DiffArgs),
    /// Write a channel as a static tree that any web server serves
    Export(export::ExportArgs),
    /// Make and show a yard's signing keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// List, show, create, change and delete channels
    #[command(subcommand)]
    Channel(channel::ChannelCommand),
    /// List, show and set the status of projects: archived, deprecated, quarantined
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// List, show, create, change and delete the distributions of a channel
    #[command(subcommand)]
    Distribution(distribution::DistributionCommand),
    /// Store a server and its token for later commands
    Login(token::LoginArgs),
    /// Grant, list and revoke tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Trust, list and distrust publishers: CI jobs that an OIDC issuer vouches for
    #[command(subcommand)]
    Publisher(publisher::PublisherCommand),
    /// Check that a yard's log, blobs, indexes and keys are whole, and repair what is not
    Fsck(fsck::FsckArgs),
    /// Give up what channels no longer keep, once the grace period is over
    Gc(gc::GcArgs),
    /// Say how a data directory is doing, and what to do about it
    Doctor(doctor::DoctorArgs),
    /// Copy the yard into a directory or a bucket, while it is served; a second run copies what is new
    Backup(backup::BackupArgs),
    /// Rebuild the index from the log
    Reindex(reindex::ReindexArgs),
    /// Print the script that completes our arguments in a shell
    Completions(completions::CompletionsArgs),
    /// Write a manual page for each command
    Man(man::ManArgs),
}

impl Command {
    /// What of the log is shown: requests and commits by `serve`, requests by `up`, which says the rest itself, and
    /// errors by everything else.
    pub fn log_filter(&self) -> &'static str {
        match self {
            Self::Serve(_) => "info",
            Self::Up(_) => "warn,access=info",
            _ => "error",
        }
    }
}
