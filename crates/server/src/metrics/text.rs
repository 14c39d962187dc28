//! The figures as text.

use super::{BOUNDS_MS, Durations, Group, Metrics};
use crate::limits::Limit;
use packyard_repo::Figures;
use packyard_types::Revision;
use std::{
    fmt::{Display, Write},
    sync::atomic::{AtomicU64, Ordering},
};

/// All figures at one moment.
pub struct Snapshot<'a> {
    /// What this process counted.
    pub metrics: &'a Metrics,
    /// What the committer did.
    pub figures: &'a Figures,
    /// Open connections.
    pub connections: usize,
    /// Uploads that are being taken.
    pub uploads: usize,
    /// The newest revision that is served.
    pub revision: Revision,
    /// How many log entries are not served yet.
    pub lag: u64,
}

impl Display for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut page = Page(String::new());
        self.traffic(&mut page);
        self.yard(&mut page);
        f.write_str(&page.0)
    }
}

impl Snapshot<'_> {
    fn traffic(&self, page: &mut Page) {
        let m = self.metrics;
        page.family("packyard_requests_total", "counter", "Requests answered.");
        for group in Group::ALL {
            for (class, count) in m.requests[group as usize].iter().enumerate() {
                let labels = format!("{{group=\"{}\",status=\"{}xx\"}}", group.as_str(), class + 1);
                page.line("packyard_requests_total", &labels, get(count));
            }
        }
        let name = "packyard_answer_seconds";
        page.family(
            name,
            "histogram",
            "Time until an answer began, of requests that read.",
        );
        for group in Group::ALL {
            let label = format!("group=\"{}\"", group.as_str());
            page.histogram(name, &label, &m.reading[group as usize]);
        }
        let name = "packyard_change_seconds";
        page.family(
            name,
            "histogram",
            "Time until an answer began, of uploads and other changes.",
        );
        page.histogram(name, "", &m.writing);
        let name = "packyard_refused_total";
        page.family(
            name,
            "counter",
            "Requests and connections that met a limit, by limit.",
        );
        for limit in Limit::ALL {
            let labels = format!("{{limit=\"{}\"}}", limit.as_str());
            page.line(name, &labels, get(&m.refused[limit as usize]));
        }
        page.one(
            "packyard_connections",
            "gauge",
            "Open connections.",
            self.connections,
        );
        page.one(
            "packyard_connections_total",
            "counter",
            "Connections accepted.",
            get(&m.accepted),
        );
        page.one(
            "packyard_uploads",
            "gauge",
            "Uploads that are being taken in.",
            self.uploads,
        );
        page.one(
            "packyard_received_bytes_total",
            "counter",
            "Bytes that came from clients.",
            get(&m.received),
        );
        page.one(
            "packyard_sent_bytes_total",
            "counter",
            "Bytes that went to clients.",
            get(&m.sent),
        );
        page.one(
            "packyard_token_failures_total",
            "counter",
            "Requests with a token that is not good.",
            get(&m.token_failures),
        );
        page.one(
            "packyard_handshake_failures_total",
            "counter",
            "TLS handshakes that failed.",
            get(&m.handshake_failures),
        );
        page.one(
            "packyard_store_errors_total",
            "counter",
            "Requests that failed for the store, the index or the disk.",
            get(&m.store_errors),
        );
    }

    fn yard(&self, page: &mut Page) {
        let f = self.figures;
        page.one(
            "packyard_revision",
            "gauge",
            "The newest revision that is served.",
            self.revision,
        );
        page.one(
            "packyard_index_lag",
            "gauge",
            "Log entries that are not served yet; at most 16 are counted.",
            self.lag,
        );
        page.one(
            "packyard_commit_queue",
            "gauge",
            "Changes that wait to be committed.",
            f.waiting(),
        );
        page.one(
            "packyard_commits_total",
            "counter",
            "Commits by this process.",
            f.commits(),
        );
        page.one(
            "packyard_commit_failures_total",
            "counter",
            "Commits that could not be made.",
            f.failures(),
        );
        let name = "packyard_commit_batch";
        page.family(
            name,
            "histogram",
            "Changes that were proposed together, by batch.",
        );
        let mut below = 0;
        for (bound, count) in f.batches() {
            below += count;
            let bound = bound.map_or("+Inf".to_owned(), |b| b.to_string());
            page.line(&format!("{name}_bucket"), &format!("{{le=\"{bound}\"}}"), below);
        }
        page.line(&format!("{name}_sum"), "", f.proposed());
        page.line(&format!("{name}_count"), "", below);
    }
}

/// The text so far.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.line(name, "", value);
    }

    fn histogram(&mut self, name: &str, label: &str, durations: &Durations) {
        let comma = if label.is_empty() { "" } else { "," };
        let braced = if label.is_empty() {
            String::new()
        } else {
            format!("{{{label}}}")
        };
        let mut below = 0;
        for (i, count) in durations.buckets.iter().enumerate() {
            below += get(count);
            let bound = BOUNDS_MS
                .get(i)
                .map_or("+Inf".to_owned(), |ms| thousandths(*ms, 3));
            let labels = format!("{{{label}{comma}le=\"{bound}\"}}");
            self.line(&format!("{name}_bucket"), &labels, below);
        }
        let sum = thousandths(get(&durations.sum_us), 6);
        self.line(&format!("{name}_sum"), &braced, sum);
        self.line(&format!("{name}_count"), &braced, below);
    }
}

/// A number of units of 10^-digits as a decimal number without needless zeros.
fn thousandths(n: u64, digits: usize) -> String {
    let whole = format!("{n:0>width$}", width = digits + 1);
    let (before, after) = whole.split_at(whole.len() - digits);
    match after.trim_end_matches('0') {
        "" => before.to_owned(),
        after => format!("{before}.{after}"),
    }
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Method, StatusCode};
    use std::time::Duration;

    #[test]
    fn a_snapshot_says_what_was_counted() {
        let metrics = Metrics::default();
        let figures = Figures::default();
        let took = Duration::from_millis(30);
        metrics.answered(&Method::GET, "/main/simple/", StatusCode::OK, took);
        metrics.answered(&Method::GET, "/main/simple/x/", StatusCode::NOT_FOUND, took);
        metrics.refused(Limit::Uploads);
        let text = Snapshot {
            metrics: &metrics,
            figures: &figures,
            connections: 3,
            uploads: 0,
            revision: Revision(7),
            lag: 0,
        }
        .to_string();
        for line in [
            "packyard_requests_total{group=\"pip\",status=\"2xx\"} 1",
            "packyard_requests_total{group=\"pip\",status=\"4xx\"} 1",
            "packyard_answer_seconds_bucket{group=\"pip\",le=\"0.025\"} 0",
            "packyard_answer_seconds_bucket{group=\"pip\",le=\"0.1\"} 2",
            "packyard_answer_seconds_bucket{group=\"pip\",le=\"+Inf\"} 2",
            "packyard_answer_seconds_sum{group=\"pip\"} 0.06",
            "packyard_change_seconds_count 0",
            "packyard_refused_total{limit=\"uploads\"} 1",
            "packyard_connections 3",
            "packyard_revision 7",
        ] {
            assert!(text.lines().any(|l| l == line), "no `{line}` in\n{text}");
        }
    }
}
