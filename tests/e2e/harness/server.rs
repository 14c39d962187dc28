//! A `packyard` process that keeps serving: `serve` or `up`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Outcome, eventually, packyard_command, run, through};

/// One serving process. It is killed by its id when the value is dropped; when a test fails,
/// everything that it printed is shown.
pub struct Server {
    child: Child,
    stdout: Arc<Mutex<Vec<String>>>,
    stderr: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts `packyard` with these arguments; does not wait for anything.
    pub fn spawn(args: &[&str]) -> Self {
        Self::of(&mut packyard_command(args))
    }

    /// The same by a command that ends in `packyard` itself, so that the process stays the same.
    pub fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Waits for the first line on stdout whose part after `marker` starts with an address, and
    /// gives `http://ADDR:PORT`.
    #[track_caller]
    pub fn address(&mut self, marker: &str) -> String {
        let line = self.line(marker);
        let rest = &line[line.find(marker).unwrap() + marker.len()..];
        let url = rest.trim_start_matches("http://");
        let end = url
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(url.len());
        format!("http://{}", &url[..end])
    }

    /// Waits for the first line on stdout that contains `text`.
    #[track_caller]
    pub fn line(&mut self, text: &str) -> String {
        eventually(&format!("`{text}` on stdout"), || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!(
                    "the server ended ({status}) before it said `{text}`\n{}",
                    self.log()
                );
            }
            let lines = self.stdout.lock().unwrap();
            lines.iter().find(|line| line.contains(text)).cloned()
        })
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What was printed on stdout so far.
    pub fn stdout(&self) -> String {
        self.stdout.lock().unwrap().join("\n")
    }

    /// What was printed on stderr so far: the log, one line a request.
    pub fn log(&self) -> String {
        self.stderr.lock().unwrap().join("\n")
    }

    /// Asks the process to end, and insists that it does so with exit code 0.
    pub fn terminate(&mut self) {
        run(Command::new("kill").args(["-TERM", &self.child.id().to_string()])).ok();
        let status = eventually("the server to end", || self.child.try_wait().unwrap());
        assert!(status.success(), "the server ended with {status}\n{}", self.log());
    }

    /// Kills the process where it stands.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// For a server that is expected to refuse to start: its exit code and what it said.
    #[track_caller]
    pub fn refuses(args: &[&str]) -> Outcome {
        // `timeout` makes a server that starts after all a failure instead of a hanging test.
        let mut command = Command::new("timeout");
        command.arg("30");
        through(&mut command, &packyard_command(args));
        run(&mut command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- stdout of the server\n{}", self.stdout());
            eprintln!("--- stderr of the server\n{}", self.log());
        }
    }
}

fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            sink.lock().unwrap().push(line);
        }
    });
    lines
}
