//! `packyard serve`.

use crate::{
    place::{DataArgs, existing, explained, open, options, runtime},
    report::{Report, Usage},
};
use anyhow::Context;
use packyard_repo::{Limits, Lock, Yard};
use packyard_server::{App, Listening, Settings};
use serde::Deserialize;
use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::runtime::Runtime;

/// Where a server listens, and what it calls itself.
#[derive(Debug, Clone, clap::Args)]
pub struct ListenArgs {
    /// The address to listen on; port 0 picks a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// The URL under which clients reach the server, where that is another one
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Largest upload, in bytes
    #[arg(long, value_name = "BYTES")]
    pub max_upload: Option<u64>,
}

/// Arguments of `packyard serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    listen: ListenArgs,
    /// Serve a directory that another process writes to: everything is answered, and nothing is written
    #[arg(long)]
    read_only: bool,
    /// A TOML file with the same settings: data, listen, public-url, max-upload, read-only
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep the log in another store
    #[arg(long, value_name = "URL", hide = true)]
    log_store: Option<String>,
    /// Keep the blobs in another store
    #[arg(long, value_name = "URL", hide = true)]
    blob_store: Option<String>,
}

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Config {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    max_upload: Option<u64>,
    read_only: Option<bool>,
}

/// Runs it until the process is asked to end.
pub fn run(args: ServeArgs, report: &Report) -> anyhow::Result<()> {
    if args.log_store.is_some() || args.blob_store.is_some() {
        let text = "stores other than the data directory are not there yet\nhint: leave --log-store and --blob-store out";
        return Err(Usage(text.to_owned()).into());
    }
    let config = args
        .config
        .as_deref()
        .map(read_config)
        .transpose()?
        .unwrap_or_default();
    let data = DataArgs {
        data: args.data.data.or(config.data),
    };
    let listen = ListenArgs {
        listen: args.listen.listen.or(config.listen),
        public_url: args.listen.public_url.or(config.public_url),
        max_upload: args.listen.max_upload.or(config.max_upload),
    };
    let server = if args.read_only || config.read_only == Some(true) {
        Server::open_to_read(&data)?
    } else {
        Server::open(&data)?
    };
    server.bind(&listen)?.serve(report, |_| Ok(()))
}

fn read_config(path: &Path) -> anyhow::Result<Config> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
    toml::from_str(&text).map_err(|e| anyhow::anyhow!("`{}` cannot be read: {e}", path.display()))
}

/// An open yard that this process serves.
pub struct Server {
    /// The yard.
    pub yard: Yard,
    /// Where its work is done.
    pub runtime: Runtime,
    /// None where another process is the one server.
    _lock: Option<Lock>,
}

impl Server {
    /// Becomes the one server of a data directory.
    pub fn open(data: &DataArgs) -> anyhow::Result<Self> {
        let dir = data.dir()?;
        let runtime = runtime()?;
        let lock = runtime
            .block_on(Yard::lock_for_serving(&dir))
            .map_err(explained)?;
        let yard = open(&runtime, dir)?;
        Ok(Self {
            yard,
            runtime,
            _lock: Some(lock),
        })
    }

    /// Becomes one of the readers of a data directory.
    pub fn open_to_read(data: &DataArgs) -> anyhow::Result<Self> {
        let dir = existing(data.dir()?)?;
        let runtime = runtime()?;
        let opened = runtime.block_on(Yard::open_to_read(options(dir)?));
        Ok(Self {
            yard: opened.map_err(explained)?,
            runtime,
            _lock: None,
        })
    }

    /// Takes the address, so that it is known to be free before anything else is done. Connections wait until
    /// [`Bound::serve`].
    pub fn bind(self, args: &ListenArgs) -> anyhow::Result<Bound> {
        let address = args
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8000)));
        let mut limits = Limits::default();
        limits.file_bytes = args.max_upload.unwrap_or(limits.file_bytes);
        let public_url = args.public_url.as_deref().map(crate::place::url).transpose()?;
        let app = App::new(
            self.yard.clone(),
            Settings {
                public_url: public_url.clone(),
                limits,
            },
        );
        let hint = "is another program listening there? choose another address with --listen";
        let bound = self.runtime.block_on(Listening::bind(app, address));
        let listening = bound.with_context(|| format!("cannot listen on {address}\nhint: {hint}"))?;
        let here = format!("http://{}", listening.address()?);
        Ok(Bound {
            server: self,
            listening,
            public_url,
            here,
        })
    }
}

/// A server that has its address.
pub struct Bound {
    /// The server.
    pub server: Server,
    listening: Listening,
    public_url: Option<String>,
    here: String,
}

impl Bound {
    /// Serves until the process is asked to end. The first line on stdout says where; `ready` adds what else is to be
    /// said, given the URL for clients.
    pub fn serve(
        self,
        report: &Report,
        ready: impl FnOnce(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Self {
            server,
            listening,
            public_url,
            here,
        } = self;
        let mut out = std::io::stdout().lock();
        writeln!(out, "listening on {here}")
            .and_then(|()| out.flush())
            .context("writing to stdout")?;
        drop(out);
        if !report.is_json() {
            ready(public_url.as_deref().unwrap_or(&here))?;
        }
        server.runtime.block_on(listening.run()).context("serving")
    }
}
