//! How many files and connections this process may have open. The soft limit that systems begin with, 1024 nearly
//! everywhere, is for programs that use select(2), which this is none; it is raised to the hard one.

use crate::limits::Traffic;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the server has open beside its connections, and what uploads and downloads have, with much to spare.
const BESIDE: u64 = 512;

/// Raises the limit as far as this process may, and says so where it is too low for the connections that are let in.
pub fn raise_limit(traffic: &Traffic) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        if let Err(e) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(error = %e, "the limit of open files cannot be raised: {e}");
        }
    }
    let connections = u64::from(traffic.connections.get());
    if let Some(may) = getrlimit(Resource::Nofile).current
        && may < connections + BESIDE
    {
        tracing::warn!(
            "{may} files may be open, which is too few for {connections} connections: raise LimitNOFILE (ulimit -Hn), or \
             lower `connections`"
        );
    }
}
