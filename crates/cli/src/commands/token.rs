//! `packyard login` and `packyard token`.

use crate::{
    login::{self, Login},
    place::{self, PlaceArgs},
    report::{Report, Usage},
};
use anyhow::Context;
use packyard_client::{Api, Http, NewToken};
use packyard_types::{Permissions, Timestamp};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};

/// Arguments of `packyard login`.
#[derive(Debug, clap::Args)]
pub struct LoginArgs {
    /// The server's URL
    url: String,
    /// The token; read from standard input where it is not given
    #[arg(long, env = "PACKYARD_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// The subcommands of `packyard token`.
#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Grant a token and print it; it is not shown again
    Create(CreateArgs),
    /// List all tokens, without their texts
    List(ListArgs),
    /// End a token
    Revoke(RevokeArgs),
}

/// Arguments of `packyard token create`.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// What it allows: read, publish, promote and admin, separated by commas; each can read, and admin can do everything
    #[arg(long, value_name = "PERMISSION,..")]
    can: Permissions,
    /// The channels it is for, as a glob
    #[arg(long, default_value = "*", value_name = "GLOB")]
    channel: String,
    /// The projects it is for, as a glob
    #[arg(long, default_value = "*", value_name = "GLOB")]
    project: String,
    /// How long it lives: 12h, 30d, 8w
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// A network that it is good from: 10.0.0.0/8; again for more [default: from everywhere]
    #[arg(long = "network", value_name = "CIDR", value_parser = network)]
    networks: Vec<ipnet::IpNet>,
    /// Its name in lists and in the log
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard token list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard token revoke`.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The token's name
    id: String,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Checks a token with its server, and stores both.
pub fn login(args: LoginArgs, report: &Report) -> anyhow::Result<()> {
    let server = place::url(&args.url)?;
    let token = match args.token {
        Some(token) => token,
        None => ask(report)?,
    };
    let _: Value = Api::new(Http::new(&server, Some(token.clone()))).get("channels")?;
    let path = login::store(&Login {
        server: server.clone(),
        token,
    })?;
    let stored = json!({ "server": server, "stored": path });
    report.result(&stored, || {
        format!("logged in to {server}; stored in {}", path.display())
    })
}

fn ask(report: &Report) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        report.step("token:");
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("reading the token from standard input")?;
    let token = line.trim();
    if token.is_empty() {
        return Err(
            Usage("a token is needed: --token, PACKYARD_TOKEN, or on standard input".to_owned()).into(),
        );
    }
    Ok(token.to_owned())
}

/// Runs a subcommand.
pub fn run(command: &TokenCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(args) => create(args, report),
        TokenCommand::List(args) => list(args, report),
        TokenCommand::Revoke(args) => {
            args.place.api()?.delete(&format!("tokens/{}", args.id))?;
            report.result(&json!({ "revoked": args.id }), || {
                format!("token {} is revoked", args.id)
            })
        }
    }
}

fn create(args: &CreateArgs, report: &Report) -> anyhow::Result<()> {
    let expires = args.expires.as_deref().map(end).transpose()?;
    let wish = json!({
        "id": args.id, "can": args.can, "channels": args.channel, "projects": args.project, "expires": expires,
        "networks": args.networks,
    });
    let token: NewToken = args.place.api()?.post("tokens", &wish)?;
    report.step(format_args!(
        "token {} may {}; it is shown only now:",
        token.id,
        token.can.join(", ")
    ));
    report.result(&token, || token.token.clone())
}

fn list(args: &ListArgs, report: &Report) -> anyhow::Result<()> {
    let found: Value = args.place.api()?.get("tokens")?;
    let line = |t: &Value| {
        let text = |key: &str| t[key].as_str().unwrap_or("-").to_owned();
        let state = if t["revoked"].is_null() { "" } else { "  revoked" };
        let until = t["expires"]
            .as_str()
            .map(|e| format!("  until {e}"))
            .unwrap_or_default();
        let list = |key: &str| {
            let words = t[key].as_array().into_iter().flatten();
            words.filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        };
        let used = match t["last_used"].as_str() {
            Some(hour) => format!("  last used {hour}"),
            None => "  never used".to_owned(),
        };
        let from = match list("networks") {
            networks if networks.is_empty() => String::new(),
            networks => format!("  from {networks}"),
        };
        format!(
            "{}  {}  channels {}  projects {}{from}{until}{used}{state}",
            text("id"),
            list("can"),
            text("channels"),
            text("projects")
        )
    };
    let tokens = found["tokens"].as_array().cloned().unwrap_or_default();
    report.result(&found, || tokens.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// `10.0.0.0/8`, or one address.
fn network(text: &str) -> Result<ipnet::IpNet, String> {
    let one = text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
    let network = one.or_else(|_| text.parse::<ipnet::IpNet>());
    let network = network.map_err(|_| "write a network as 10.0.0.0/8 or 2001:db8::/32, or one address")?;
    Ok(network.trunc())
}

/// `30d` from now.
fn end(text: &str) -> anyhow::Result<Timestamp> {
    let wrong = || {
        Usage(format!(
            "`{text}` is not a time to live\nhint: write 12h, 30d or 8w"
        ))
    };
    let now = (packyard_server::system_clock())().unix_seconds();
    let end = seconds(text).and_then(|s| now.checked_add(s)).ok_or_else(wrong)?;
    Ok(Timestamp::from_unix_seconds(end))
}

/// `12h`, `30d`, `8w` in seconds; none for anything else.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let one = match unit {
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse().ok()?;
    count.checked_mul(one).filter(|s| *s > 0)
}
