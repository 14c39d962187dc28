//! Helpers for packyard's own tests
