//! A yard: one data directory, opened.

mod to_read;

use crate::{
    DataDir, RepoError,
    access::NewToken,
    commit::{Committed, Committer, CommitterHandle, Memory, Proposal, PublicUrl, catch_up, rebuild},
    data_dir::Lock,
    keys::{KeyRing, KeySet},
    last_use::LastUse,
    oidc::Issuers,
    python::Pages,
    reading::{Readers, TreeCache, located_blob},
    recent::{Recent, Seen},
    upstream::Upstreams,
};
use bytes::Bytes;
use packyard_index::{Applied, Index};
use packyard_store::{Meta, Store};
use packyard_types::{
    Actor, At, Change, ChannelName, ChannelRef, ChannelSettings, ChannelSpec, Digest, Operation, Revision,
    Timestamp, TokenGrant, TokenId, Tree,
};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Where the time comes from: the clock in `cli` and `server`, a fixed one in tests.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The format of the data directory that this version writes.
const FORMAT: u32 = 1;

/// What is needed to open a yard.
#[derive(Clone)]
pub struct OpenYard {
    /// The data directory.
    pub dir: DataDir,
    /// The time.
    pub clock: Clock,
    /// This node's name, as the log records it.
    pub node: String,
    /// Signing keys that somebody else keeps (a CI system's secret): they are used, and never written to the disk.
    /// With none, those of the directory are, and a new yard gets new ones.
    pub keys: Option<KeySet>,
}

/// An open yard. Cheap to clone; the committer ends with the last clone.
#[derive(Clone)]
pub struct Yard {
    inner: Arc<Inner>,
}

struct Inner {
    dir: DataDir,
    clock: Clock,
    store: Store,
    keys: Arc<KeyRing>,
    readers: Readers,
    trees: Arc<TreeCache>,
    public_url: Arc<PublicUrl>,
    pages: Pages,
    upstreams: Upstreams,
    issuers: Issuers,
    recent: Recent,
    seen: Seen,
    last_use: LastUse,
    /// None in a process that only reads.
    committer: Option<CommitterHandle>,
    _in_use: Lock,
}

impl Yard {
    /// Opens the yard in a data directory: brings the index up to the log, and founds a new yard where the log is empty
    /// (channel `main`, signing keys, an administrator's token).
    pub async fn open(options: OpenYard) -> Result<Self, RepoError> {
        options.dir.create()?;
        let store = Store::open_local(options.dir.root()).await?;
        Self::over(options, store).await
    }

    /// As [`Yard::open`], with the log and the blobs in another store, which is first shown to create atomically
    /// (a local disk does: a hard link is made or it is not).
    pub async fn open_over(options: OpenYard, store: Store) -> Result<Self, RepoError> {
        options.dir.create()?;
        store.probe_atomic_create().await?;
        Self::over(options, store).await
    }

    async fn over(options: OpenYard, store: Store) -> Result<Self, RepoError> {
        let dir = options.dir.clone();
        let yard = {
            let _founding = dir.lock_for_opening()?;
            let head = store.log_head().await?;
            if head > Revision(0) && store.meta().await?.is_none() {
                let reason = format!("it is missing, and the log has {head} entries");
                return Err(RepoError::Damaged {
                    what: "`meta.json`".to_owned(),
                    reason,
                });
            }
            store
                .meta_or_create(Meta {
                    format: FORMAT,
                    yard: new_id(),
                })
                .await?;
            let keys = Self::keys(&options, head == Revision(0)).await?;
            let yard = Self::start(options, store, keys).await?;
            yard.complete(head).await?;
            yard.found().await?;
            yard
        };
        Ok(yard)
    }

    async fn keys(options: &OpenYard, fresh: bool) -> Result<KeyRing, RepoError> {
        let (dir, at) = (options.dir.keys(), (options.clock)());
        let given = options.keys.clone();
        let work = move || -> Result<KeyRing, RepoError> {
            let failed = |e: crate::keys::KeysError| RepoError::Keys(e.to_string());
            let loaded = KeySet::load(&dir).map_err(failed)?;
            if let Some(given) = given {
                return match loaded {
                    Some(loaded) if !loaded.meets(&given) => Err(other_keys(&dir.display().to_string())),
                    loaded => {
                        let held = loaded.unwrap_or_default().with(&given);
                        Ok(KeyRing::new(dir, held, true))
                    }
                };
            }
            if loaded.is_some() || !fresh {
                return Ok(KeyRing::new(dir, loaded.unwrap_or_default(), false));
            }
            let keys = KeySet::generate(&mut rand::thread_rng(), at, "packyard").map_err(failed)?;
            keys.save(&dir).map_err(failed)?;
            Ok(KeyRing::new(dir, keys, false))
        };
        blocking(work).await
    }

    async fn start(options: OpenYard, store: Store, keys: KeyRing) -> Result<Self, RepoError> {
        let keys = Arc::new(keys);
        let OpenYard { dir, clock, node, .. } = options;
        let (path, runtime) = (dir.index(), Handle::current());
        let (log, rt) = (store.clone(), runtime.clone());
        let index = blocking(move || -> Result<Index, RepoError> {
            let mut index = Index::open(&path)?;
            index.transaction(|index| catch_up(index, &log, &rt))?;
            Ok(index)
        })
        .await?;
        let in_use = dir.lock_for_use()?;
        let trees = Arc::<TreeCache>::default();
        let public_url = Arc::<PublicUrl>::default();
        let (store2, keys2, clock2) = (store.clone(), Arc::clone(&keys), Arc::clone(&clock));
        let committer = Committer {
            store: store2,
            index,
            keys: keys2,
            clock: clock2,
            node,
            runtime,
            memory: Memory {
                trees: Arc::clone(&trees),
                public_url: Arc::clone(&public_url),
                ..Memory::default()
            },
        }
        .start()?;
        Ok(Self::of(
            dir,
            clock,
            store,
            keys,
            Some(committer),
            trees,
            public_url,
            in_use,
        ))
    }

    #[allow(clippy::too_many_arguments)]
    fn of(
        dir: DataDir,
        clock: Clock,
        store: Store,
        keys: Arc<KeyRing>,
        committer: Option<CommitterHandle>,
        trees: Arc<TreeCache>,
        public_url: Arc<PublicUrl>,
        in_use: Lock,
    ) -> Self {
        let readers = Readers::new(dir.index());
        let inner = Inner {
            last_use: LastUse::open(dir.last_use(), committer.is_some()),
            dir,
            clock,
            store,
            keys,
            readers,
            trees,
            public_url,
            pages: Pages::default(),
            upstreams: Upstreams::default(),
            issuers: Issuers::default(),
            recent: Recent::default(),
            seen: Seen::default(),
            committer,
            _in_use: in_use,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Whether the index shows all of the log, and no more: `before` was its end before the index caught up. Anything
    /// else is a hole that nothing may be written into.
    async fn complete(&self, before: Revision) -> Result<(), RepoError> {
        let shown = self.applied()?.revision;
        let after = self.store().log_head().await?;
        if (before..=after).contains(&shown) {
            return Ok(());
        }
        let reason = format!("it ends at entry {after}, and the index shows revision {shown}");
        Err(RepoError::Damaged {
            what: "the log".to_owned(),
            reason,
        })
    }

    /// What every yard has: its keys in the log, channel `main`, an administrator's token. Each is looked for by itself,
    /// so that a yard whose founding was cut off is founded to the end.
    async fn found(&self) -> Result<(), RepoError> {
        let held = self.inner.keys.held();
        match self.read(|index| Ok(index.keys()?))? {
            Some(known) if !held.is_empty() && !crate::rotation::concern(&held, &known)? => {
                return Err(other_keys("the log"));
            }
            Some(_) => {}
            None => {
                let founding = held.founding().ok_or_else(|| self.no_keys())?;
                self.change(Operation::Keys(founding), "the yard's first signing keys")
                    .await?;
            }
        }
        if self.read(|index| Ok(index.channel_names()?))?.is_empty() {
            let (channel, settings) = (ChannelName::main(), ChannelSettings::of_main());
            self.change(Operation::Configure { channel, settings }, "the first channel")
                .await?;
        }
        if !self.inner.dir.admin_token().exists() && !held.is_empty() {
            let token = NewToken::generate();
            let grant = TokenGrant {
                id: TokenId::parse(&format!("admin-{}", &token.hash.0.to_string()[..8]))?,
                hash: token.hash,
                can: packyard_types::Permissions::admin(),
                channels: "*".to_owned(),
                projects: "*".to_owned(),
                expires: None,
                networks: Vec::new(),
            };
            self.change(
                Operation::Grant(grant),
                "the administrator's token of this data directory",
            )
            .await?;
            self.inner.dir.write_admin_token(&token.text)?;
        }
        Ok(())
    }

    async fn change(&self, operation: Operation, note: &str) -> Result<Committed, RepoError> {
        let change = Change {
            actor: Actor::local(),
            sender: packyard_types::Sender::default(),
            at: self.now(),
            note: Some(note.to_owned()),
            operation,
        };
        self.commit(Proposal::of(change)).await
    }

    pub(crate) fn committer(&self) -> Option<&CommitterHandle> {
        self.inner.committer.as_ref()
    }

    /// Commits a change.
    pub async fn commit(&self, proposal: Proposal) -> Result<Committed, RepoError> {
        let committer = self.inner.committer.as_ref().ok_or_else(|| self.only_read())?;
        let done = committer.commit(proposal).await?;
        self.inner.seen.note(done.revision, self.now());
        Ok(done)
    }

    /// Becomes the one server of the data directory, and clears what dead processes left in `tmp`.
    pub async fn lock_for_serving(dir: &DataDir) -> Result<Lock, RepoError> {
        dir.create()?;
        let lock = dir.lock_for_serving()?;
        // While another process is at work here, what it is writing looks like what a dead one has left.
        if let Some(_alone) = dir.lock_alone()? {
            dir.sweep()?;
            let store = Store::open_local(dir.root()).await?;
            store.sweep().await?;
            crate::drafts::release_orphans(&store).await?;
        }
        Ok(lock)
    }

    /// Throws the index away and replays the log into a new one.
    pub async fn reindex(&self) -> Result<Revision, RepoError> {
        let (path, store, runtime) = (
            self.inner.dir.index(),
            self.inner.store.clone(),
            Handle::current(),
        );
        blocking(move || {
            let mut index = Index::open(&path)?;
            index.transaction(|index| rebuild(index, &store, &runtime))
        })
        .await
    }

    /// The data directory.
    pub fn dir(&self) -> &DataDir {
        &self.inner.dir
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    /// Under which URL the yard is served, where that was said.
    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.inner.public_url
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What is known of other indexes.
    pub(crate) fn upstreams(&self) -> &Upstreams {
        &self.inner.upstreams
    }

    /// What is known of OIDC issuers.
    pub(crate) fn issuers(&self) -> &Issuers {
        &self.inner.issuers
    }

    /// The private keys that this node has.
    pub(crate) fn key_ring(&self) -> &KeyRing {
        &self.inner.keys
    }

    /// The pages of the pip view that are kept.
    pub(crate) fn pages(&self) -> &Pages {
        &self.inner.pages
    }

    /// When tokens were last used.
    pub(crate) fn last_use(&self) -> &LastUse {
        &self.inner.last_use
    }

    /// What every request asks for.
    pub(crate) fn recent(&self) -> &Recent {
        &self.inner.recent
    }

    /// The revision that the index shows, as it was a moment ago or as this process has made it since: what every request
    /// asks for first.
    pub fn newest(&self) -> Result<Revision, RepoError> {
        let now = self.now();
        match self.inner.seen.just_now(now) {
            Some(revision) => Ok(revision),
            None => {
                let revision = self.read(|index| Ok(index.revision()?))?;
                Ok(self.inner.seen.note(revision, now))
            }
        }
    }

    /// How far the index has come.
    pub fn applied(&self) -> Result<Applied, RepoError> {
        self.read(|index| Ok(index.applied()?))
    }

    /// The revision that a URL or a command means. One that has not been made is not there yet: what is answered as of
    /// it would change with it. One that was pruned is gone.
    pub fn resolve(&self, spec: &ChannelSpec) -> Result<ChannelRef, RepoError> {
        let channel = spec.channel.clone();
        let Some(at) = &spec.at else {
            return Ok(ChannelRef::now(channel));
        };
        self.read(|index| {
            let newest = index.applied()?.revision;
            let missing = |what: String, nearest| Err(RepoError::NotFound { what, nearest });
            let tags = index.tags(&channel)?;
            let n = match at {
                At::Revision(n) if *n > newest || n.0 == 0 => {
                    return missing(format!("revision {n}"), Some(newest.to_string()));
                }
                At::Revision(n) => *n,
                At::Tag(tag) => match tags.iter().find(|(name, _)| name == tag) {
                    Some((_, n)) => *n,
                    None => {
                        let names = tags.iter().map(|(name, _)| name.to_string());
                        let what = format!("tag `{tag}` in channel `{channel}`");
                        return missing(what, crate::error::nearest(tag.as_str(), names));
                    }
                },
                At::Time(time) => match index.revision_at(*time)? {
                    Some(n) => n,
                    None => return missing(format!("revision as early as {time}"), Some("1".to_owned())),
                },
            };
            if let Some(since) = index.channel_since(&channel)?.filter(|since| n < *since) {
                let what = format!(
                    "revision {n} of channel `{channel}`, which came into being with revision {since}"
                );
                return missing(what, Some(since.to_string()));
            }
            let floor = index.floor(&channel)?;
            if n < floor && !tags.iter().any(|(_, tagged)| *tagged == n) {
                return Err(RepoError::Gone {
                    what: format!("revision {n} of channel `{channel}`"),
                    revision: floor,
                    reason: "it was pruned; the channel keeps what is newer, and what is tagged".to_owned(),
                });
            }
            let at = Some(n);
            Ok(ChannelRef { channel, at })
        })
    }

    /// `Last-Modified` of what is made from the whole index.
    pub fn modified(&self) -> Result<Timestamp, RepoError> {
        self.read(|index| Ok(index.modified(index.applied()?.revision)?))
    }

    /// Asks the index. Queries are short; long ones belong in [`Yard::read_blocking`].
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Index) -> Result<T, RepoError>) -> Result<T, RepoError> {
        self.inner.readers.with(ask)
    }

    /// Asks the index off the async threads.
    pub(crate) async fn read_blocking<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Index) -> Result<T, RepoError> + Send + 'static,
    ) -> Result<T, RepoError> {
        let yard = self.clone();
        blocking(move || yard.read(ask)).await
    }

    /// A blob that fits in memory: facts, a chunk, a tree, METADATA.
    pub(crate) async fn small_blob(&self, digest: &Digest) -> Result<Bytes, RepoError> {
        let packed = self.read(|index| Ok(index.packed(digest)?))?;
        located_blob(&self.inner.store, digest, packed).await
    }

    /// A chunk of an index file.
    pub(crate) async fn chunk(&self, digest: &Digest) -> Result<Bytes, RepoError> {
        let chunks = &self.inner.trees.chunks;
        if let Some(bytes) = chunks.get(digest) {
            return Ok(bytes);
        }
        let bytes = self.small_blob(digest).await?;
        chunks.keep(*digest, &bytes);
        Ok(bytes)
    }

    /// A tree.
    pub(crate) async fn tree(&self, digest: &Digest) -> Result<Arc<Tree>, RepoError> {
        if let Some(tree) = self.inner.trees.get(digest) {
            return Ok(tree);
        }
        let json = self.small_blob(digest).await?;
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("tree {digest}"),
            reason: e.to_string(),
        };
        let tree: Arc<Tree> = Arc::new(serde_json::from_slice(&json).map_err(damaged)?);
        self.inner.trees.put(*digest, Arc::clone(&tree));
        Ok(tree)
    }
}

/// Runs work that blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RepoError> + Send + 'static,
) -> Result<T, RepoError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| RepoError::ShuttingDown)?
}

/// Signing with other keys than before would break every client.
fn other_keys(place: &str) -> RepoError {
    RepoError::Keys(format!(
        "the signing keys that were given are not those of this yard, which are in {place}"
    ))
}

fn new_id() -> String {
    packyard_types::TxnId::from_random(rand::random()).to_string()
}
