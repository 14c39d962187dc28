//! TLS that is built in, by the clients that have to trust it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{
    AptRoot, Authority, DnfRoot, Outcome, Served, Server, Venv, eventually, run, system_command,
};

/// A server with a certificate of an authority of its own.
struct Secure {
    served: Served,
    authority: Authority,
    files: TempDir,
}

impl Secure {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let (authority, files) = (Authority::new(), TempDir::new().unwrap());
        let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
        authority.certify("first", &cert, &key);
        let flags = [
            "--tls-cert",
            cert.to_str().unwrap(),
            "--tls-key",
            key.to_str().unwrap(),
        ];
        let served = Served::with(&[&flags[..], more].concat());
        assert!(
            served.url("").starts_with("https://127.0.0.1:"),
            "{}",
            served.url("")
        );
        Self {
            served,
            authority,
            files,
        }
    }

    fn ca(&self) -> String {
        self.authority.certificate().to_str().unwrap().to_owned()
    }

    fn curl(&self, path: &str, more: &[&str]) -> Outcome {
        let mut curl = system_command("curl");
        curl.args(["-sS", "--fail", "--cacert", &self.ca()]).args(more);
        run(curl.arg(self.served.url(path)))
    }

    /// The name on the certificate that a new connection is shown.
    fn subject(&self) -> String {
        let shown = self.curl("/healthz", &["-v"]).ok().stderr;
        let line = shown.lines().find(|l| l.contains("subject: CN="));
        let line = line.unwrap_or_else(|| panic!("no subject in {shown}"));
        line.split("CN=").nth(1).unwrap().trim().to_owned()
    }

    fn certify(&self, name: &str) {
        let (cert, key) = (
            self.files.path().join("cert.pem"),
            self.files.path().join("key.pem"),
        );
        self.authority.certify(name, &cert, &key);
    }
}

#[test]
fn pip_uv_apt_and_dnf_install_over_tls_by_the_authority_that_they_are_told() {
    let mut yard = Secure::new();
    yard.served = yard.served.with_hello_world();
    let (ca, index) = (yard.ca(), yard.served.url("/main/simple/"));
    let venv = Venv::new();
    let install = ["install", "--no-deps", "--index-url", &index, "hello-world"];
    venv.pip(&install).fails();
    venv.pip(&[&install[..], &["--cert", &ca]].concat()).ok();
    let mut uv = Venv::tool("uv");
    uv.args([
        "--no-config",
        "--no-cache",
        "pip",
        "install",
        "--no-deps",
        "--reinstall",
        "--python",
    ]);
    uv.arg(venv.bin("python")).env("SSL_CERT_FILE", &ca);
    run(uv.args(["--index-url", &index, "hello-world"])).ok();

    let apt = AptRoot::new();
    let key = yard.curl("/main/apt/key.asc", &[]).ok().stdout;
    apt.write("etc/apt/keyrings/packyard-main.asc", &key);
    let sources = yard.curl("/main/apt/any.sources", &[]).ok().stdout;
    assert!(sources.contains(&yard.served.url("/main/apt")), "{sources}");
    apt.write("etc/apt/sources.list.d/packyard.sources", &sources);
    apt.apt_get(&["update"]).says(&["certificate"]);
    apt.write("etc/ssl/packyard-ca.pem", &yard.authority.text());
    apt.write(
        "etc/apt/apt.conf.d/90ca",
        "Acquire::https::CAInfo \"/etc/ssl/packyard-ca.pem\";\n",
    );
    apt.update();
    apt.apt_get(&["download", "hello-world"]).ok();

    let dnf = DnfRoot::new();
    let repo = yard.curl("/main/yum/any.repo", &[]).ok().stdout;
    dnf.add_repo("packyard", &repo);
    dnf.dnf(&["install", "hello-world"]).fails();
    let trust = format!("--setopt=sslcacert={ca}");
    dnf.dnf(&[&trust, "install", "hello-world"]).ok();
}

#[test]
fn only_tls_is_spoken_and_none_that_is_outdated() {
    let yard = Secure::new();
    yard.curl("/", &["--head"])
        .ok()
        .says(&["strict-transport-security: max-age="]);
    for version in ["--tlsv1.2", "--tlsv1.3"] {
        yard.curl("/healthz", &[version, "--tls-max", &version[6..]])
            .ok()
            .says(&["ok"]);
    }
    let mut old = Command::new("openssl");
    old.args(["s_client", "-tls1_1", "-cipher", "ALL@SECLEVEL=0", "-connect"]);
    run(old.arg(yard.served.authority())).fails();
    let plain = yard.served.url("/healthz").replace("https:", "http:");
    run(system_command("curl").args(["-sS", "--max-time", "10", &plain])).fails();
}

#[test]
fn a_certificate_that_is_exchanged_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let yard = Secure::new();
    assert_eq!(yard.subject(), "first");
    yard.certify("second");
    eventually("the second certificate", || {
        (yard.subject() == "second").then_some(())
    });

    let key = yard.files.path().join("key.pem");
    fs::write(&key, "not a key\n").unwrap();
    eventually("the log to say so", || {
        yard.served
            .log()
            .contains("the certificate stays as it was")
            .then_some(())
    });
    assert_eq!(yard.subject(), "second");
    yard.certify("third");
    eventually("the third certificate", || {
        (yard.subject() == "third").then_some(())
    });
}

#[test]
fn a_hangup_shows_the_new_certificate_at_once() {
    let mut yard = Secure::new();
    yard.certify("second");
    let id = yard.served.process().id().to_string();
    run(Command::new("kill").args(["-HUP", &id])).ok();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(yard.subject(), "second");
}

#[test]
fn half_a_certificate_and_one_with_another_key_are_refused_at_the_start() {
    let (authority, files) = (Authority::new(), TempDir::new().unwrap());
    let at = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    authority.certify("a", at("a.pem").as_ref(), at("a.key").as_ref());
    authority.certify("b", at("b.pem").as_ref(), at("b.key").as_ref());
    let data = at("data");
    let start = |flags: &[&str]| {
        let place = ["serve", "--data", &data, "--listen", "127.0.0.1:0"];
        Server::refuses(&[&place[..], flags].concat())
    };
    let half = start(&["--tls-cert", &at("a.pem")]);
    half.exits(2).says(&["--tls-cert is of no use without --tls-key"]);
    let other = start(&["--tls-cert", &at("a.pem"), "--tls-key", &at("b.key")]);
    other.exits(1).says(&["a.pem", "b.key", "cannot be used"]);
    let swapped = start(&["--tls-cert", &at("a.key"), "--tls-key", &at("a.pem")]);
    swapped.exits(1).says(&["a.key", "holds no certificate", "hint:"]);
    let none = start(&["--tls-cert", &at("none.pem"), "--tls-key", &at("a.key")]);
    none.exits(1).says(&["none.pem", "cannot be read"]);
}

#[test]
fn clients_that_shake_no_hands_are_dropped_in_their_time_and_keep_nobody_out() {
    let room = TempDir::new().unwrap();
    let config = room.path().join("server.toml");
    fs::write(
        &config,
        "[limits]\nconnections = 16\nconnections-per-source = 12\nhandshake-seconds = 8\n",
    )
    .unwrap();
    let yard = Secure::with(&["--config", config.to_str().unwrap()]);
    let connect = || TcpStream::connect(yard.served.authority()).unwrap();
    let began = Instant::now();
    let mut silent: Vec<_> = (0..10).map(|_| connect()).collect();
    // The beginning of a handshake that does not go on.
    silent[0].write_all(&[0x16, 0x03, 0x01]).unwrap();
    yard.curl("/healthz", &[]).ok().says(&["ok"]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    for stream in &mut silent {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let told = stream.read(&mut [0; 16]);
        assert!(!matches!(told, Ok(1..)), "{told:?}");
    }
    assert!(began.elapsed() >= Duration::from_secs(8), "{:?}", began.elapsed());
    let figures = yard.curl("/metrics", &[]).ok().stdout;
    let line = "packyard_refused_total{limit=\"handshake\"} 10";
    assert!(figures.contains(line), "{figures}");
    // They held places, and have given them back.
    let _full: Vec<_> = (0..12).map(|_| connect()).collect();
    eventually("the places", || {
        yard.curl("/healthz", &[]).stdout.contains("ok").then_some(())
    });
}
