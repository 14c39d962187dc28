//! Figures about this process for Prometheus (text format 0.0.4). Counters are atomics that are read when somebody asks;
//! no label has a value that a client chooses.

mod text;

pub use text::Snapshot;

use crate::limits::Limit;
use http::{Method, StatusCode};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Who asks, as far as a path says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// pip, uv and their kin.
    Pip,
    /// apt.
    Apt,
    /// dnf, yum, zypper.
    Yum,
    /// The JSON API, and trusted publishing.
    Api,
    /// People.
    Pages,
    /// Machines that watch.
    Watch,
}

impl Group {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Pip,
        Self::Apt,
        Self::Yum,
        Self::Api,
        Self::Pages,
        Self::Watch,
    ];

    /// Its name in `/metrics`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Apt => "apt",
            Self::Yum => "yum",
            Self::Api => "api",
            Self::Pages => "pages",
            Self::Watch => "watch",
        }
    }

    /// The group of a path.
    pub fn of(path: &str) -> Self {
        let mut parts = path.trim_start_matches('/').split('/');
        match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
            ("api" | "_", _) => Self::Api,
            ("healthz" | "readyz" | "metrics", _) => Self::Watch,
            (_, "simple" | "files" | "legacy" | "pypi" | "pip.conf") => Self::Pip,
            (_, "apt") => Self::Apt,
            (_, "yum") => Self::Yum,
            _ => Self::Pages,
        }
    }
}

/// Upper bounds of the buckets of answers' times, in milliseconds.
pub const BOUNDS_MS: [u64; 7] = [5, 25, 100, 500, 2_500, 10_000, 60_000];
/// 1xx to 5xx.
const CLASSES: usize = 5;

/// How long answers took.
#[derive(Debug, Default)]
pub struct Durations {
    buckets: [AtomicU64; BOUNDS_MS.len() + 1],
    sum_us: AtomicU64,
}

impl Durations {
    fn add(&self, took: Duration) {
        let ms = took.as_millis();
        let bucket = BOUNDS_MS.iter().position(|bound| ms <= u128::from(*bound));
        more(&self.buckets[bucket.unwrap_or(BOUNDS_MS.len())], 1);
        more(&self.sum_us, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }
}

/// What is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [[AtomicU64; CLASSES]; Group::ALL.len()],
    reading: [Durations; Group::ALL.len()],
    writing: Durations,
    refused: [AtomicU64; Limit::ALL.len()],
    accepted: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
    token_failures: AtomicU64,
    store_errors: AtomicU64,
    handshake_failures: AtomicU64,
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, method: &Method, path: &str, status: StatusCode, took: Duration) {
        let group = Group::of(path);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES) - 1;
        more(&self.requests[group as usize][class], 1);
        if method.is_safe() {
            self.reading[group as usize].add(took);
        } else {
            self.writing.add(took);
        }
    }

    /// A limit was met.
    pub fn refused(&self, limit: Limit) {
        more(&self.refused[limit as usize], 1);
    }

    /// A connection was accepted.
    pub fn accepted(&self) {
        more(&self.accepted, 1);
    }

    /// Bytes came.
    pub fn received(&self, bytes: usize) {
        more(&self.received, bytes as u64);
    }

    /// Bytes went.
    pub fn sent(&self, bytes: usize) {
        more(&self.sent, bytes as u64);
    }

    /// A token was not good.
    pub fn token_failure(&self) {
        more(&self.token_failures, 1);
    }

    /// The store, the index or the disk failed.
    pub fn store_error(&self) {
        more(&self.store_errors, 1);
    }

    /// A TLS handshake failed.
    pub fn handshake_failure(&self) {
        more(&self.handshake_failures, 1);
    }
}

fn more(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_grouped_by_who_asks_for_such_paths() {
        for (path, group) in [
            ("/", Group::Pages),
            ("/main/", Group::Pages),
            ("/main@3/simple/x/", Group::Pip),
            ("/main/legacy/", Group::Pip),
            ("/main/apt/dists/any/InRelease", Group::Apt),
            ("/main/yum/any/repodata/repomd.xml", Group::Yum),
            ("/api/v1/channels", Group::Api),
            ("/_/oidc/audience", Group::Api),
            ("/metrics", Group::Watch),
        ] {
            assert_eq!(Group::of(path), group, "{path}");
        }
    }

    #[test]
    fn each_group_and_limit_counts_for_itself() {
        assert!(Group::ALL.iter().enumerate().all(|(i, g)| *g as usize == i));
        assert!(Limit::ALL.iter().enumerate().all(|(i, l)| *l as usize == i));
    }
}
