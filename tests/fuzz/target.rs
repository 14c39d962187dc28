//! What is fed.

use crate::mutator::Mutator;

/// One reader: how to make bytes for it, and what it does with them.
pub struct Target {
    pub name: &'static str,
    pub make: fn(&mut Mutator) -> Vec<u8>,
    pub run: fn(&[u8]),
}
