//! Helpers for packyard's own tests.
//!
//! | file | what |
//! |---|---|
//! | `faults` | [`Faulty`]: an object store whose writes fail as scripted |
//! | `careless` | [`Careless`]: an object store whose "put if absent" is not atomic |
//! | `conformance` | what every store must do: [`conformance()`] |

mod careless;
mod conformance;
mod faults;

pub use careless::{Careless, How};
pub use conformance::conformance;
pub use faults::{Fault, Faulty};
