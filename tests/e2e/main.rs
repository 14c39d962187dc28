//! The real clients as the last judge.
//!
//! Each module is one kind of client or promise; each test tells one story against the binary
//! under test and, where a client is involved, against the real one. `tests/run` provisions what
//! the tests need; a missing tool is a failure that says so, never a skipped test.

// Tests read clocks and unwrap: a panic with a message is how they fail.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod harness;

mod apt;
mod apt_changelog;
mod apt_choices;
mod apt_http;
mod apt_indexes;
mod apt_load;
mod apt_refusals;
mod apt_suites;
mod archives;
mod audit;
mod authorisation;
mod backup;
mod bad_input;
mod boundaries;
mod build;
mod changelog;
mod channels;
mod check;
mod circle;
mod clients;
mod commands;
mod comps;
mod deb_checks;
mod diff;
mod distributions;
mod dnf;
mod dnf5;
mod doctor;
mod dput;
mod drafts;
mod dsc_build;
mod durability;
mod errata;
mod export;
mod foreign;
mod formats;
mod fsck;
mod http;
mod identity;
mod import;
mod inherits;
mod init;
mod interrupted;
mod keys;
mod kills;
mod limits;
mod metrics;
mod mirrors;
mod names;
mod nevra;
mod oidc;
mod people;
mod pip;
mod promote;
mod proxy;
mod publish;
mod python_backend;
mod python_build;
mod python_sdists;
mod reader;
mod reproducible;
mod requirements;
mod retention;
mod rpm;
mod serving;
mod shortage;
mod simple;
mod sources;
mod srpm;
mod srpm_build;
mod status;
mod systemd;
mod targets;
mod tls;
mod tokens;
mod up;
mod upload;
mod upload_form;
mod upstream;
mod vectors;
mod versions;
mod yank;
mod yum_generations;
mod yum_load;
mod yum_mirrors;
mod yum_private;
mod zypper;
