//! Other people's indexes, asked while somebody waits: pages with their tags, files as they arrive. No credentials are
//! sent, redirects are followed a few times, and everything is bounded in time: what is not, is up to the caller.

use crate::reach::{Hosts, Reach, Resolver, literal};
use bytes::Bytes;
use packyard_types::UpstreamUrl;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header, redirect};
use std::{
    collections::BTreeMap,
    error::Error as _,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;
use url::Url;

/// How long it may take until somebody is there.
const CONNECT: Duration = Duration::from_secs(5);
/// How long nothing may arrive.
const IDLE: Duration = Duration::from_secs(30);
/// How long a page may take altogether.
const PAGE: Duration = Duration::from_mins(1);
/// How many times somebody may be sent elsewhere.
const REDIRECTS: usize = 5;
/// What a page may have without waiting for its turn, in bytes.
const LARGE: usize = 2 << 20;
/// How many larger ones arrive at a time: they lie in memory.
const LARGE_AT_ONCE: usize = 3;
/// JSON (PEP 691) rather than HTML.
const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// A client of other indexes, which goes where they lead as far as [`Reach`] allows.
#[derive(Debug)]
pub struct IndexClient {
    /// A client for upstreams that are so far: connections are not shared between them.
    clients: Mutex<BTreeMap<Reach, Client>>,
    /// How far the upstreams are that were asked, by host. A name that changes its mind changes nothing.
    reaches: Mutex<BTreeMap<String, Reach>>,
    hosts: Hosts,
    /// How many times somebody may be sent elsewhere.
    redirects: usize,
    /// The right to have a large page arrive.
    large: Semaphore,
}

impl Default for IndexClient {
    fn default() -> Self {
        Self::with_redirects(REDIRECTS)
    }
}

/// What is asked for, and on which conditions.
pub(crate) struct Asked<'a> {
    /// Who leads there.
    pub own: &'a str,
    /// Where it is.
    pub url: &'a str,
    /// In which form it is wanted.
    pub accept: &'static str,
    /// The tag of what is there already.
    pub etag: Option<&'a str>,
    /// How long it may take altogether.
    pub patience: Duration,
    /// How large it may be.
    pub limit_bytes: u64,
}

impl IndexClient {
    /// A client that is sent elsewhere so many times.
    pub(crate) fn with_redirects(redirects: usize) -> Self {
        Self {
            redirects,
            clients: Mutex::default(),
            reaches: Mutex::default(),
            hosts: Hosts::default(),
            large: Semaphore::new(LARGE_AT_ONCE),
        }
    }
}

/// What an index says when it is asked for a page.
#[derive(Debug)]
pub enum IndexPage {
    /// That with the tag is still right.
    NotModified {
        /// For how many seconds more, where it says so.
        max_age: Option<u64>,
    },
    /// This one.
    Page {
        /// Where it came from in the end.
        url: String,
        /// Its bytes.
        bytes: Bytes,
        /// Its tag.
        etag: Option<String>,
        /// For how many seconds it is right, where it says so.
        max_age: Option<u64>,
    },
    /// One that is larger than what may come.
    TooLarge,
    /// There is none.
    Absent,
}

/// A file that has begun to arrive.
#[derive(Debug)]
pub struct IndexFile(Response);

/// Why there is no answer that helps.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct IndexError {
    /// In words.
    pub reason: String,
    /// Whether somebody is there at all.
    pub answered: bool,
}

impl IndexClient {
    fn client(&self, reach: Reach) -> Result<Client, IndexError> {
        let mut clients = lock(&self.clients);
        if let Some(client) = clients.get(&reach) {
            return Ok(client.clone());
        }
        let client = set_up(reach, &self.hosts, self.redirects)?;
        clients.insert(reach, client.clone());
        Ok(client)
    }

    /// How far an upstream is.
    async fn reach(&self, upstream: &Url) -> Reach {
        let host = upstream.host_str().unwrap_or_default();
        if let Some(address) = literal(upstream) {
            return Reach::of(address);
        }
        if let Some(reach) = lock(&self.reaches).get(host) {
            return *reach;
        }
        let found = tokio::time::timeout(CONNECT, tokio::net::lookup_host((host, 0))).await;
        let Ok(Ok(found)) = found else {
            // Perhaps only a proxy knows it.
            return Reach::Public;
        };
        let addresses: Vec<_> = found.map(|a| a.ip()).collect();
        let reach = Reach::of_host(host, &addresses);
        lock(&self.reaches).insert(host.to_owned(), reach);
        reach
    }

    /// A request that an upstream leads to.
    async fn get(&self, upstream: &str, url: &str) -> Result<RequestBuilder, IndexError> {
        let parsed = |url: &str| Url::parse(url).map_err(|e| useless(format!("`{url}` is no URL: {e}")));
        let (own, url) = (parsed(upstream)?, parsed(url)?);
        let reach = self.reach(&own).await;
        if let Some(objection) = reach.objection(&own, &url) {
            return Err(useless(objection));
        }
        self.hosts.add(&url);
        Ok(self.client(reach)?.get(url))
    }

    /// A page, unless it is still the one with this tag.
    pub async fn page(
        &self,
        upstream: &UpstreamUrl,
        url: &str,
        etag: Option<&str>,
        limit_bytes: u64,
    ) -> Result<IndexPage, IndexError> {
        self.whole(&Asked {
            own: upstream.as_str(),
            url,
            accept: ACCEPT,
            etag,
            patience: PAGE,
            limit_bytes,
        })
        .await
    }

    /// A document that fits in memory, unless it is still the one with its tag.
    pub(crate) async fn whole(&self, asked: &Asked<'_>) -> Result<IndexPage, IndexError> {
        let limit_bytes = asked.limit_bytes;
        let mut request = self.get(asked.own, asked.url).await?.timeout(asked.patience);
        request = request.header(header::ACCEPT, asked.accept);
        if let Some(etag) = asked.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let mut response = plain(request.send().await.map_err(silence)?)?;
        let max_age = max_age(&response);
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(IndexPage::NotModified { max_age }),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(IndexPage::Absent),
            status => return Err(useless(format!("it answers {status}"))),
        }
        let etag = response.headers().get(header::ETAG);
        let etag = etag.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let url = response.url().to_string();
        if response.content_length().is_some_and(|size| size > limit_bytes) {
            return Ok(IndexPage::TooLarge);
        }
        let (mut bytes, mut large) = (Vec::new(), None);
        while let Some(piece) = response.chunk().await.map_err(silence)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > limit_bytes {
                return Ok(IndexPage::TooLarge);
            }
            if bytes.len() > LARGE && large.is_none() {
                let turn = tokio::time::timeout(PAGE, self.large.acquire()).await;
                let busy = || useless("too many other large pages are arriving".to_owned());
                large = Some(turn.map_err(|_| busy())?.map_err(|_| busy())?);
            }
        }
        let bytes = bytes.into();
        Ok(IndexPage::Page {
            url,
            bytes,
            etag,
            max_age,
        })
    }

    /// A file, once it begins to arrive.
    pub async fn file(&self, upstream: &UpstreamUrl, url: &str) -> Result<IndexFile, IndexError> {
        let request = self.get(upstream.as_str(), url).await?;
        let response = request.send().await.map_err(silence)?;
        let response = plain(response)?;
        match response.status() {
            StatusCode::OK => Ok(IndexFile(response)),
            status => Err(useless(format!("it answers {status}"))),
        }
    }
}

impl IndexFile {
    /// How many bytes will come, where it is said.
    pub fn size_bytes(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// The next of them; none at the end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, IndexError> {
        self.0.chunk().await.map_err(silence)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Follows a few redirects, to where the upstream may lead.
fn redirects(own: Reach, hosts: Hosts, most: usize) -> redirect::Policy {
    redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > most {
            return attempt.error("it redirects too often");
        }
        let from = attempt.previous().last();
        match from.and_then(|from| own.objection(from, attempt.url())) {
            Some(objection) => attempt.error(objection),
            None => {
                hosts.add(attempt.url());
                attempt.follow()
            }
        }
    })
}

fn set_up(own: Reach, hosts: &Hosts, most_redirects: usize) -> Result<Client, IndexError> {
    // Set for the whole process; that somebody was quicker is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = header::HeaderMap::new();
    // What is packed in transit has another length and digest.
    headers.insert(
        header::ACCEPT_ENCODING,
        header::HeaderValue::from_static("identity"),
    );
    Client::builder()
        .user_agent(concat!("packyard/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(CONNECT)
        .read_timeout(IDLE)
        .redirect(redirects(own, hosts.clone(), most_redirects))
        .dns_resolver(Resolver {
            own,
            hosts: hosts.clone(),
        })
        .referer(false)
        .build()
        .map_err(silence)
}

/// What was asked for as it is must not come otherwise.
fn plain(response: Response) -> Result<Response, IndexError> {
    match response.headers().get(header::CONTENT_ENCODING) {
        Some(coding) if coding != "identity" => Err(useless(format!("it is sent as {coding:?}, unasked"))),
        _ => Ok(response),
    }
}

/// For how many seconds a shared cache may keep an answer; none where nothing is said.
fn max_age(response: &Response) -> Option<u64> {
    let said = response.headers().get(header::CACHE_CONTROL)?.to_str().ok()?;
    let said = said.to_ascii_lowercase();
    let directives: Vec<&str> = said.split(',').map(str::trim).collect();
    if directives.iter().any(|d| matches!(*d, "no-store" | "no-cache")) {
        return Some(0);
    }
    let seconds = |name: &str| {
        let value = directives.iter().find_map(|d| d.strip_prefix(name))?;
        value.trim_matches('"').parse().ok()
    };
    seconds("s-maxage=").or_else(|| seconds("max-age="))
}

fn useless(reason: String) -> IndexError {
    IndexError {
        reason,
        answered: true,
    }
}

/// With all that it says of its cause: the outermost says only that something failed.
fn silence(e: reqwest::Error) -> IndexError {
    let answered = e.is_redirect();
    let e = e.without_url();
    let mut reason = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        let more = e.to_string();
        if !reason.contains(&more) {
            reason = format!("{reason}: {more}");
        }
        cause = e.source();
    }
    IndexError { reason, answered }
}
