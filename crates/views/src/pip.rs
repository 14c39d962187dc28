//! pip pages.
