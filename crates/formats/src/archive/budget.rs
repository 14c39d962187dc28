//! How much an archive may still unpack to.

use crate::fault::Fault;
use crate::intake::Limits;
use std::io::Read;

/// Unpacked bytes that are always allowed, whatever their proportion to the packed ones.
const FREE_BYTES: u64 = 64 << 20;

/// Counts entries and unpacked bytes against [`Limits`].
#[derive(Debug, Clone)]
pub struct Budget {
    entries_left: u64,
    bytes_left: u64,
    ratio_bound: bool,
    entries: u64,
    bytes: u64,
}

impl Budget {
    /// A budget for an archive whose packed form has `packed_bytes`.
    pub fn new(limits: &Limits, packed_bytes: u64) -> Self {
        let by_ratio = packed_bytes
            .saturating_mul(limits.ratio)
            .saturating_add(FREE_BYTES);
        Self {
            entries_left: limits.entries,
            bytes_left: limits.unpacked_bytes.min(by_ratio),
            ratio_bound: by_ratio < limits.unpacked_bytes,
            entries: limits.entries,
            bytes: limits.unpacked_bytes.min(by_ratio),
        }
    }

    /// Takes one entry off.
    pub fn entry(&mut self) -> Result<(), Fault> {
        self.entries_left = self.entries_left.checked_sub(1).ok_or_else(|| {
            Fault::new(
                format!("it has more than {} entries", self.entries),
                "split the package, or raise the limit of entries",
            )
        })?;
        Ok(())
    }

    /// Takes unpacked bytes off.
    pub fn bytes(&mut self, count: u64) -> Result<(), Fault> {
        self.bytes_left = self
            .bytes_left
            .checked_sub(count)
            .ok_or_else(|| self.too_large())?;
        Ok(())
    }

    fn too_large(&self) -> Fault {
        let why = if self.ratio_bound {
            ", out of proportion to its packed size"
        } else {
            ""
        };
        Fault::new(
            format!("it unpacks to more than {} bytes{why}", self.bytes),
            "split the package, or raise the limit of unpacked bytes",
        )
    }
}

/// Reads through to an unpacking stream and ends in an error where the budget does.
pub struct Metered<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Metered<R> {
    /// Meters `inner`.
    pub fn new(inner: R, budget: Budget) -> Self {
        Self { inner, budget }
    }

    /// The stream.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buf)?;
        self.budget.bytes(got as u64).map_err(std::io::Error::other)?;
        Ok(got)
    }
}

/// What an I/O error means: a limit that was hit keeps its own words, what this machine lacks is nobody's fault, everything
/// else is damage.
pub fn fault_of(error: &std::io::Error) -> Fault {
    if let Some(fault) = error.get_ref().and_then(|e| e.downcast_ref::<Fault>()) {
        return fault.clone();
    }
    if is_ours(error) {
        let rule = format!("it could not be unpacked here ({error})");
        let fault = Fault::new(rule, "nothing is wrong with it; send it again in a moment");
        return Fault {
            is_ours: true,
            ..fault
        };
    }
    if asks_for_too_much(error) {
        return Fault::new(
            "it needs more than 128 MiB of memory to be unpacked",
            "pack it with a smaller dictionary or window: `xz -9` and `zstd --ultra -22` need no more",
        );
    }
    let rule = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => format!("it cannot be unpacked ({error})"),
    };
    Fault::new(rule, crate::fault::DAMAGED)
}

/// Whether a stream says that it cannot be unpacked within the limits of [`super::codec`].
fn asks_for_too_much(error: &std::io::Error) -> bool {
    let inner = error.get_ref();
    inner.and_then(|e| e.downcast_ref::<liblzma::stream::Error>()) == Some(&liblzma::stream::Error::MemLimit)
        // All that zstd says is a text.
        || inner.is_some_and(|e| e.to_string().starts_with("Frame requires too much memory"))
}

/// Whether it is the machine's: no memory for a window or a dictionary, a disk that cannot be read. To seek to a place that
/// a file makes up is the file's.
fn is_ours(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidInput, OutOfMemory};
    let of_the_system = error.raw_os_error().is_some() && error.kind() != InvalidInput;
    let inner = error.get_ref();
    let xz = inner.and_then(|e| e.downcast_ref::<liblzma::stream::Error>());
    of_the_system
        || error.kind() == OutOfMemory
        || xz == Some(&liblzma::stream::Error::Mem)
        // All that zstd says is a text.
        || inner.is_some_and(|e| e.to_string().starts_with("Allocation error"))
}
