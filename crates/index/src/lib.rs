//! The disposable SQLite index of the log
