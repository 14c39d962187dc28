//! One file a command: its arguments, and what it does.

pub mod backup;
pub mod build;
pub mod changelog;
pub mod channel;
pub mod check;
pub mod completions;
pub mod diff;
pub mod distribution;
pub mod doctor;
pub mod draft;
pub mod eject;
pub mod export;
pub mod fsck;
pub mod gc;
pub mod import;
pub mod init;
pub mod inspect;
pub mod key;
pub mod list;
pub mod log;
pub mod man;
pub mod project;
pub mod promote;
pub mod publish;
pub mod publisher;
pub mod reindex;
pub mod release;
pub mod rollback;
pub mod serve;
pub mod tag;
pub mod token;
pub mod up;
pub mod withdraw;

use crate::{args::Command, interrupt, report::Report};

/// Runs a command.
pub fn run(command: Command, report: &Report) -> anyhow::Result<()> {
    if matches!(
        command,
        Command::Build(_) | Command::Release(_) | Command::Eject(_)
    ) {
        interrupt::watch()?;
    }
    match command {
        Command::Build(args) => build::run(&args, report),
        Command::Init(args) => init::run(&args, report),
        Command::Eject(command) => eject::run(&command, report),
        Command::Changelog(command) => changelog::run(&command, report),
        Command::Check(args) => check::run(&args, report),
        Command::Inspect(args) => inspect::run(&args, report),
        Command::Draft(command) => draft::run(&command, report),
        Command::Import(args) => import::run(&args, report),
        Command::Publish(args) => publish::run(&args, report),
        Command::Release(args) => release::run(&args, report),
        Command::Up(args) => up::run(args, report),
        Command::Serve(args) => serve::run(args, report),
        Command::List(args) => list::list(&args, report),
        Command::Search(args) => list::search(&args, report),
        Command::Show(args) => list::show(&args, report),
        Command::Diff(args) => diff::run(&args, report),
        Command::Promote(args) => promote::run(&args, report),
        Command::Rollback(args) => rollback::run(&args, report),
        Command::Yank(args) => withdraw::yank(&args, report),
        Command::Unyank(args) => withdraw::unyank(&args, report),
        Command::Remove(args) => withdraw::remove(&args, report),
        Command::Purge(args) => withdraw::purge(&args, report),
        Command::Doctor(args) => doctor::run(&args, report),
        Command::Backup(args) => backup::run(&args, report),
        Command::Gc(args) => gc::run(&args, report),
        Command::Tag(args) => tag::run(&args, report),
        Command::Export(args) => export::run(&args, report),
        Command::Key(command) => key::run(&command, report),
        Command::Log(args) => log::run(&args, report),
        Command::Channel(command) => channel::run(&command, report),
        Command::Project(command) => project::run(&command, report),
        Command::Distribution(command) => distribution::run(&command, report),
        Command::Login(args) => token::login(args, report),
        Command::Token(command) => token::run(&command, report),
        Command::Publisher(command) => publisher::run(&command, report),
        Command::Fsck(args) => fsck::run(&args, report),
        Command::Reindex(args) => reindex::run(&args, report),
        Command::Completions(args) => completions::run(&args, report),
        Command::Man(args) => man::run(&args, report),
    }
}
