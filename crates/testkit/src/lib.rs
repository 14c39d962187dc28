//! Helpers for packyard's own tests.
//!
//! | file | what |
//! |---|---|
//! | `faults` | [`Faulty`]: an object store whose writes fail as scripted |
//! | `storm` | [`Storm`]: an object store where anything may go wrong, by a seed, and which dies |
//! | `chance` | [`Chance`]: numbers of a seed |
//! | `careless` | [`Careless`]: an object store whose "put if absent" is not atomic |
//! | `conformance` | what every store must do: [`conformance()`] |

mod careless;
mod chance;
mod conformance;
mod faults;
mod storm;

pub use careless::{Careless, How};
pub use chance::Chance;
pub use conformance::conformance;
pub use faults::{Fault, Faulty};
pub use storm::{Storm, Weather};
