//! Which yard a command is about: a server, or a data directory on this machine.

use crate::{login, report::Usage};
use anyhow::Context;
use packyard_client::{Api, Http};
use packyard_repo::{DataDir, OpenYard, Yard};
use packyard_server::{App, InProcess, Settings, system_clock};
use packyard_types::ChannelName;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// `--server`, `--token`, `--data`.
#[derive(Debug, Clone, clap::Args)]
pub struct PlaceArgs {
    /// The server's URL [default: PACKYARD_SERVER, else what `packyard login` stored]
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub server: Option<String>,
    /// The token that the server knows us by
    #[arg(long, env = "PACKYARD_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Work on a data directory, without a server
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `--data` of commands that need the directory itself.
#[derive(Debug, Clone, clap::Args)]
pub struct DataArgs {
    /// The data directory [default: /var/lib/packyard for root, else in the user's data directory]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `--channel`.
#[derive(Debug, Clone, clap::Args)]
pub struct ChannelArgs {
    /// The channel
    #[arg(
        long,
        env = "PACKYARD_CHANNEL",
        value_name = "CHANNEL",
        default_value = "main"
    )]
    pub channel: ChannelName,
}

impl PlaceArgs {
    /// The API of that yard: the named server, the named directory, the stored login, the default directory. To look at
    /// a yard does not make one.
    pub fn api(&self) -> anyhow::Result<Api> {
        match self.directory()? {
            Some(dir) => local(existing(dir)?),
            None => self.remote(),
        }
    }

    /// As [`PlaceArgs::api`], for commands that publish or create: a directory that was named becomes a yard if it is none.
    pub fn api_to_publish(&self) -> anyhow::Result<Api> {
        match (&self.data, self.directory()?) {
            (Some(_), Some(dir)) => local(dir),
            _ => self.api(),
        }
    }

    /// As [`PlaceArgs::api`]; none where that is a directory and not a yard yet: for who asks what would be.
    pub fn api_if_there(&self) -> anyhow::Result<Option<Api>> {
        match self.directory()? {
            Some(dir) if !is_yard(&dir) => Ok(None),
            _ => self.api().map(Some),
        }
    }

    /// The one or the other: what creates may found a yard, what changes may not.
    pub fn api_to(&self, create: bool) -> anyhow::Result<Api> {
        if create { self.api_to_publish() } else { self.api() }
    }

    /// The directory, for what no server is asked to do; none where a server is meant.
    pub fn data_dir(&self) -> Option<anyhow::Result<DataDir>> {
        self.directory().transpose()
    }

    /// The directory, where it is one and not a server.
    fn directory(&self) -> anyhow::Result<Option<DataDir>> {
        if self.data.is_none() && (self.server().is_some() || login::load()?.is_some()) {
            return Ok(None);
        }
        let data = self.data.clone();
        DataArgs { data }.dir().map(Some)
    }

    /// The server that was named: by the flag, else by the environment, which gives way to `--data`. Not clap reads the
    /// variable, since to clap it would be as if the flag had been typed. An empty one says nothing.
    fn server(&self) -> Option<String> {
        let set = || std::env::var("PACKYARD_SERVER").ok().filter(|s| !s.is_empty());
        self.server.clone().or_else(set)
    }

    fn remote(&self) -> anyhow::Result<Api> {
        let login = login::load()?;
        let (server, stored) = match (self.server(), login) {
            (Some(server), login) => {
                let server = url(&server)?;
                let stored = login.filter(|l| l.server == server).map(|l| l.token);
                (server, stored)
            }
            (None, Some(login)) => (login.server, Some(login.token)),
            (None, None) => anyhow::bail!("no server is known"),
        };
        let token = self.token.clone().filter(|t| !t.is_empty()).or(stored);
        let api = Api::new(Http::new(&server, token));
        Ok(api.with_notice(|line| crate::report::Report::new(false).step(line)))
    }
}

/// Whether a directory holds a yard.
pub fn is_yard(dir: &DataDir) -> bool {
    dir.store().join("meta.json").exists()
}

/// Commands that look at a yard do not found one.
pub fn existing(dir: DataDir) -> anyhow::Result<DataDir> {
    if is_yard(&dir) {
        return Ok(dir);
    }
    let hint = "log in to a server with `packyard login URL`, or say where: --server URL or --data DIR";
    anyhow::bail!("there is no yard in `{}`\nhint: {hint}", dir.root().display())
}

impl DataArgs {
    /// The directory.
    pub fn dir(&self) -> anyhow::Result<DataDir> {
        let dir = DataDir::new(self.data.clone().map_or_else(default_data_dir, Ok)?);
        refuse_root(&dir)?;
        Ok(dir)
    }
}

/// A server's URL; only http and https can be one.
pub fn url(server: &str) -> anyhow::Result<String> {
    if server.starts_with("http://") || server.starts_with("https://") {
        return Ok(server.trim_end_matches('/').to_owned());
    }
    Err(Usage(format!(
        "`{server}` is not a server's URL\nhint: it begins with http:// or https://"
    ))
    .into())
}

fn local(dir: DataDir) -> anyhow::Result<Api> {
    let runtime = runtime()?;
    let yard = open(&runtime, dir)?;
    Ok(Api::new(InProcess::new(
        App::new(yard, Settings::default()),
        runtime,
    )))
}

/// A runtime for commands that do a little and for servers.
pub fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the async runtime")
}

/// Opens a yard on a runtime.
pub fn open(runtime: &Runtime, dir: DataDir) -> anyhow::Result<Yard> {
    runtime.block_on(Yard::open(options(dir)?)).map_err(explained)
}

/// What a yard is opened with.
pub fn options(dir: DataDir) -> anyhow::Result<OpenYard> {
    Ok(OpenYard {
        dir,
        clock: system_clock(),
        node: node_name(),
        keys: crate::commands::key::given()?,
    })
}

/// What root writes into the directory of another user's server, that server could not read.
fn refuse_root(dir: &DataDir) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(dir.store().join("meta.json")).map_or(0, |m| m.uid());
    if owner == 0 || !is_root() {
        return Ok(());
    }
    let shown = dir.root().display();
    match user_name(owner) {
        Some(name) => anyhow::bail!(
            "`{shown}` belongs to the user `{name}`, who could not read what root leaves there\nhint: run it as that user: \
             runuser -u {name} -- packyard …"
        ),
        None => anyhow::bail!(
            "`{shown}` belongs to the user {owner}, who could not read what root leaves there\nhint: run it as that user: \
             setpriv --reuid={owner} --clear-groups packyard …"
        ),
    }
}

/// The name of a user of this machine.
fn user_name(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let number = uid.to_string();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

/// An error with its hint, as people read it.
pub fn explained(e: packyard_repo::RepoError) -> anyhow::Error {
    match e.hint() {
        Some(hint) => anyhow::anyhow!("{e}\nhint: {hint}"),
        None => e.into(),
    }
}

fn node_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "local".to_owned()
    } else {
        name.to_owned()
    }
}

/// Where data is kept when nobody says where: never inside a project.
pub fn default_data_dir() -> anyhow::Result<PathBuf> {
    if is_root() {
        return Ok(PathBuf::from("/var/lib/packyard"));
    }
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/share"));
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(home);
    Ok(base
        .context("neither XDG_DATA_HOME nor HOME is set; say where with --data")?
        .join("packyard"))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}
