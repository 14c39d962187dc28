//! The axum server: pip, apt, yum, API and pages
