//! A line between a client and the server that breaks where a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::Yard;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does its answer.
    Passes,
    /// The line breaks in the middle of it.
    BreaksOff,
    /// It arrives, and its answer is lost.
    LosesAnswer,
    /// Something between says that the server is busy.
    Busy,
}

/// A proxy that decides the fate of each request. It listens until the test process ends.
pub struct BadLine {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl BadLine {
    /// Stands before a yard. `fate` is told the method and path of a request, and how often it has been made before.
    pub fn new(yard: &Yard, fate: impl Fn(&str, usize) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (upstream, fate) = (yard.authority().to_owned(), Arc::new(fate));
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                let (upstream, fate, log) = (upstream.clone(), Arc::clone(&fate), Arc::clone(&log));
                thread::spawn(move || {
                    let _ = exchange(client, &upstream, &log, &*fate);
                });
            }
        });
        Self { url, seen }
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests that were begun, as `PUT /path`, whose path contains a word.
    pub fn requests(&self, word: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|r| r.contains(word)).cloned().collect()
    }
}

fn exchange(
    mut client: TcpStream,
    upstream: &str,
    log: &Mutex<Vec<String>>,
    fate: &dyn Fn(&str, usize) -> Fate,
) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if from_client.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        head.push(line);
    }
    let request = head[0].split(' ').take(2).collect::<Vec<_>>().join(" ");
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|r| **r == request).count();
        log.push(request.clone());
        before
    };
    let fate = fate(&request, before);
    if fate == Fate::Busy {
        return client.write_all(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    let waits = |line: &String| line.to_ascii_lowercase().starts_with("expect:");
    if head.iter().any(waits) {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut server = TcpStream::connect(upstream)?;
    for line in head.iter().filter(|line| !waits(line)) {
        server.write_all(line.as_bytes())?;
    }
    server.write_all(b"Connection: close\r\n\r\n")?;
    if fate == Fate::BreaksOff {
        let mut some = [0; 100];
        let n = from_client.read(&mut some)?;
        server.write_all(&some[..n])?;
        server.shutdown(Shutdown::Both)?;
        return client.shutdown(Shutdown::Both);
    }
    let mut to_server = server.try_clone()?;
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if fate == Fate::Passes {
        client.write_all(&answer)?;
    }
    client.shutdown(Shutdown::Both)
}
