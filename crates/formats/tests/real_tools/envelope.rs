//! Signed copies of packages, judged by rpm.

use crate::specimen::everything;
use crate::tools::{RICH_SPEC, rpm_crate_package, rpmbuild, run};
use packyard_formats::rpm::signature::Envelope;
use packyard_formats::rpm::write::to_bytes;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

struct Signer<'a>(&'a Path);

impl Signer<'_> {
    fn new(home: &Path) -> Signer<'_> {
        let signer = Signer(home);
        run(signer.gpg().args([
            "--passphrase",
            "",
            "--quick-gen-key",
            "t@example.org",
            "rsa2048",
            "sign",
            "never",
        ]));
        run(signer
            .gpg()
            .args(["--armor", "--output"])
            .arg(home.join("key.asc"))
            .arg("--export"));
        std::fs::create_dir(home.join("db")).unwrap();
        run(Command::new("rpm")
            .arg("--dbpath")
            .arg(home.join("db"))
            .arg("--import")
            .arg(home.join("key.asc")));
        signer
    }

    fn gpg(&self) -> Command {
        let mut command = Command::new("gpg");
        command
            .arg("--homedir")
            .arg(self.0)
            .args(["--batch", "--yes", "--quiet", "--digest-algo", "SHA256"]);
        command
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let (message, signature) = (self.0.join("message"), self.0.join("signature"));
        std::fs::write(&message, bytes).unwrap();
        run(self
            .gpg()
            .arg("--detach-sign")
            .arg("--output")
            .arg(&signature)
            .arg(&message));
        std::fs::read(signature).unwrap()
    }

    /// What `rpm -Kv` says of a package.
    fn judge(&self, package: &[u8]) -> String {
        let file = self.0.join("signed.rpm");
        std::fs::write(&file, package).unwrap();
        run(Command::new("rpm")
            .arg("--dbpath")
            .arg(self.0.join("db"))
            .arg("-Kv")
            .arg(file))
    }

    fn sign_and_judge(&self, package: &[u8]) -> Vec<u8> {
        let envelope = Envelope::read(&mut Cursor::new(package)).unwrap();
        let mut signed = envelope.signed_prefix(&self.sign(&envelope.header)).unwrap();
        assert_eq!(signed.len() % 8, 0);
        signed.extend(&package[envelope.prefix.len()..]);
        let verdict = self.judge(&signed);
        assert!(
            verdict.contains("RSA/SHA256 Signature") && verdict.contains("OK"),
            "{verdict}"
        );
        assert!(
            !verdict.contains("BAD") && !verdict.contains("NOKEY"),
            "{verdict}"
        );
        let again = Envelope::read(&mut Cursor::new(&signed)).unwrap();
        assert_eq!(again.header, envelope.header);
        let id = again.signatures[0].issuer().unwrap();
        assert!(verdict.to_lowercase().contains(&id[8..]), "{id}: {verdict}");
        signed
    }
}

#[test]
fn rpm_verifies_signed_copies_of_packages_of_rpmbuild_of_the_rpm_crate_and_of_our_own() {
    let home = tempfile::tempdir().unwrap();
    let signer = Signer::new(home.path());
    let built = std::fs::read(rpmbuild(home.path(), RICH_SPEC)).unwrap();
    let made = [rpm::BuildConfig::v4(), rpm::BuildConfig::v6()].map(rpm_crate_package);
    for package in made.into_iter().chain([built, to_bytes(&everything()).unwrap()]) {
        assert_eq!(
            Envelope::read(&mut Cursor::new(&package))
                .unwrap()
                .signatures
                .first()
                .and_then(packyard_formats::rpm::signature::Signature::issuer),
            None
        );
        let once = signer.sign_and_judge(&package);
        signer.sign_and_judge(&once);
    }
}
