//! What holds for whole trees, and the complete files that clients see.

mod any_way;
mod golden;
mod hostile;
mod lag;
mod scale;
pub(crate) mod yard;
