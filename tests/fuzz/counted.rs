//! Work that does not depend on the machine: how much memory an input makes a reader ask for, in all and at once. It is
//! counted by the allocator of the test process, by thread; what C libraries ask for themselves is not in it.

#![allow(
    unsafe_code,
    reason = "an allocator is; this one passes on what it is asked and counts it"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a piece of work asked for, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// In all.
    pub asked: u64,
    /// At once.
    pub held: u64,
}

#[derive(Clone, Copy)]
struct Count {
    asked: u64,
    held: i64,
    most: i64,
}

thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { asked: 0, held: 0, most: 0 }) };
}

/// Does something, and says what it took on this thread.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Work) {
    COUNT.set(Count {
        asked: 0,
        held: 0,
        most: 0,
    });
    let done = work();
    let Count { asked, most, .. } = COUNT.get();
    let held = u64::try_from(most).unwrap_or_default();
    (done, Work { asked, held })
}

fn count(more: usize, less: usize) {
    // A thread that is ending counts no more.
    let _ = COUNT.try_with(|count| {
        let mut c = count.get();
        c.asked += more as u64;
        c.held += more.cast_signed() as i64 - less.cast_signed() as i64;
        c.most = c.most.max(c.held);
        count.set(c);
    });
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(at, layout) }
    }
}
