//! What `tests/run` has provisioned, and small things about the machine.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// The path of something that the scripts in `tests/tools` make.
pub fn tool(name: &str) -> PathBuf {
    let tools =
        std::env::var_os("PACKYARD_TOOLS").map_or_else(|| repository().join("target/tools"), PathBuf::from);
    let path = tools.join(name);
    assert!(
        path.exists(),
        "{} is missing: run tests/run, which makes it",
        path.display()
    );
    path
}

/// The root of the source tree: the nearest directory upwards that holds the fixtures.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|directory| directory.join("fixtures/projects").is_dir())
        .expect("the tests are run inside the source tree")
        .to_path_buf()
}

/// A command with a plain environment, so that neither the user's proxies, locale, version
/// managers nor index settings change what a client does.
pub fn system_command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// A TCP port that nothing listened on a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The SHA-256 of some bytes in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}
