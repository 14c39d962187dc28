//! `packyard doctor`: how a data directory is doing, and what to do about it.

use crate::{
    place::{DataArgs, existing, explained, runtime},
    report::{Report, counted},
};
use packyard_repo::{Symptom, Urgency, doctor};
use packyard_server::system_clock;
use serde_json::json;

/// Arguments of `packyard doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Runs it. What is bad makes it fail; what somebody should look at does not.
pub fn run(args: &DoctorArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let dir = existing(args.data.dir()?)?;
    let found = runtime
        .block_on(doctor(dir, system_clock()()))
        .map_err(explained)?;
    report.result(&json!({ "symptoms": found }), || tell(&found))?;
    match found.iter().filter(|s| s.urgency == Urgency::Bad).count() {
        0 => Ok(()),
        bad => anyhow::bail!("{} found", counted(bad, "problem")),
    }
}

fn tell(found: &[Symptom]) -> String {
    let line = |s: &Symptom| {
        let mark = match s.urgency {
            Urgency::Fine => "fine",
            Urgency::Look => "look",
            Urgency::Bad => "bad ",
        };
        let hint = if s.hint.is_empty() {
            String::new()
        } else {
            format!("\n  hint: {}", s.hint)
        };
        format!("{mark}  {}: {}{hint}", s.about, s.says)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
