//! TLS 1.2 and 1.3 by rustls with ring. The certificate's files are looked at every few seconds and on SIGHUP: who renews
//! them, as ACME clients do, need not restart anything. A pair that cannot be used is said in the log, and the one before
//! it stays.

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds something else.
    #[error(
        "`{}` holds no {wanted} in PEM\nhint: --tls-cert takes the certificate with those that it is signed by, \
         --tls-key its private key without a password",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        wanted: &'static str,
    },
    /// They are of no use.
    #[error(
        "the certificate in `{}` and the key in `{}` cannot be used: {source}",
        cert.display(),
        key.display()
    )]
    Unfit {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// The bytes of both files.
type Pair = (Vec<u8>, Vec<u8>);

/// The files of a certificate, and what of them is in use.
#[derive(Debug)]
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    shown: Arc<Shown>,
    /// What was read last, good or not.
    seen: Pair,
}

/// The certificate that the next client is shown.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads both files.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let seen = (read(cert)?, read(key)?);
        let shown = Arc::new(certified(cert, key, &seen)?);
        Ok(Self {
            cert: cert.to_owned(),
            key: key.to_owned(),
            shown: Arc::new(Shown(RwLock::new(shown))),
            seen,
        })
    }

    /// What handshakes are made with.
    pub fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth();
        let shown: Arc<dyn ResolvesServerCert> = Arc::clone(&self.shown) as _;
        let mut config = builder.with_cert_resolver(shown);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.ticketer = ring::Ticketer::new()?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks at the files again and again, for as long as it is polled.
    pub async fn watch(mut self) -> io::Result<()> {
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = hangup.recv() => {}
            }
            match self.look() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the certificate in `{}` is in use now", self.cert.display()),
                Err(e) => tracing::error!(error = %e, "the certificate stays as it was: {e}"),
            }
        }
    }

    /// Whether there is another certificate now. What is wrong with the files is said once.
    fn look(&mut self) -> Result<bool, TlsError> {
        let found = match (read(&self.cert), read(&self.key)) {
            (Ok(cert), Ok(key)) => (cert, key),
            // Told once: nothing was read.
            (Err(_), _) | (_, Err(_)) if self.seen == Pair::default() => return Ok(false),
            (Err(e), _) | (_, Err(e)) => {
                self.seen = Pair::default();
                return Err(e);
            }
        };
        if found == self.seen {
            return Ok(false);
        }
        self.seen = found;
        let certified = Arc::new(certified(&self.cert, &self.key, &self.seen)?);
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(true)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn certified(cert: &Path, key: &Path, (chain, secret): &Pair) -> Result<CertifiedKey, TlsError> {
    let empty = |path: &Path, wanted| TlsError::Empty {
        path: path.to_owned(),
        wanted,
    };
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| empty(cert, "certificate"))?;
    let secret = PrivateKeyDer::from_pem_slice(secret).map_err(|_| empty(key, "private key"))?;
    let provider: CryptoProvider = ring::default_provider();
    CertifiedKey::from_der(chain, secret, &provider).map_err(|source| TlsError::Unfit {
        cert: cert.to_owned(),
        key: key.to_owned(),
        source,
    })
}
