//! Writes an .rpm, through the crate `rpm`: format v4 (v6 cannot be unpacked by rpm2cpio of rpm 4.18), gzip (read by
//! every rpm), build host `localhost`, all times from the changelog.

use crate::compress::Compression;
use crate::entries::{Entries, Entry, EntryKind, Role};
use packyard_types::{InstallPath, RpmArch, RpmChangelogEntry, RpmDependency, RpmFlags, RpmName, Timestamp};
use rpm::{
    BuildConfig, CompressionWithLevel, Dependency, FileOptions, Header, HeaderEntry, IndexData, IndexTag,
    PackageBuilder, Scriptlet, SignatureHeaderBuilder,
};

mod relation;

/// The scriptlets of an .rpm; each is a whole `/bin/sh` script.
#[derive(Debug, Clone, Default)]
pub struct RpmScripts {
    /// Before the files are there.
    pub pre: Option<String>,
    /// After the files are there.
    pub post: Option<String>,
    /// Before the files go.
    pub preun: Option<String>,
    /// After the files are gone.
    pub postun: Option<String>,
}

/// What an .rpm is made of.
#[derive(Debug, Clone)]
pub struct RpmSpec {
    /// `Name`.
    pub name: RpmName,
    /// The name of the source package; `SOURCERPM` is made of it.
    pub source: String,
    /// `Epoch`, 0 for none.
    pub epoch: u32,
    /// `Version`.
    pub version: String,
    /// `Release`.
    pub release: String,
    /// `Architecture`.
    pub arch: RpmArch,
    /// `License`, an SPDX expression.
    pub license: String,
    /// `Summary`, one line.
    pub summary: String,
    /// `Description`.
    pub description: String,
    /// `URL`.
    pub url: Option<String>,
    /// `Packager`, `Name <mail>`.
    pub packager: Option<String>,
    /// `Vendor`.
    pub vendor: Option<String>,
    /// `Group`.
    pub group: String,
    /// `Requires`; `pre` marks what the scriptlets need.
    pub requires: Vec<RpmDependency>,
    /// `Recommends`.
    pub recommends: Vec<RpmDependency>,
    /// `Conflicts`.
    pub conflicts: Vec<RpmDependency>,
    /// `Provides`, besides the package's own name, which is always there.
    pub provides: Vec<RpmDependency>,
    /// `Obsoletes`.
    pub obsoletes: Vec<RpmDependency>,
    /// Scriptlets.
    pub scripts: RpmScripts,
    /// The changelog, newest first.
    pub changelog: Vec<RpmChangelogEntry>,
    /// How the payload is compressed.
    pub compression: Compression,
    /// What it installs.
    pub entries: Entries,
}

/// Why the .rpm cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the .rpm cannot be written: {0}")]
pub struct CannotWrite(String);

impl From<rpm::Error> for CannotWrite {
    fn from(error: rpm::Error) -> Self {
        Self(error.to_string())
    }
}

/// The bytes of the .rpm.
pub fn write(spec: &RpmSpec) -> Result<Vec<u8>, CannotWrite> {
    let mut builder = builder(spec)?;
    relation::add(spec, &mut builder);
    scripts(&spec.scripts, &mut builder);
    for entry in &spec.changelog {
        builder.add_changelog_entry(&entry.author, &entry.text, seconds(entry.at.noon())?);
    }
    for (path, entry) in spec.entries.iter() {
        file(path, entry, &mut builder)?;
    }
    let mut package = builder.build()?;
    name_the_source(spec, &mut package)?;
    let mut bytes = Vec::new();
    package.write(&mut bytes)?;
    Ok(bytes)
}

fn builder(spec: &RpmSpec) -> Result<PackageBuilder, CannotWrite> {
    let mut builder = PackageBuilder::new(
        spec.name.as_str(),
        &spec.version,
        &spec.license,
        spec.arch.as_str(),
        &spec.summary,
    );
    let config = BuildConfig::v4()
        .compression(level(spec.compression))
        .source_date(seconds(spec.entries.mtime())?);
    builder
        .using_config(config)
        .release(&spec.release)
        .description(&spec.description)
        .build_host("localhost")
        .group(&spec.group);
    if spec.epoch > 0 {
        builder.epoch(spec.epoch);
    }
    if let Some(url) = &spec.url {
        builder.url(url);
    }
    if let Some(packager) = &spec.packager {
        builder.packager(packager);
    }
    if let Some(vendor) = &spec.vendor {
        builder.vendor(vendor);
    }
    Ok(builder)
}

/// The levels of rpm's own macros, as far as every rpm unpacks them in little memory.
fn level(compression: Compression) -> CompressionWithLevel {
    match compression {
        Compression::Gzip => CompressionWithLevel::Gzip(9),
        Compression::Xz => CompressionWithLevel::Xz(6),
        Compression::Zstd => CompressionWithLevel::Zstd(19),
    }
}

fn scripts(scripts: &RpmScripts, builder: &mut PackageBuilder) {
    let sh = |text: &str| Scriptlet::new(text).prog(vec!["/bin/sh"]);
    if let Some(text) = &scripts.pre {
        builder.pre_install_script(sh(text));
    }
    if let Some(text) = &scripts.post {
        builder.post_install_script(sh(text));
    }
    if let Some(text) = &scripts.preun {
        builder.pre_uninstall_script(sh(text));
    }
    if let Some(text) = &scripts.postun {
        builder.post_uninstall_script(sh(text));
    }
}

fn file(path: &InstallPath, entry: &Entry, builder: &mut PackageBuilder) -> Result<(), CannotWrite> {
    let target = path.as_str();
    let options = match &entry.kind {
        EntryKind::Directory if entry.implied && belongs_to_the_system(target) => return Ok(()),
        EntryKind::Directory => FileOptions::dir(target).permissions(entry.mode),
        EntryKind::File(_) => FileOptions::new(target).permissions(entry.mode),
        EntryKind::Symlink(to) => FileOptions::symlink(target, to),
        EntryKind::Ghost => FileOptions::ghost(target).permissions(entry.mode),
    };
    let options = options.user(&entry.owner.user).group(&entry.owner.group);
    let options = match entry.role {
        Role::Plain if is_documentation(target) => options.doc(),
        Role::Plain => options,
        Role::Config { noreplace: true } => options.config().noreplace(),
        Role::Config { noreplace: false } => options.config(),
        Role::Doc => options.doc(),
        Role::License => options.license(),
    };
    match &entry.kind {
        EntryKind::Directory => builder.with_dir_entry(options)?,
        EntryKind::File(content) => builder.with_file_contents(
            content.read().map_err(|e| CannotWrite(e.to_string()))?.to_vec(),
            options,
        )?,
        EntryKind::Symlink(_) => builder.with_symlink(options)?,
        EntryKind::Ghost => builder.with_ghost(options)?,
    };
    Ok(())
}

/// What rpmbuild marks as documentation by itself (`%docdir` in rpm's build/files.c).
fn is_documentation(path: &str) -> bool {
    ["/usr/share/man/", "/usr/share/info/", "/usr/share/doc/"]
        .iter()
        .any(|dir| path.starts_with(dir))
}

/// Directories that Fedora's and EL's `filesystem`, `systemd` or `python3-libs` own; a package does not list them.
fn belongs_to_the_system(path: &str) -> bool {
    const OWNED: [&str; 40] = [
        "/etc",
        "/etc/cron.d",
        "/etc/default",
        "/etc/logrotate.d",
        "/etc/profile.d",
        "/etc/sysconfig",
        "/etc/systemd",
        "/etc/systemd/system",
        "/opt",
        "/run",
        "/srv",
        "/usr",
        "/usr/bin",
        "/usr/include",
        "/usr/lib",
        "/usr/lib/systemd",
        "/usr/lib/systemd/system",
        "/usr/lib/sysusers.d",
        "/usr/lib/tmpfiles.d",
        "/usr/lib64",
        "/usr/libexec",
        "/usr/local",
        "/usr/sbin",
        "/usr/share",
        "/usr/share/applications",
        "/usr/share/bash-completion",
        "/usr/share/bash-completion/completions",
        "/usr/share/doc",
        "/usr/share/icons",
        "/usr/share/info",
        "/usr/share/licenses",
        "/usr/share/locale",
        "/usr/share/man",
        "/usr/share/pixmaps",
        "/usr/share/zsh",
        "/usr/share/zsh/site-functions",
        "/var",
        "/var/cache",
        "/var/lib",
        "/var/log",
    ];
    let is_man_section = path
        .strip_prefix("/usr/share/man/man")
        .is_some_and(|s| !s.contains('/'));
    let is_site = path
        .strip_prefix("/usr/lib/python3.")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()) || rest.ends_with("/site-packages"));
    OWNED.contains(&path) || is_man_section || is_site
}

fn seconds(time: Timestamp) -> Result<u32, CannotWrite> {
    u32::try_from(time.unix_seconds())
        .map_err(|_| CannotWrite(format!("an .rpm can hold times from 1970 to 2106, not {time}")))
}

/// The crate writes `(none)` as SOURCERPM; clients and packyard read there which project a package belongs to. The main
/// header is written again with the right name, and the signature header with the digests of that.
fn name_the_source(spec: &RpmSpec, package: &mut rpm::Package) -> Result<(), CannotWrite> {
    let source = format!("{}-{}-{}.src.rpm", spec.source, spec.version, spec.release);
    let region = IndexTag::RPMTAG_HEADERIMMUTABLE as u32;
    let entries = package.metadata.header.get_all_entries()?;
    let entries = entries
        .into_iter()
        .filter(|(tag, _)| *tag != region)
        .map(|(tag, data)| {
            let is_source = tag == IndexTag::RPMTAG_SOURCERPM as u32;
            let data = if is_source {
                IndexData::StringTag(source.clone())
            } else {
                data
            };
            HeaderEntry::new(tag, data)
        });
    package.metadata.header = Header::from_entries(entries, IndexTag::RPMTAG_HEADERIMMUTABLE);
    let header = package.metadata.header_bytes()?;
    package.metadata.signature = SignatureHeaderBuilder::new()
        .format(rpm::RpmFormat::V4)
        .set_content_length((header.len() + package.payload.len()) as u64)
        .calculate_digests(&header)
        .build()?;
    Ok(())
}

#[cfg(test)]
mod tests;
