//! `packyard gc`: what channels no longer keep is given up, once the grace period is over.

use super::promote::lines;
use crate::{
    place::PlaceArgs,
    report::{Report, counted},
    span,
};
use serde_json::{Value, json};

/// Arguments of `packyard gc`.
#[derive(Debug, clap::Args)]
pub struct GcArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// How long what has left a channel can be brought back: 72h, 30m, 7d, 0
    #[arg(long, value_name = "TIME", default_value = "72h", value_parser = span::seconds)]
    grace: u64,
}

/// Runs it.
pub fn run(args: &GcArgs, report: &Report) -> anyhow::Result<()> {
    let body = json!({ "dry_run": args.dry_run, "grace_seconds": args.grace });
    let done: Value = args.place.api()?.post("gc", &body)?;
    report.result(&done, || tell(&done))
}

fn tell(done: &Value) -> String {
    let mut all = Vec::new();
    for plan in done["retention"].as_array().into_iter().flatten() {
        let text = |key: &str| plan[key].as_str().unwrap_or_default();
        let removed = plan["removed"].as_array().map_or(0, Vec::len);
        let (channel, keep) = (text("channel"), text("keep"));
        all.push(format!(
            "channel {channel} keeps {keep}: {} {}, {} stay",
            counted(removed, "artifact"),
            if removed == 1 { "leaves" } else { "leave" },
            plan["kept"]
        ));
        all.extend(lines(plan, &[("removed", "removed")]));
    }
    for (channel, floor) in done["floors"].as_object().into_iter().flatten() {
        all.push(format!("channel {channel} begins at revision {floor}"));
    }
    let verb = match done["dry_run"].as_bool() {
        Some(true) => "would be given up",
        _ => "were given up",
    };
    if let Some(left @ 1..) = done["left_over"].as_u64() {
        all.push(format!(
            "{left} blobs that were given up before, and were there still"
        ));
    }
    if let Some(orphans @ 1..) = done["orphans"].as_u64() {
        all.push(format!(
            "{orphans} blobs of {} bytes {verb} that nothing was ever published with",
            done["orphan_bytes"]
        ));
    }
    all.push(format!(
        "{} blobs of {} bytes {verb}, as of revision {}",
        done["blobs"], done["bytes"], done["revision"]
    ));
    all.join("\n")
}
