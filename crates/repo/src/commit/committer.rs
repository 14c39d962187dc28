//! The committer's thread and its queue.

use super::{Committed, Proposal, catch_up, draft::Draft, trees::Memory};
use crate::{RepoError, figures::Figures, keys::KeyRing, yard::Clock};
use packyard_index::{Index, IndexError};
use packyard_store::{Appended, Store, StoreError};
use packyard_types::Revision;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// Most proposals in one commit.
const BATCH: usize = 256;

/// How long after a failure the log is looked at again, unless somebody proposes something before.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

type Answer = Result<Committed, RepoError>;

/// A proposal and who waits for it.
struct Job {
    proposal: Proposal,
    answer: oneshot::Sender<Answer>,
}

/// What the committer's thread owns.
pub struct Committer {
    /// The store.
    pub store: Store,
    /// The only writing connection of this process.
    pub index: Index,
    /// The private keys that this node has.
    pub keys: Arc<KeyRing>,
    /// The time.
    pub clock: Clock,
    /// This node's name.
    pub node: String,
    /// The runtime that does the store's I/O.
    pub runtime: Handle,
    /// What is remembered from commit to commit.
    pub memory: Memory,
}

/// The way to the committer.
#[derive(Debug, Clone)]
pub struct CommitterHandle {
    jobs: mpsc::Sender<Job>,
    figures: Arc<Figures>,
}

impl CommitterHandle {
    /// Hands over a proposal and waits for what becomes of it.
    pub async fn commit(&self, proposal: Proposal) -> Answer {
        let _waiting = self.figures.wait()?;
        let (answer, wait) = oneshot::channel();
        self.jobs
            .send(Job { proposal, answer })
            .await
            .map_err(|_| RepoError::ShuttingDown)?;
        wait.await.map_err(|_| RepoError::ShuttingDown)?
    }

    /// What was done so far.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }
}

/// What waiting for a proposal ended with.
enum Waited {
    /// One is there.
    For(Job),
    /// None came in time.
    InVain,
    /// Nobody can propose anything any more.
    TheEnd,
}

/// One try at a commit ended without one.
enum Stop {
    /// Another writer has this number.
    Lost,
    /// It could not be done.
    Failed(RepoError),
}

impl From<IndexError> for Stop {
    fn from(e: IndexError) -> Self {
        Self::Failed(e.into())
    }
}

impl From<RepoError> for Stop {
    fn from(e: RepoError) -> Self {
        Self::Failed(e)
    }
}

impl From<StoreError> for Stop {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.into())
    }
}

impl Committer {
    /// Starts the thread. It ends when the last handle is dropped.
    pub fn start(mut self) -> Result<CommitterHandle, RepoError> {
        let (jobs, mut queue) = mpsc::channel::<Job>(BATCH);
        let figures = Arc::<Figures>::default();
        let seen = Arc::clone(&figures);
        let run = move || {
            let mut behind = false;
            loop {
                let first = match self.wait(&mut queue, behind) {
                    Waited::For(job) => job,
                    Waited::InVain => {
                        behind = self.look_again().is_err();
                        continue;
                    }
                    Waited::TheEnd => return,
                };
                let mut batch = vec![first];
                while batch.len() < BATCH
                    && let Ok(next) = queue.try_recv()
                {
                    batch.push(next);
                }
                seen.batch(batch.len());
                // A panic is a bug, and it ends one batch: its transaction is rolled back by the next one, its proposers
                // hear that nothing was answered, and the yard goes on.
                let served = catch_unwind(AssertUnwindSafe(|| self.serve(batch)));
                if served.is_err() {
                    tracing::error!("the committer panicked; the batch was not committed by this process");
                }
                let is_well = matches!(served, Ok(true));
                if is_well {
                    seen.committed();
                } else {
                    seen.failed();
                }
                behind = !is_well;
            }
        };
        let thread = std::thread::Builder::new().name("committer".to_owned());
        thread
            .spawn(run)
            .map_err(RepoError::io("starting the committer"))?;
        Ok(CommitterHandle { jobs, figures })
    }

    /// Waits for a proposal; for a moment only, where the index may be behind the log.
    fn wait(&self, queue: &mut mpsc::Receiver<Job>, behind: bool) -> Waited {
        let next = if behind {
            let soon = async { tokio::time::timeout(LOOK_AGAIN, queue.recv()).await };
            match self.runtime.block_on(soon) {
                Ok(next) => next,
                Err(_) => return Waited::InVain,
            }
        } else {
            queue.blocking_recv()
        };
        next.map_or(Waited::TheEnd, Waited::For)
    }

    /// Shows what is in the log and not in the index: when the disk is full, an entry may be written, and then there may
    /// be no room for its rows.
    fn look_again(&mut self) -> Result<(), RepoError> {
        let Self {
            store,
            index,
            runtime,
            ..
        } = self;
        index
            .transaction(|index| catch_up(index, store, runtime))
            .map(drop)
    }

    /// Whether all went well.
    fn serve(&mut self, batch: Vec<Job>) -> bool {
        let (proposals, waiting): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|j| (j.proposal, j.answer)).unzip();
        match self.commit(&proposals) {
            Ok(answers) => {
                for (answer, to) in answers.into_iter().zip(waiting) {
                    // Who asked may have gone; what was committed stays.
                    let _ = to.send(answer);
                }
                true
            }
            Err(e) => {
                self.fail(e, proposals, waiting);
                false
            }
        }
    }

    /// A failure of the whole batch. Each of several proposals gets a try of its own, so that one that cannot be done
    /// does not fail the others, and everybody hears their own error.
    fn fail(&mut self, error: RepoError, proposals: Vec<Proposal>, waiting: Vec<oneshot::Sender<Answer>>) {
        tracing::warn!(%error, "a commit of {} proposals failed: {error}", proposals.len());
        let alone = proposals.len() == 1;
        let mut error = Some(error);
        for (proposal, to) in proposals.into_iter().zip(waiting) {
            let answer = match error.take().filter(|_| alone) {
                Some(e) => Err(e),
                None => self
                    .commit(&[proposal])
                    .and_then(|mut one| one.pop().unwrap_or(Err(RepoError::ShuttingDown))),
            };
            let _ = to.send(answer);
        }
    }

    fn commit(&mut self, proposals: &[Proposal]) -> Result<Vec<Answer>, RepoError> {
        loop {
            match self.try_commit(proposals) {
                Ok(answers) => return Ok(answers),
                Err(Stop::Lost) => {
                    tracing::info!("another writer committed first; trying again on top of it");
                }
                Err(Stop::Failed(e)) => return Err(e),
            }
        }
    }

    fn try_commit(&mut self, proposals: &[Proposal]) -> Result<Vec<Answer>, Stop> {
        let Self {
            store,
            index,
            keys,
            clock,
            node,
            runtime,
            memory,
        } = self;
        index.transaction(|index| {
            catch_up(index, store, runtime)?;
            let mut draft = Draft::begin(&index.applied()?, clock(), node);
            let answers: Vec<Answer> = proposals.iter().map(|p| draft.add(index, p)).collect();
            if draft.is_empty() {
                return Ok(answers);
            }
            draft.advance_trees(index, store, runtime, keys, memory)?;
            let sealed = draft.seal(index)?;
            runtime.block_on(store.put_blob(sealed.pack.blob, sealed.pack.bytes.into()))?;
            let named: Vec<_> = sealed.named.iter().copied().collect();
            if let Some(digest) = runtime.block_on(store.missing_blobs(&named))?.first() {
                let error = StoreError::Unavailable {
                    operation: "find",
                    object: format!("blob {digest}"),
                    reason: "it was given up while it was published; send it again".to_owned(),
                };
                return Err(Stop::Failed(error.into()));
            }
            let entry = sealed.entry.clone();
            match runtime.block_on(store.append(sealed.commit.n, &sealed.commit.txn, entry.into()))? {
                Appended::Ours => {
                    index.apply_commit(&sealed.commit, &packyard_types::Blob::of(&sealed.entry))?;
                    let Revision(n) = sealed.commit.n;
                    tracing::info!(revision = n, "committed revision {n}");
                    for digest in sealed.doomed.difference(&sealed.named) {
                        if let Err(e) = runtime.block_on(store.delete_blob(digest)) {
                            // It is gone for everybody who asks. What was purged is tried again (`Yard::sweep_purged`);
                            // what was retired takes up room.
                            tracing::error!(error = %e, "blob {digest} could not be deleted: {e}");
                        }
                    }
                    Ok(answers)
                }
                Appended::Theirs(_) => Err(Stop::Lost),
            }
        })
    }
}
