//! `GET` from places that the user has named: pages whole, packages into files, with their digest checked, going on where
//! a connection broke off.

use packyard_types::{Digest, Hasher};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
    time::Duration,
};
use ureq::{Agent, Body, http::Response};

/// How often a file is gone on with, or begun anew.
const TRIES: u32 = 5;
/// How long nothing may arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// A client of other people's repositories. It sends no credentials and follows redirects.
#[derive(Debug, Clone)]
pub struct Fetch {
    agent: Agent,
}

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There was no answer, or it broke off.
    #[error("`{url}` cannot be fetched: {reason}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What the connection says.
        reason: String,
    },
    /// The answer is no file.
    #[error("`{url}` answers {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status code.
        status: u16,
    },
    /// What arrived is not what the index promises.
    #[error("`{url}` has sha256 {actual}, not {claimed} as its index says")]
    Digest {
        /// What was asked for.
        url: String,
        /// What arrived.
        actual: Digest,
        /// What the index says.
        claimed: Digest,
    },
    /// It is larger than anybody allows.
    #[error("`{url}` is larger than {limit_bytes} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The file that it goes to.
    #[error("`{path}` cannot be written: {reason}")]
    File {
        /// Where to.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl Default for Fetch {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetch {
    /// A client.
    pub fn new() -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .user_agent(concat!("packyard/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent }
    }

    /// A page or an index, whole; none where there is none (404, 410, and 403, which static hosting answers for it).
    pub fn page(&self, url: &str, limit_bytes: u64) -> Result<Option<Vec<u8>>, FetchError> {
        let response = self.get(url, 0)?;
        match response.status().as_u16() {
            200 => {}
            403 | 404 | 410 => return Ok(None),
            status => return Err(refused(url, status)),
        }
        let mut bytes = Vec::new();
        let mut body = response.into_body().into_reader().take(limit_bytes + 1);
        body.read_to_end(&mut bytes)
            .map_err(|e| unreachable(url, e.to_string()))?;
        if bytes.len() as u64 > limit_bytes {
            return Err(FetchError::TooLarge {
                url: url.to_owned(),
                limit_bytes,
            });
        }
        Ok(Some(bytes))
    }

    /// A package, into a file. It must have this digest, where one is known. What it hashes to.
    pub fn file(
        &self,
        url: &str,
        to: &Path,
        claimed: Option<&Digest>,
        limit_bytes: u64,
    ) -> Result<Digest, FetchError> {
        let mut arriving = Arriving::new(to)?;
        let mut tries = 1;
        loop {
            match self.go_on(url, &mut arriving, limit_bytes) {
                Ok(()) => break,
                Err(FetchError::Unreachable { .. }) if tries < TRIES => tries += 1,
                Err(e) => return Err(e),
            }
        }
        let actual = arriving.hasher.finish().digest;
        match claimed {
            Some(claimed) if *claimed != actual => Err(FetchError::Digest {
                url: url.to_owned(),
                actual,
                claimed: *claimed,
            }),
            _ => Ok(actual),
        }
    }

    fn go_on(&self, url: &str, arriving: &mut Arriving, limit_bytes: u64) -> Result<(), FetchError> {
        let response = self.get(url, arriving.len)?;
        match response.status().as_u16() {
            206 => {}
            // The server does not know ranges, or nothing had arrived.
            200 => arriving.restart()?,
            // Everything had arrived, and only the end of it was not seen.
            416 if arriving.len > 0 => return Ok(()),
            status @ (500.. | 429) => return Err(unreachable(url, format!("it answers {status}"))),
            status => return Err(refused(url, status)),
        }
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = body
                .read(&mut buffer)
                .map_err(|e| unreachable(url, e.to_string()))?;
            if n == 0 {
                return Ok(());
            }
            arriving.take(&buffer[..n])?;
            if arriving.len > limit_bytes {
                return Err(FetchError::TooLarge {
                    url: url.to_owned(),
                    limit_bytes,
                });
            }
        }
    }

    fn get(&self, url: &str, from: u64) -> Result<Response<Body>, FetchError> {
        let accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.2, */*;q=0.1";
        let mut request = self.agent.get(url).header("accept", accept);
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        // What is packed in transit has another length and digest.
        request = request.header("accept-encoding", "identity");
        request.call().map_err(|e| unreachable(url, e.to_string()))
    }
}

/// A file that is arriving in pieces, perhaps over several connections.
struct Arriving {
    file: File,
    path: String,
    hasher: Hasher,
    len: u64,
}

impl Arriving {
    fn new(to: &Path) -> Result<Self, FetchError> {
        let path = to.display().to_string();
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(to);
        Ok(Self {
            file: file.map_err(|e| unwritable(&path, &e))?,
            path,
            hasher: Hasher::new(),
            len: 0,
        })
    }

    fn restart(&mut self) -> Result<(), FetchError> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(|e| unwritable(&self.path, &e))?;
        (self.hasher, self.len) = (Hasher::new(), 0);
        Ok(())
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        self.file
            .write_all(piece)
            .map_err(|e| unwritable(&self.path, &e))?;
        self.hasher.update(piece);
        self.len += piece.len() as u64;
        Ok(())
    }
}

fn unreachable(url: &str, reason: String) -> FetchError {
    FetchError::Unreachable {
        url: url.to_owned(),
        reason,
    }
}

fn refused(url: &str, status: u16) -> FetchError {
    FetchError::Status {
        url: url.to_owned(),
        status,
    }
}

fn unwritable(path: &str, e: &std::io::Error) -> FetchError {
    FetchError::File {
        path: path.to_owned(),
        reason: e.to_string(),
    }
}
