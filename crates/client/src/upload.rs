//! Blobs on their way to a yard: a few at a time, and none that is there already.

use crate::{Api, ClientError};
use packyard_types::{ChannelName, Digest};
use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// How many are sent at a time.
const IN_FLIGHT: usize = 4;

impl Api {
    /// Puts files under their digests. `sent` hears of each one that has arrived. After an error no further one is
    /// begun; what has arrived stays, so that the same again sends the rest.
    pub fn upload(
        &self,
        channel: &ChannelName,
        files: &[(Digest, &Path)],
        sent: &(dyn Fn(&Path) + Sync),
    ) -> Result<(), ClientError> {
        let queue = Mutex::new(files.iter());
        let failed = AtomicBool::new(false);
        let next = || {
            let mut queue = queue.lock().ok()?;
            queue.next().filter(|_| !failed.load(Ordering::Relaxed))
        };
        let work = || -> Result<(), ClientError> {
            while let Some((digest, path)) = next() {
                if let Err(e) = self.put_blob(channel, digest, path) {
                    failed.store(true, Ordering::Relaxed);
                    return Err(e);
                }
                sent(path);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..IN_FLIGHT.min(files.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let ended = workers
                .into_iter()
                .map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            // All of them are waited for; the first error is the one to report.
            ended.fold(Ok(()), Result::and)
        })
    }
}
