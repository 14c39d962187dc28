//! `packyard serve`.

use crate::{
    config::{Config, network},
    notify,
    place::{DataArgs, existing, explained, open, options, runtime},
    report::{Report, Usage},
};
use anyhow::Context;
use ipnet::IpNet;
use packyard_repo::{Lock, Yard};
use packyard_server::{App, Listening, Tls};
use std::{io::Write, net::SocketAddr, path::PathBuf};
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
    /// The certificate, with those that it is signed by, for TLS; read again when it changes
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front, or a network of them: 10.0.0.0/8; again for more. Only these are believed for whom a request is
    #[arg(long = "trusted-proxy", value_name = "CIDR", value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// An address of its own for /metrics [default: where everything else is]
    #[arg(long, value_name = "ADDR")]
    pub metrics_listen: Option<SocketAddr>,
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    network(text).ok_or_else(|| "write a network as 10.0.0.0/8 or 2001:db8::/32, or one address".to_owned())
}

impl ListenArgs {
    /// What a file says, and what these flags say instead.
    pub fn over(&self, file: Config) -> Config {
        let Self {
            listen,
            public_url,
            max_upload,
            tls_cert,
            tls_key,
            trusted_proxies,
            metrics_listen,
        } = self.clone();
        Config {
            listen: listen.unwrap_or(file.listen),
            public_url: public_url.or(file.public_url),
            max_upload: max_upload.unwrap_or(file.max_upload),
            tls_cert: tls_cert.or(file.tls_cert),
            tls_key: tls_key.or(file.tls_key),
            trusted_proxies: if trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                trusted_proxies
            },
            metrics_listen: metrics_listen.or(file.metrics_listen),
            ..file
        }
    }
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
    /// A TOML file with the same settings, and more (docs/packyard-server.toml)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep the log in another store
    #[arg(long, value_name = "URL", hide = true)]
    log_store: Option<String>,
    /// Keep the blobs in another store
    #[arg(long, value_name = "URL", hide = true)]
    blob_store: Option<String>,
}

/// Runs it until the process is asked to end.
pub fn run(args: ServeArgs, report: &Report) -> anyhow::Result<()> {
    if args.log_store.is_some() || args.blob_store.is_some() {
        let text = "stores other than the data directory are not there yet\nhint: leave --log-store and --blob-store out";
        return Err(Usage(text.to_owned()).into());
    }
    let file = args.config.as_deref().map(Config::read).transpose()?;
    let config = args.listen.over(file.unwrap_or_default());
    let data = DataArgs {
        data: args.data.data.or_else(|| config.data.clone()),
    };
    let server = if args.read_only || config.read_only {
        Server::open_to_read(&data)?
    } else {
        Server::open(&data)?
    };
    server.bind(&config)?.serve(report, |_| Ok(()))
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
    pub fn bind(self, config: &Config) -> anyhow::Result<Bound> {
        let settings = config.settings()?;
        let public_url = settings.public_url.clone();
        let tls = config
            .tls()?
            .map(|(cert, key)| Tls::load(cert, key))
            .transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let app = App::new(self.yard.clone(), settings);
        let taken = |address| {
            let hint = "is another program listening there? choose another address with --listen";
            move || format!("cannot listen on {address}\nhint: {hint}")
        };
        let bound = self.runtime.block_on(Listening::bind(app, config.listen));
        let mut listening = bound.with_context(taken(config.listen))?;
        if let Some(address) = config.metrics_listen {
            let bound = self.runtime.block_on(listening.watched_at(address));
            listening = bound.with_context(taken(address))?;
        }
        if let Some(tls) = tls {
            listening = listening.with_tls(tls);
        }
        let here = format!("{scheme}://{}", listening.address()?);
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
        if let Some(address) = listening.watched_address()? {
            tracing::info!("metrics are at http://{address}/metrics");
        }
        if !report.is_json() {
            ready(public_url.as_deref().unwrap_or(&here))?;
        }
        let serving = listening.run(notify::supervisor(&here));
        server.runtime.block_on(serving).context("serving")
    }
}
