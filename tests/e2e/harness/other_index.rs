//! Somebody else's package index, which does what a test tells it: answers in JSON or in HTML, hangs, lies, goes away.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::sha256;

/// In which form pages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Json,
    Html,
}

/// A file: what the page says of it, and what is sent.
#[derive(Clone)]
struct Offered {
    digest: String,
    size: usize,
    metadata: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

struct State {
    pages: Pages,
    away: bool,
    /// What is in the path of a request that is never answered.
    hangs: Option<String>,
    /// How long is waited after each tenth of a file.
    pause: Duration,
    projects: BTreeMap<String, BTreeMap<String, Offered>>,
    asked: Vec<String>,
}

/// The index. It listens until the test process ends.
pub struct OtherIndex {
    url: String,
    state: Arc<Mutex<State>>,
}

impl OtherIndex {
    /// One that has nothing.
    pub fn new(pages: Pages) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            pages,
            away: false,
            hangs: None,
            pause: Duration::ZERO,
            projects: BTreeMap::new(),
            asked: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                let state = Arc::clone(&shared);
                thread::spawn(move || {
                    // Who hangs up before the end is nobody's fault.
                    let _ = answer(client, &state);
                });
            }
        });
        Self { url, state }
    }

    /// The root of its simple pages.
    pub fn simple(&self) -> String {
        format!("{}/simple/", self.url)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }

    /// Offers a file of a project.
    pub fn offers(&self, project: &str, file: &Path) {
        self.sends(project, file, |_| {});
    }

    /// Offers a file, and sends it changed.
    pub fn sends(&self, project: &str, file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = std::fs::read(file).unwrap();
        let (digest, size) = (sha256(&bytes), bytes.len());
        change(&mut bytes);
        let offered = Offered {
            digest,
            size,
            metadata: None,
            bytes,
        };
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        self.with(|s| {
            s.projects
                .entry(project.to_owned())
                .or_default()
                .insert(name, offered)
        });
    }

    /// Says that there is metadata beside a file, with this digest.
    pub fn has_metadata(&self, project: &str, filename: &str, metadata: &[u8]) {
        self.with(|s| {
            let file = s.projects.get_mut(project).unwrap().get_mut(filename).unwrap();
            file.metadata = Some(metadata.to_vec());
        });
    }

    /// Whether it hangs up on everybody.
    pub fn is_away(&self, away: bool) {
        self.with(|s| s.away = away);
    }

    /// Lets every request hang whose path contains this.
    pub fn hangs(&self, path: Option<&str>) {
        self.with(|s| s.hangs = path.map(str::to_owned));
    }

    /// Sends files in ten pieces, with a pause after each.
    pub fn pauses(&self, pause: Duration) {
        self.with(|s| s.pause = pause);
    }

    /// The paths that were asked for and contain a word.
    pub fn asked(&self, word: &str) -> Vec<String> {
        self.with(|s| {
            s.asked
                .iter()
                .filter(|path| path.contains(word))
                .cloned()
                .collect()
        })
    }
}

fn answer(mut client: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while lines.read_line(&mut head)? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (away, hangs) = {
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        (
            state.away,
            state.hangs.as_ref().is_some_and(|word| path.contains(word)),
        )
    };
    if hangs {
        // Longer than anybody waits, and shorter than the tests take.
        thread::sleep(Duration::from_mins(2));
    }
    if away || hangs {
        return Ok(());
    }
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (found, pause) = {
        let state = state.lock().unwrap();
        let found = match parts[..] {
            ["simple", project] => state
                .projects
                .get(project)
                .map(|files| page(project, files, state.pages)),
            ["files", project, file] => body(&state, project, file),
            _ => None,
        };
        (found, state.pause)
    };
    let Some((kind, bytes)) = found else {
        return write!(
            client,
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    };
    let tag = sha256(&bytes);
    if head.to_lowercase().contains(&format!("if-none-match: \"{tag}\"")) {
        return write!(
            client,
            "HTTP/1.1 304 Not Modified\r\netag: \"{tag}\"\r\nconnection: close\r\n\r\n"
        );
    }
    let size = bytes.len();
    write!(
        client,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\netag: \"{tag}\"\r\ncache-control: max-age=1\r\ncontent-length: {size}\r\n\
         connection: close\r\n\r\n"
    )?;
    for piece in bytes.chunks(size.div_ceil(10).max(1)) {
        client.write_all(piece)?;
        thread::sleep(pause);
    }
    Ok(())
}

fn body(state: &State, project: &str, file: &str) -> Option<(&'static str, Vec<u8>)> {
    let files = state.projects.get(project)?;
    let bytes = match file.strip_suffix(".metadata") {
        Some(whole) => files.get(whole)?.metadata.clone()?,
        None => files.get(file)?.bytes.clone(),
    };
    Some(("application/octet-stream", bytes))
}

fn page(project: &str, files: &BTreeMap<String, Offered>, pages: Pages) -> (&'static str, Vec<u8>) {
    if pages == Pages::Html {
        let link = |(name, file): (&String, &Offered)| {
            let metadata = file.metadata.as_deref().map(sha256);
            let metadata = metadata.map_or(String::new(), |d| {
                format!(" data-dist-info-metadata=\"sha256={d}\"")
            });
            let digest = &file.digest;
            format!("<a href=\"../../files/{project}/{name}#sha256={digest}\"{metadata}>{name}</a><br>\n")
        };
        let links: String = files.iter().map(link).collect();
        return (
            "text/html; charset=utf-8",
            format!("<!DOCTYPE html><body>\n{links}</body>").into_bytes(),
        );
    }
    let entry = |(name, file): (&String, &Offered)| {
        let metadata = file.metadata.as_deref().map(sha256);
        serde_json::json!({
            "filename": name, "url": format!("../../files/{project}/{name}"), "hashes": {"sha256": file.digest},
            "size": file.size, "upload-time": "2024-05-01T00:00:00.000000Z",
            "core-metadata": metadata.map_or(serde_json::json!(false), |d| serde_json::json!({"sha256": d})),
        })
    };
    let files: Vec<_> = files.iter().map(entry).collect();
    let page = serde_json::json!({"meta": {"api-version": "1.1"}, "name": project, "files": files});
    (
        "application/vnd.pypi.simple.v1+json",
        page.to_string().into_bytes(),
    )
}
