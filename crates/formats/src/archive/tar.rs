//! tar: ustar (POSIX.1-1988), pax extended headers (POSIX.1-2001), and the GNU long names. Sparse files, volumes and
//! device nodes are refused; a stream that ends without the closing blocks is cut short.

use super::budget::{Budget, fault_of};
use super::contents::{Contents, Member, MemberKind, Reading};
use super::path::entry_path;
use crate::fault::{DAMAGED, Fault, REBUILD};
use std::io::Read;

const BLOCK: usize = 512;
/// Longest path or pax header that is read into memory, in bytes.
const MAX_EXTENDED: u64 = 1 << 20;
/// Largest size that eleven octal digits can say.
const MAX_OCTAL: u64 = (1 << 33) - 1;

/// Most faults that are gathered of one archive.
const MAX_FAULTS: usize = 20;

/// Names and sizes that an extended header gives to the entry after it.
#[derive(Default, PartialEq)]
struct Extended {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    owner: Option<String>,
    group: Option<String>,
    mtime: Option<i64>,
}

/// Reads a whole tar into `contents`, and the stream to its end, which only padding may follow.
pub fn read<R: Read>(stream: &mut R, budget: &mut Budget, how: &Reading<'_>) -> Result<Contents, Fault> {
    let mut contents = Contents::default();
    let mut extended = Extended::default();
    while let Some(header) = next_header(stream)? {
        budget.entry()?;
        let size = header.size()?;
        match header.typeflag() {
            b'x' => extended.pax(&small(stream, size)?)?,
            b'g' => global(&small(stream, size)?)?,
            b'L' => once(&mut extended.path, without_nul(small(stream, size)?), "path")?,
            b'K' => once(&mut extended.target, without_nul(small(stream, size)?), "target")?,
            _ => {
                let extended = std::mem::take(&mut extended);
                let size = one_size(size, extended.size)
                    .map_err(|fault| fault.at(String::from_utf8_lossy(&header.path())))?;
                entry(&mut contents, stream, &header, extended, size, how)?;
            }
        }
    }
    if !extended.is_empty() {
        return Err(Fault::new("an extended header is followed by no entry", DAMAGED));
    }
    drain_padding(stream)?;
    Ok(contents)
}

/// The size of an entry whose header and pax header may both have one. The header's may differ only where it is too
/// narrow: a reader without pax would take the entry's bytes for headers, or headers for its bytes.
fn one_size(narrow: u64, pax: Option<u64>) -> Result<u64, Fault> {
    match pax {
        Some(wide) if wide != narrow && wide <= MAX_OCTAL => Err(Fault::new(
            format!("its header says {narrow} bytes, its pax header {wide}"),
            REBUILD,
        )),
        Some(wide) => Ok(wide),
        None => Ok(narrow),
    }
}

/// Sets what only one extended header may say of an entry.
fn once<T: PartialEq>(slot: &mut Option<T>, value: T, what: &str) -> Result<(), Fault> {
    if slot.as_ref().is_some_and(|first| *first != value) {
        return Err(Fault::new(
            format!("two extended headers give an entry a {what}, and not the same"),
            REBUILD,
        ));
    }
    *slot = Some(value);
    Ok(())
}

/// A pax header for all entries that follow. Tools write comments there; what would rename or resize every entry for
/// some readers, and for others not, is refused.
fn global(raw: &[u8]) -> Result<(), Fault> {
    let mut global = Extended::default();
    global.pax(raw)?;
    if global.path.is_some() || global.target.is_some() || global.size.is_some() {
        return Err(Fault::new(
            "a global pax header gives every entry a path, a target or a size",
            REBUILD,
        ));
    }
    Ok(())
}

fn entry<R: Read>(
    contents: &mut Contents,
    stream: &mut R,
    header: &Header,
    extended: Extended,
    size: u64,
    how: &Reading<'_>,
) -> Result<(), Fault> {
    let kind = header.kind(extended.path.as_ref());
    if size > 0 && kind.as_ref().is_ok_and(|kind| *kind != MemberKind::File) {
        // Some readers skip that many bytes, others do not.
        let rule = format!("it is no file, and its header says {size} bytes");
        let path = extended.path.unwrap_or_else(|| header.path());
        return Err(Fault::new(rule, REBUILD).at(entry_path(&path)?));
    }
    let member = member(header, kind, extended, size).and_then(|member| {
        let Some(member) = member else { return Ok(None) };
        match contents.check(&member, how) {
            Ok(()) => Ok(Some(member)),
            Err(fault) => Err(fault.at(&member.path)),
        }
    });
    match member {
        Ok(None) => Ok(()),
        Ok(Some(member)) => {
            let mut data = stream.by_ref().take(size);
            contents.add_checked(member, &mut data, how)?;
            skip(stream, padding(size))
        }
        Err(fault) if how.gather => {
            if contents.faults.len() < MAX_FAULTS {
                contents.faults.push(fault);
            }
            skip(stream, size + padding(size))
        }
        Err(fault) => Err(fault),
    }
}

/// What a header says of an entry; none for the root of the tree.
fn member(
    header: &Header,
    kind: Result<MemberKind, Fault>,
    extended: Extended,
    size: u64,
) -> Result<Option<Member>, Fault> {
    let raw_path = extended.path.unwrap_or_else(|| header.path());
    let path = entry_path(&raw_path)?;
    let kind = kind.map_err(|fault| fault.at(&path))?;
    if path.is_empty() {
        return match kind {
            MemberKind::Dir => Ok(None),
            _ => Err(Fault::new("the root of the tree is no directory", REBUILD)),
        };
    }
    let mut member = Member::new(path, kind);
    member.mode = header.mode().map_err(|fault| fault.at(&member.path))?;
    member.owner = extended.owner.unwrap_or_else(|| header.name_or_id(265, 108));
    member.group = extended.group.unwrap_or_else(|| header.name_or_id(297, 116));
    member.mtime = extended.mtime.or_else(|| header.mtime());
    let target = extended.target.unwrap_or_else(|| header.text(157, 100).to_vec());
    match kind {
        MemberKind::File => member.size_bytes = size,
        MemberKind::Symlink => member.target = Some(String::from_utf8_lossy(&target).into_owned()),
        MemberKind::Hardlink => member.target = Some(entry_path(&target)?),
        MemberKind::Dir | MemberKind::Ghost | MemberKind::Special => {}
    }
    Ok(Some(member))
}

/// A header block whose checksum is right.
struct Header([u8; BLOCK]);

/// The next header; none at the closing zero blocks.
fn next_header<R: Read>(stream: &mut R) -> Result<Option<Header>, Fault> {
    let mut block = [0; BLOCK];
    stream.read_exact(&mut block).map_err(|e| fault_of(&e))?;
    if block.iter().all(|b| *b == 0) {
        return Ok(None);
    }
    let header = Header(block);
    if header.number(148, 8) != Some(header.checksum()) {
        return Err(Fault::new("an entry's header has a wrong checksum", DAMAGED));
    }
    Ok(Some(header))
}

impl Header {
    fn typeflag(&self) -> u8 {
        self.0[156]
    }

    fn field(&self, at: usize, len: usize) -> &[u8] {
        &self.0[at..at + len]
    }

    /// A field up to its NUL.
    fn text(&self, at: usize, len: usize) -> &[u8] {
        let field = self.field(at, len);
        &field[..field.iter().position(|b| *b == 0).unwrap_or(len)]
    }

    /// Octal digits, or GNU's base-256 where the first bit is set.
    fn number(&self, at: usize, len: usize) -> Option<u64> {
        let field = self.field(at, len);
        if field[0] & 0x80 != 0 {
            let high = field[..len - 8]
                .iter()
                .enumerate()
                .all(|(i, b)| *b == if i == 0 { 0x80 } else { 0 });
            let low = field[len - 8..]
                .iter()
                .fold(0, |n: u64, b| n << 8 | u64::from(*b));
            return (len > 8 && high).then_some(low);
        }
        let digits = std::str::from_utf8(self.text(at, len)).ok()?.trim();
        if digits.is_empty() {
            Some(0)
        } else {
            u64::from_str_radix(digits, 8).ok()
        }
    }

    fn checksum(&self) -> u64 {
        let blank = |i: usize| (148..156).contains(&i);
        self.0
            .iter()
            .enumerate()
            .map(|(i, b)| if blank(i) { 32 } else { u64::from(*b) })
            .sum()
    }

    fn size(&self) -> Result<u64, Fault> {
        let bad =
            || Fault::new("its size is not a number", DAMAGED).at(String::from_utf8_lossy(&self.path()));
        self.number(124, 12).filter(|n| *n < 1 << 60).ok_or_else(bad)
    }

    fn mode(&self) -> Result<u32, Fault> {
        let mode = self.number(100, 8).and_then(|n| u32::try_from(n & 0o7777).ok());
        mode.ok_or_else(|| Fault::new("its mode is not a number", DAMAGED))
    }

    /// Seconds since 1970; GNU tar writes times before that in base 256.
    fn mtime(&self) -> Option<i64> {
        if self.field(136, 1) == [0xff] {
            return Some(-1);
        }
        i64::try_from(self.number(136, 12)?).ok()
    }

    fn name_or_id(&self, name_at: usize, id_at: usize) -> String {
        match self.text(name_at, 32) {
            b"" => self.number(id_at, 8).map_or_else(String::new, |id| {
                if id == 0 { "root".into() } else { id.to_string() }
            }),
            name => String::from_utf8_lossy(name).into_owned(),
        }
    }

    /// The path with its ustar prefix; GNU's format (magic `ustar  `) has other fields there.
    fn path(&self) -> Vec<u8> {
        let (prefix, name) = (self.text(345, 155), self.text(0, 100));
        if self.field(257, 6) != b"ustar\0" || prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    /// A file whose whole path ends with `/` is a directory. The header's own name field may be a long path's first
    /// 100 bytes, and tells nothing then.
    fn kind(&self, long_path: Option<&Vec<u8>>) -> Result<MemberKind, Fault> {
        let own_path = self.path();
        let raw_path = long_path.unwrap_or(&own_path);
        let what = match self.typeflag() {
            b'0' | b'7' | 0 if raw_path.ends_with(b"/") => return Ok(MemberKind::Dir),
            b'0' | b'7' | 0 => return Ok(MemberKind::File),
            b'1' => return Ok(MemberKind::Hardlink),
            b'2' => return Ok(MemberKind::Symlink),
            b'5' => return Ok(MemberKind::Dir),
            b'3' | b'4' => "a device node",
            b'6' => "a named pipe",
            b'S' => "a sparse file",
            _ => "of an unknown kind",
        };
        Err(Fault::new(
            format!("it is {what}"),
            "packages hold files, directories and links only",
        ))
    }
}

impl Extended {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Records `LENGTH KEY=VALUE\n` (POSIX pax, "pax Extended Header").
    fn pax(&mut self, mut rest: &[u8]) -> Result<(), Fault> {
        let bad = || Fault::new("a pax header is malformed", DAMAGED);
        while !rest.is_empty() {
            let blank = rest.iter().position(|b| *b == b' ').ok_or_else(bad)?;
            let len: usize = std::str::from_utf8(&rest[..blank])
                .ok()
                .and_then(|s| s.parse().ok())
                .ok_or_else(bad)?;
            let record = rest
                .get(blank + 1..len)
                .and_then(|r| r.strip_suffix(b"\n"))
                .ok_or_else(bad)?;
            let equals = record.iter().position(|b| *b == b'=').ok_or_else(bad)?;
            self.set(&record[..equals], &record[equals + 1..])?;
            rest = &rest[len..];
        }
        Ok(())
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        let text = || String::from_utf8_lossy(value).into_owned();
        match key {
            b"path" => once(&mut self.path, value.to_vec(), "path")?,
            b"linkpath" => once(&mut self.target, value.to_vec(), "target")?,
            b"uname" => self.owner = Some(text()),
            b"gname" => self.group = Some(text()),
            b"mtime" => {
                let seconds = text().split('.').next().and_then(|whole| whole.parse().ok());
                let bad = || Fault::new("a pax time is not a number", DAMAGED);
                self.mtime = Some(seconds.ok_or_else(bad)?);
            }
            b"size" => {
                let size = text().parse().ok().filter(|n| *n < 1 << 60);
                let size = size.ok_or_else(|| Fault::new("a pax size is not a number", DAMAGED))?;
                once(&mut self.size, size, "size")?;
            }
            _ if key.starts_with(b"GNU.sparse.") => {
                return Err(Fault::new(
                    "it holds a sparse file",
                    "packages hold files, directories and links only",
                ));
            }
            _ => {}
        }
        Ok(())
    }
}

fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

fn skip<R: Read>(stream: &mut R, count: u64) -> Result<(), Fault> {
    let got =
        std::io::copy(&mut stream.by_ref().take(count), &mut std::io::sink()).map_err(|e| fault_of(&e))?;
    if got == count {
        Ok(())
    } else {
        Err(Fault::new("it ends inside an entry", DAMAGED))
    }
}

/// The value of an extended header, with its padding read away.
fn small<R: Read>(stream: &mut R, size: u64) -> Result<Vec<u8>, Fault> {
    if size > MAX_EXTENDED {
        return Err(Fault::new("an extended header is larger than 1 MiB", REBUILD));
    }
    let mut out = Vec::new();
    stream
        .by_ref()
        .take(size)
        .read_to_end(&mut out)
        .map_err(|e| fault_of(&e))?;
    if (out.len() as u64) < size {
        return Err(Fault::new("it ends inside an extended header", DAMAGED));
    }
    skip(stream, padding(size))?;
    Ok(out)
}

fn without_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len()));
    bytes
}

/// After the closing blocks only zeros may follow (tar pads to its record size).
fn drain_padding<R: Read>(stream: &mut R) -> Result<(), Fault> {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(got) if buffer[..got].iter().all(|b| *b == 0) => {}
            Ok(_) => return Err(Fault::new("data follows the end of the archive", REBUILD)),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(fault_of(&e)),
        }
    }
}
