//! Somebody between a client and the server who changes what is fetched.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::{Yard, get};

/// A proxy that passes on every file but damages those whose path ends in a certain way. It
/// listens until the test process ends.
pub struct Tamper {
    url: String,
}

impl Tamper {
    /// Stands before a yard and damages the files whose path ends with `ending`.
    pub fn new(yard: &Yard, ending: &'static str, damage: fn(&mut Vec<u8>)) -> Self {
        Self::start(yard, move |path| path.ends_with(ending), damage)
    }

    /// The same for the files whose path contains `part`.
    pub fn containing(yard: &Yard, part: &'static str, damage: fn(&mut Vec<u8>)) -> Self {
        Self::start(yard, move |path| path.contains(part), damage)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start(yard: &Yard, hit: impl Fn(&str) -> bool + Send + 'static, damage: fn(&mut Vec<u8>)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = yard.url("");
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = pass_on(stream.unwrap(), &upstream, &hit, damage);
            }
        });
        Self { url }
    }

    /// Text of a set-up file of the yard, changed to fetch through this proxy; keys are still
    /// fetched from the yard, for they are what the client trusts.
    pub fn redirect(&self, yard: &Yard, text: &str) -> String {
        let through = |line: &str| {
            if line.starts_with("gpgkey") {
                line.to_owned()
            } else {
                line.replace(&yard.url(""), &self.url)
            }
        };
        text.lines().map(|line| through(line) + "\n").collect()
    }
}

fn pass_on(
    mut client: TcpStream,
    upstream: &str,
    hit: &dyn Fn(&str) -> bool,
    damage: fn(&mut Vec<u8>),
) -> std::io::Result<()> {
    let mut request = BufReader::new(client.try_clone()?).lines();
    let first = request.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    while request
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let mut reply = get(&format!("{upstream}{path}"));
    if hit(&path) {
        damage(&mut reply.body);
    }
    let (status, length) = (reply.status, reply.body.len());
    let kind = reply.header("content-type");
    write!(
        client,
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nContent-Type: {kind}\r\n"
    )?;
    write!(client, "Connection: close\r\n\r\n")?;
    client.write_all(&reply.body)
}
