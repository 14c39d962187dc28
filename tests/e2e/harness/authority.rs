//! An authority that certifies servers, made by openssl.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{run, system_command};

/// A private authority with its key.
pub struct Authority {
    directory: TempDir,
}

impl Authority {
    /// Makes one.
    pub fn new() -> Self {
        let new = Self {
            directory: TempDir::new().unwrap(),
        };
        // apt reads the certificate as a user of its own.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(new.directory.path(), mode).unwrap();
        new.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 \
             -subj /CN=authority -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        new
    }

    /// The certificate that clients must know.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// The same as text.
    pub fn text(&self) -> String {
        fs::read_to_string(self.certificate()).unwrap()
    }

    /// Certifies 127.0.0.1 by a common name, for these two files: certificate and key.
    pub fn certify(&self, name: &str, cert: &Path, key: &Path) {
        fs::write(
            self.directory.path().join("extensions"),
            "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=critical,CA:FALSE\n\
             extendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
        )
        .unwrap();
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout new.key -out new.csr -subj /CN={name}"
        ));
        self.openssl(
            "x509 -req -in new.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out new.pem",
        );
        // First the one, then the other, as many a script does it.
        fs::copy(self.directory.path().join("new.pem"), cert).unwrap();
        fs::copy(self.directory.path().join("new.key"), key).unwrap();
    }

    fn openssl(&self, args: &str) {
        let mut openssl = system_command("openssl");
        openssl
            .args(args.split_whitespace())
            .current_dir(self.directory.path());
        run(&mut openssl).ok();
    }
}
