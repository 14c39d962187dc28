//! `packyard publisher`: CI jobs that may publish because an OIDC issuer vouches for them.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage},
};
use packyard_types::{IssuerUrl, Permissions, TokenId};
use serde_json::{Map, Value, json};

/// The subcommands of `packyard publisher`.
#[derive(Debug, clap::Subcommand)]
pub enum PublisherCommand {
    /// Trust a publisher
    #[command(after_help = EXAMPLES)]
    Add(AddArgs),
    /// List the publishers that are trusted
    List(ListArgs),
    /// Trust a publisher no more; the tokens that it was given end at once
    Remove(RemoveArgs),
}

const EXAMPLES: &str = "\
A CI system signs a token for a job; whoever comes with one that says all of these claims gets a token of 15 minutes, \
with which the publisher's channels and projects can be published to, and nothing else. In a value `*` stands for any \
text, also with `/` and `:` in it.

Claims as GitHub Actions makes them:
  packyard publisher add --issuer https://token.ci.example.org --claim repository=acme/app \\
      --claim repository_owner_id=4711 --claim environment=release --channel main --project 'app*'
Claims as GitLab makes them:
  packyard publisher add --issuer https://gitlab.example.org --claim project_path=acme/app \\
      --claim ref_protected=true --claim ref_type=tag --channel main --project app
Claims as Buildkite makes them:
  packyard publisher add --issuer https://agent.ci.example.org --claim organization_slug=acme \\
      --claim pipeline_slug=app --claim build_branch=main --channel dev --project app

Then, in the job: uv publish --trusted-publishing always --publish-url https://HOST/main/legacy/";

/// Arguments of `packyard publisher add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The issuer's URL, as its tokens say it in `iss`
    #[arg(long, value_name = "URL")]
    issuer: IssuerUrl,
    /// What its tokens must be for (`aud`); what `/_/oidc/audience` tells clients where it is not given
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// What they must say beside, the value as a glob; all of several
    #[arg(long = "claim", value_name = "NAME=VALUE", required = true)]
    claims: Vec<String>,
    /// What is allowed then: publish, promote or read, separated by commas; each can read
    #[arg(long, default_value = "publish", value_name = "PERMISSION,..")]
    can: Permissions,
    /// The channels it is for, as a glob
    #[arg(long, default_value = "*", value_name = "GLOB")]
    channel: String,
    /// The projects it is for, as a glob
    #[arg(long, default_value = "*", value_name = "GLOB")]
    project: String,
    /// Its name in lists and in the log
    #[arg(long, value_name = "ID")]
    id: Option<TokenId>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard publisher list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard publisher remove`.
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// The publisher's name
    id: TokenId,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs a subcommand.
pub fn run(command: &PublisherCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        PublisherCommand::Add(args) => add(args, report),
        PublisherCommand::List(args) => list(args, report),
        PublisherCommand::Remove(args) => {
            args.place.api()?.delete(&format!("publishers/{}", args.id))?;
            report.result(&json!({ "removed": args.id }), || {
                format!("publisher {} is trusted no more", args.id)
            })
        }
    }
}

fn add(args: &AddArgs, report: &Report) -> anyhow::Result<()> {
    let mut wish = json!({
        "issuer": args.issuer, "claims": claims(&args.claims)?, "can": args.can,
        "channels": args.channel, "projects": args.project,
    });
    if let Some(id) = &args.id {
        wish["id"] = json!(id);
    }
    if let Some(audience) = &args.audience {
        wish["audience"] = json!(audience);
    }
    let added: Value = args.place.api()?.post("publishers", &wish)?;
    for warning in added["warnings"].as_array().into_iter().flatten() {
        report.step(format_args!("warning: {}", text(warning)));
    }
    report.result(&added, || {
        format!(
            "publisher {} is trusted; its tokens are for `{}`",
            text(&added["id"]),
            text(&added["audience"])
        )
    })
}

/// `NAME=VALUE`, each name once.
fn claims(typed: &[String]) -> anyhow::Result<Map<String, Value>> {
    let mut claims = Map::new();
    for claim in typed {
        let wrong = |why: &str| {
            Usage(format!(
                "`{claim}` {why}\nhint: write NAME=VALUE, such as ref=refs/heads/main"
            ))
        };
        let (name, value) = claim.split_once('=').ok_or_else(|| wrong("is no claim"))?;
        if claims.insert(name.to_owned(), json!(value)).is_some() {
            return Err(wrong("names a claim for the second time").into());
        }
    }
    Ok(claims)
}

fn list(args: &ListArgs, report: &Report) -> anyhow::Result<()> {
    let found: Value = args.place.api()?.get("publishers")?;
    let line = |p: &Value| {
        let claims = p["claims"].as_object().into_iter().flatten();
        let claims: Vec<String> = claims
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect();
        let can = p["can"].as_array().into_iter().flatten().map(text);
        let used = p["last_used"]
            .as_str()
            .map_or("never used".to_owned(), |hour| format!("last used {hour}"));
        format!(
            "{}  {}  channels {}  projects {}  {used}\n  {}  for {}\n  {}",
            text(&p["id"]),
            can.collect::<Vec<_>>().join(","),
            text(&p["channels"]),
            text(&p["projects"]),
            text(&p["issuer"]),
            text(&p["audience"]),
            claims.join("  ")
        )
    };
    let publishers = found["publishers"].as_array().cloned().unwrap_or_default();
    report.result(&found, || {
        publishers.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
