//! `packyard man`: a manual page (man(7)) for each command, made from what `--help` is made from, so that the two cannot
//! say different things. What help has no room for, exit codes, variables and files, is on packyard(1).

use crate::{
    args::Args,
    report::{Report, counted},
};
use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Inline, Roff, bold, roman},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::PathBuf,
};

/// Arguments of `packyard man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Where the pages are written: packyard.1, packyard-build.1 and so on
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Written {
    pages: Vec<PathBuf>,
}

/// Writes the pages.
pub fn run(args: &ManArgs, report: &Report) -> anyhow::Result<()> {
    let shown = args.dir.display();
    fs::create_dir_all(&args.dir).with_context(|| format!("making `{shown}`"))?;
    let mut pages = Vec::new();
    for (name, text) in pages_of(Args::command()).context("making the manual pages")? {
        let path = args.dir.join(name);
        fs::write(&path, text).with_context(|| format!("writing `{}`", path.display()))?;
        pages.push(path);
    }
    let said = format!("wrote {} to {shown}", counted(pages.len() as u64, "page"));
    report.result(&Written { pages }, || said)
}

/// Every page by its filename.
fn pages_of(command: Command) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add(&command, None, &mut pages)?;
    Ok(pages)
}

/// The page of a command, and those of the commands below it.
fn add(command: &Command, above: Option<&str>, pages: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let source = format!("packyard {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .source(source)
        .manual("packyard");
    pages.insert(man.get_filename(), page(&man, command, above)?);
    let mut below = command.get_subcommands().filter(|c| !c.is_hide_set());
    below.try_for_each(|c| add(c, Some(name), pages))
}

fn page(man: &Man, command: &Command, above: Option<&str>) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().any(|c| !c.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    match above {
        None => surroundings(&mut page)?,
        Some(above) => see_also(&mut page, above)?,
    }
    Ok(page)
}

fn see_also(page: &mut dyn Write, above: &str) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut line = vec![bold(above), roman("(1)")];
    if above != "packyard" {
        line.extend([roman(", "), bold("packyard"), roman("(1)")]);
    }
    roff.text(line);
    roff.to_writer(page)
}

/// What all commands have in common.
fn surroundings(page: &mut dyn Write) -> io::Result<()> {
    const EXIT: [(&str, &str); 3] = [
        ("0", "It is done."),
        (
            "1",
            "It could not be done; the message says what, where and what to do.",
        ),
        ("2", "Wrong usage."),
    ];
    const VARIABLES: [(&str, &str); 7] = [
        ("PACKYARD_SERVER", "The URL of the server that commands ask."),
        ("PACKYARD_TOKEN", "The token that the server knows us by."),
        ("PACKYARD_CHANNEL", "The channel, where it is not main."),
        (
            "SOURCE_DATE_EPOCH",
            "The time of a build whose changelog has no date.",
        ),
        ("NO_COLOR", "No colours and no progress bars."),
        (
            "XDG_DATA_HOME",
            "Where the data directory is for who is not root.",
        ),
        (
            "NOTIFY_SOCKET, WATCHDOG_USEC",
            "Where systemd hears that packyard serve is ready, alive and stopping.",
        ),
    ];
    const FILES: [(&str, &str); 4] = [
        ("packyard.toml", "What is to be built: the project file."),
        (
            "/etc/packyard/server.toml",
            "The settings of the service; it says which keys there are.",
        ),
        (
            "/var/lib/packyard",
            "The data directory of root and of the service: store/ and keys/ are to be kept.",
        ),
        ("~/.local/share/packyard", "The data directory of everybody else."),
    ];
    let mut roff = Roff::new();
    for (heading, rows) in [
        ("EXIT STATUS", &EXIT[..]),
        ("ENVIRONMENT", &VARIABLES),
        ("FILES", &FILES),
    ] {
        roff.control("SH", [heading]);
        for (term, text) in rows {
            row(&mut roff, term, text);
        }
    }
    roff.to_writer(page)
}

fn row(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    let term: [Inline; 1] = [bold(term)];
    roff.text(term);
    roff.text([roman(text)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_help_shows_has_a_page_that_names_it() {
        let pages = pages_of(Args::command()).unwrap();
        let names: Vec<_> = pages.keys().map(String::as_str).collect();
        for name in ["packyard.1", "packyard-build.1", "packyard-channel-create.1"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for (name, page) in &pages {
            let text = String::from_utf8(page.clone()).unwrap();
            let title = name.strip_suffix(".1").unwrap();
            let whatis = format!("{} \\- ", title.replace('-', "\\-"));
            assert!(text.contains(&whatis), "{name}: {text}");
        }
    }
}
