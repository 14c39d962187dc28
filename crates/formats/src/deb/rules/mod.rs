//! What a .deb must be like to be taken in: the rules on which dak and reprepro refuse an upload and dpkg or apt would
//! stumble, and no others; what is only policy is for `check`. Every breach is told, not only the first.
//!
//! | file | judges |
//! |---|---|
//! | `control.rs` | the fields of `control` but for relations (deb-control(5)) |
//! | `relations.rs` | the fields that name other packages (Debian Policy 7) |
//! | `lists.rs` | `conffiles`, `triggers` (deb-conffiles(5), deb-triggers(5)) |
//! | `scripts.rs` | `control.tar` itself, and the maintainer scripts in it |
//! | `times.rs` | times of files that cannot be |
//!
//! The container and the paths in its tars are judged while they are read.

mod control;
mod lists;
mod relations;
mod scripts;
mod times;

use super::read::Deb;
use crate::fault::Fault;

/// Every rule that a .deb breaks. `newest` is the latest time, in seconds since 1970, that a file may have; without it
/// no time is too late.
pub fn broken(deb: &Deb, newest: Option<i64>) -> Vec<Fault> {
    let of_sizes = super::sizes::judge(&deb.control).into_iter();
    let mut faults: Vec<Fault> = of_sizes.map(|fault| fault.at("control")).collect();
    control::judge(&deb.control, &mut faults);
    relations::judge(&deb.control, &mut faults);
    scripts::judge(deb, &mut faults);
    lists::judge(deb, &mut faults);
    times::judge(deb, newest, &mut faults);
    faults
}

/// A breach of `control`'s.
fn in_control(rule: impl Into<String>, hint: impl Into<String>) -> Fault {
    Fault::new(rule, hint).at("control")
}
