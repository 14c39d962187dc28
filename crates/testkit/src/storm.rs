//! A store in a storm: by a seed, requests fail before and after they were carried out, time out and are carried out much
//! later, are answered twice, are torn in the middle; and then the machine dies.

use crate::chance::Chance;
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result, path::Path,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// How rough it is.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Of a thousand requests, how many meet a fault.
    pub faults_per_mille: u64,
    /// After so many requests everything fails, and nothing is carried out any more.
    pub dies_after: Option<u64>,
}

/// What one request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// It fails, and is not carried out.
    FailBefore,
    /// It is carried out, and the answer is lost.
    FailAfter,
    /// It times out, and is carried out some requests later, when nobody expects it any more.
    Late,
    /// It is carried out, and again by a retry underneath: "already exists".
    Twice,
    /// The answer is "already exists", and nothing is there.
    Phantom,
    /// Half of the bytes are written under the name that a store writes to first, and that is all.
    Torn,
}

const OF_PUTS: [Trouble; 6] = [
    Trouble::FailBefore,
    Trouble::FailAfter,
    Trouble::Late,
    Trouble::Twice,
    Trouble::Phantom,
    Trouble::Torn,
];
const OF_DELETES: [Trouble; 3] = [Trouble::FailBefore, Trouble::FailAfter, Trouble::Late];
const OF_READS: [Trouble; 2] = [Trouble::FailBefore, Trouble::Torn];

/// A request that lands later.
#[derive(Debug)]
enum Straggler {
    Put(Path, Bytes, PutMode),
}

#[derive(Debug)]
struct State {
    chance: Chance,
    weather: Weather,
    requests: u64,
    met: BTreeMap<String, u64>,
    /// By the request before which they land.
    stragglers: Vec<(u64, Straggler)>,
}

/// A store in a storm. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Storm {
    inner: Arc<dyn ObjectStore>,
    state: Arc<Mutex<State>>,
}

impl Storm {
    /// Wraps a store, in fair weather.
    pub fn new(inner: Arc<dyn ObjectStore>, seed: u64) -> Self {
        let weather = Weather {
            faults_per_mille: 0,
            dies_after: None,
        };
        let state = State {
            chance: Chance::new(seed),
            weather,
            requests: 0,
            met: BTreeMap::new(),
            stragglers: Vec::new(),
        };
        Self {
            inner,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Changes the weather; `dies_after` counts from now.
    pub fn set(&self, weather: Weather) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let dies_after = weather.dies_after.map(|n| n + state.requests);
        state.weather = Weather {
            dies_after,
            ..weather
        };
    }

    /// How often which fault was met.
    pub fn met(&self) -> BTreeMap<String, u64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.met.clone()
    }

    /// Lets everything land that is still on its way: a network may deliver after the sender is dead.
    pub async fn settle(&self) {
        self.land(u64::MAX).await;
    }

    async fn land(&self, until: u64) {
        let due = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let all = std::mem::take(&mut state.stragglers);
            let (due, later) = all.into_iter().partition::<Vec<_>, _>(|(at, _)| *at <= until);
            state.stragglers = later;
            due
        };
        for (_, straggler) in due {
            match straggler {
                // Whoever sent it does not hear what becomes of it.
                Straggler::Put(at, bytes, mode) => {
                    let _ = self.inner.put_opts(&at, bytes.into(), mode.into()).await;
                }
            }
        }
    }

    /// What this request meets; an error where the machine is dead.
    async fn next(&self, what: &str, of: &[Trouble]) -> Result<Option<Trouble>> {
        let (request, met) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.requests += 1;
            let request = state.requests;
            if state.weather.dies_after.is_some_and(|last| request > last) {
                // An error that nobody tries again after.
                return Err(Error::PermissionDenied {
                    path: "store".to_owned(),
                    source: "injected: the machine is dead".into(),
                });
            }
            let rate = state.weather.faults_per_mille;
            let met = (state.chance.below(1000) < rate)
                .then(|| of[usize::try_from(state.chance.below(of.len() as u64)).unwrap_or(0)]);
            if let Some(met) = met {
                *state.met.entry(format!("{what}: {met:?}")).or_default() += 1;
            }
            (request, met)
        };
        self.land(request).await;
        Ok(met)
    }

    fn later(&self, straggler: Straggler) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let at = state.requests + 1 + state.chance.below(40);
        state.stragglers.push((at, straggler));
    }
}

impl fmt::Display for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Storm({})", self.inner)
    }
}

fn lost(what: &str) -> Error {
    Error::Generic {
        store: "storm",
        source: format!("injected: {what}").into(),
    }
}

fn exists(path: &Path) -> Error {
    Error::AlreadyExists {
        path: path.to_string(),
        source: "injected".into(),
    }
}

#[async_trait]
impl ObjectStore for Storm {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let met = self.next("put", &OF_PUTS).await?;
        match met {
            Some(Trouble::FailBefore) => return Err(lost("the request is lost")),
            Some(Trouble::Phantom) => return Err(exists(at)),
            Some(Trouble::Late) => {
                self.later(Straggler::Put(at.clone(), payload.into(), options.mode));
                return Err(lost("timed out"));
            }
            Some(Trouble::Torn) => {
                let bytes = Bytes::from(payload);
                let half = bytes.slice(..bytes.len() / 2);
                let beside = Path::from(format!("{at}#1"));
                self.inner
                    .put_opts(&beside, half.into(), PutMode::Overwrite.into())
                    .await?;
                return Err(lost("torn"));
            }
            _ => {}
        }
        let answer = self.inner.put_opts(at, payload, options).await;
        match met {
            Some(Trouble::FailAfter) => Err(lost("the answer is lost")),
            Some(Trouble::Twice) => Err(exists(at)),
            _ => answer,
        }
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        match self.next("upload", &[Trouble::FailBefore]).await? {
            None => self.inner.put_multipart_opts(at, options).await,
            Some(_) => Err(lost("the upload is lost")),
        }
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        let head = options.head;
        let met = self.next("read", &OF_READS).await?;
        if met == Some(Trouble::FailBefore) || (met.is_some() && head) {
            return Err(lost("the read is lost"));
        }
        let found = self.inner.get_opts(at, options).await?;
        if met.is_none() {
            return Ok(found);
        }
        // It breaks off after half.
        let (meta, range, attributes) = (found.meta.clone(), found.range.clone(), found.attributes.clone());
        let extensions = found.extensions.clone();
        let bytes = found.bytes().await?;
        let half = bytes.slice(..bytes.len() / 2);
        let pieces = stream::iter([Ok(half), Err(lost("it breaks off"))]);
        Ok(GetResult {
            payload: GetResultPayload::Stream(pieces.boxed()),
            meta,
            range,
            attributes,
            extensions,
        })
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        paths
            .then(move |path| {
                let this = this.clone();
                async move {
                    let path = path?;
                    let met = this.next("delete", &OF_DELETES).await?;
                    if matches!(met, Some(Trouble::FailBefore | Trouble::Late)) {
                        return Err(lost("the request is lost"));
                    }
                    this.inner.delete(&path).await?;
                    if met.is_some() {
                        return Err(lost("the answer is lost"));
                    }
                    Ok(path)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (this, prefix) = (self.clone(), prefix.cloned());
        stream::once(async move {
            match this.next("list", &OF_READS).await {
                Err(e) => stream::iter([Err(e)]).boxed(),
                Ok(None) => this.inner.list(prefix.as_ref()),
                Ok(Some(_)) => {
                    // What comes first, and then no more.
                    let some = this.inner.list(prefix.as_ref()).take(2);
                    some.chain(stream::iter([Err(lost("it breaks off"))])).boxed()
                }
            }
        })
        .flatten()
        .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
