//! The bytes of one file that is being packed: in memory, or wherever they can be read again.
//!
//! Every format packs the same [`Content`], so that a file is hashed once for all of them, and a large one is never in
//! memory as a whole. What changes between two readings is an error and not a broken package.

use md5::{Digest as _, Md5};
use packyard_types::{Digest, Hasher};
use std::{
    fmt,
    io::{self, Read},
    sync::{Arc, OnceLock},
};

/// How many bytes of a file's beginning are always at hand: enough for an interpreter line and an ELF header.
pub const HEAD_BYTES: usize = 512;

/// Where bytes that are not in memory are read from; every call reads the same bytes from their beginning.
pub trait Source: fmt::Debug + Send + Sync {
    /// What messages call it.
    fn name(&self) -> String;
    /// A reader at the first byte.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// A sum that package formats carry of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sum {
    /// SHA-256: RECORD of a wheel, the header of an .rpm.
    Sha256,
    /// MD5: a .deb's md5sums.
    Md5,
}

#[derive(Debug)]
enum Bytes {
    Memory(Arc<[u8]>),
    Elsewhere {
        source: Box<dyn Source>,
        head: Box<[u8]>,
    },
}

#[derive(Debug)]
struct Inner {
    bytes: Bytes,
    size_bytes: u64,
    sha256: OnceLock<Digest>,
    md5: OnceLock<[u8; 16]>,
}

/// The bytes of one file; clones share them, and their sums.
///
/// - Its size is known and never changes: reading more or fewer bytes is an error.
/// - Two contents are equal if their bytes are.
#[derive(Clone)]
pub struct Content(Arc<Inner>);

impl Content {
    /// Bytes that are read from `source` when they are needed. `head` is how they begin, [`HEAD_BYTES`] of them or all.
    pub fn elsewhere(source: impl Source + 'static, size_bytes: u64, head: impl Into<Box<[u8]>>) -> Self {
        Self::of(
            Bytes::Elsewhere {
                source: Box::new(source),
                head: head.into(),
            },
            size_bytes,
        )
    }

    fn of(bytes: Bytes, size_bytes: u64) -> Self {
        Self(Arc::new(Inner {
            bytes,
            size_bytes,
            sha256: OnceLock::new(),
            md5: OnceLock::new(),
        }))
    }

    /// Size in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }

    /// How the bytes begin: [`HEAD_BYTES`] of them, or all where there are fewer.
    pub fn head(&self) -> &[u8] {
        match &self.0.bytes {
            Bytes::Memory(bytes) => &bytes[..bytes.len().min(HEAD_BYTES)],
            Bytes::Elsewhere { head, .. } => head,
        }
    }

    /// A reader of all bytes. It fails where they are not as many as they were.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.0.bytes {
            Bytes::Memory(bytes) => Ok(Box::new(&**bytes)),
            Bytes::Elsewhere { source, .. } => Ok(Box::new(Exactly {
                inner: source.open()?,
                left: self.0.size_bytes,
                source: &**source,
            })),
        }
    }

    /// All bytes at once, for files that are read as a text or known to be small.
    pub fn read(&self) -> io::Result<Arc<[u8]>> {
        match &self.0.bytes {
            Bytes::Memory(bytes) => Ok(bytes.clone()),
            Bytes::Elsewhere { .. } => {
                let mut bytes = Vec::with_capacity(usize::try_from(self.0.size_bytes).unwrap_or(0));
                self.open()?.read_to_end(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }

    /// Works out the sums that are asked for and not known yet, in one reading. They are kept.
    pub fn work_out(&self, sums: &[Sum]) -> io::Result<()> {
        let wanted = |sum: Sum, known: bool| sums.contains(&sum) && !known;
        let mut sha256 = wanted(Sum::Sha256, self.0.sha256.get().is_some()).then(Hasher::new);
        let mut md5 = wanted(Sum::Md5, self.0.md5.get().is_some()).then(Md5::new);
        if sha256.is_none() && md5.is_none() {
            return Ok(());
        }
        let mut reader = self.open()?;
        let mut buffer = vec![0; 128 << 10];
        loop {
            let got = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(got) => got,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if let Some(sha256) = &mut sha256 {
                sha256.update(&buffer[..got]);
            }
            if let Some(md5) = &mut md5 {
                md5.update(&buffer[..got]);
            }
        }
        if let Some(sha256) = sha256 {
            self.0.sha256.get_or_init(|| sha256.finish().digest);
        }
        if let Some(md5) = md5 {
            self.0.md5.get_or_init(|| md5.finalize().into());
        }
        Ok(())
    }

    /// The SHA-256 of all bytes.
    pub fn sha256(&self) -> io::Result<Digest> {
        self.work_out(&[Sum::Sha256])?;
        Ok(*self.0.sha256.get().expect("it was just worked out"))
    }

    /// The MD5 of all bytes.
    pub fn md5(&self) -> io::Result<[u8; 16]> {
        self.work_out(&[Sum::Md5])?;
        Ok(*self.0.md5.get().expect("it was just worked out"))
    }
}

impl<T: Into<Arc<[u8]>>> From<T> for Content {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        let size_bytes = bytes.len() as u64;
        Self::of(Bytes::Memory(bytes), size_bytes)
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        let same_sums = || matches!((self.sha256(), other.sha256()), (Ok(a), Ok(b)) if a == b);
        Arc::ptr_eq(&self.0, &other.0) || (self.0.size_bytes == other.0.size_bytes && same_sums())
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.size_bytes)
    }
}

/// Reads as many bytes as there were when the file was looked at.
struct Exactly<'a> {
    inner: Box<dyn Read + 'a>,
    left: u64,
    source: &'a dyn Source,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let got = self.inner.read(buffer)?;
        let changed = || {
            let message = format!("`{}` changed while it was being packed", self.source.name());
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        self.left = self.left.checked_sub(got as u64).ok_or_else(changed)?;
        if got == 0 && self.left > 0 {
            return Err(changed());
        }
        Ok(got)
    }
}

/// A file of a project: what it holds, and whether it may be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its bytes.
    pub content: Content,
    /// Whether it is a program.
    pub executable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug, Clone)]
    struct Counted(&'static [u8], Arc<AtomicUsize>);

    impl Source for Counted {
        fn name(&self) -> String {
            "counted".into()
        }
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(self.0))
        }
    }

    #[test]
    fn a_file_is_hashed_once_for_all_formats() {
        let opened = Arc::new(AtomicUsize::new(0));
        let content = Content::elsewhere(Counted(b"abc", opened.clone()), 3, *b"abc");
        let clone = content.clone();
        content.work_out(&[Sum::Sha256, Sum::Md5]).unwrap();
        assert_eq!(content.sha256().unwrap(), clone.sha256().unwrap());
        assert_eq!(content.md5().unwrap(), clone.md5().unwrap());
        assert_eq!(opened.load(Ordering::Relaxed), 1);
        assert_eq!(content.sha256().unwrap(), Digest::of(b"abc"));
        assert_eq!(content, Content::from(&b"abc"[..]));
        assert_ne!(content, Content::from(&b"abd"[..]));
    }

    #[test]
    fn a_file_that_grew_or_shrank_is_an_error_that_names_it() {
        for size in [2, 4] {
            let content = Content::elsewhere(Counted(b"abc", Arc::default()), size, *b"ab");
            let error = content.read().unwrap_err().to_string();
            assert_eq!(error, "`counted` changed while it was being packed");
        }
    }
}
