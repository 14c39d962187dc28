//! The tables. A row's life is a validity range: `from_n` is the revision that brought it, `to_n` the one that ended
//! it, null while it holds. So every revision can be asked for, and nothing is ever overwritten.
//!
//! A row of `artifacts` is an artifact in a state: a yank ends it and begins another with `yanked` set, empty where
//! nobody gave a reason. `published_*` say when it first came into the channel, and are the same in all its rows.
//! A row of `parts` is a file that belongs to the artifact of that row, and is as long there.
//! `channels.floor` is the oldest revision that is kept, but for tagged ones; `set_n` is the one that set its settings. `gone` has a row for each digest whose
//! bytes were destroyed (`purge`) or given up (`retire`). `projects` is what channels say of projects as a whole.
//! `documents` are those of yum repositories.
//! `python_pages` has for each project of a channel with wheels or sdists the newest revision that changed its page.

/// Goes up with every change of the tables; an index of another schema is thrown away and rebuilt.
pub const SCHEMA: i64 = 7;

/// The tables that a replay fills.
pub const TABLES: [&str; 17] = [
    "commits",
    "changes",
    "channels",
    "distributions",
    "artifacts",
    "parts",
    "packed",
    "trees",
    "tree_files",
    "keys",
    "tokens",
    "publishers",
    "tags",
    "gone",
    "projects",
    "documents",
    "python_pages",
];

/// Makes all tables. `artifacts.version` is that of the artifact's key: equal versions are spelt alike.
pub const CREATE: &str = "
CREATE TABLE applied (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    n       INTEGER NOT NULL,
    digest  TEXT,
    at      TEXT NOT NULL
);
CREATE TABLE commits (
    n       INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    node    TEXT NOT NULL,
    writer  TEXT NOT NULL,
    digest  TEXT NOT NULL,
    modified INTEGER NOT NULL
);
CREATE TABLE changes (
    n       INTEGER NOT NULL,
    k       INTEGER NOT NULL,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    sender  TEXT NOT NULL,
    note    TEXT,
    verb    TEXT NOT NULL,
    channel TEXT,
    body    TEXT NOT NULL,
    PRIMARY KEY (n, k)
) WITHOUT ROWID;
CREATE INDEX changes_by_channel ON changes (channel, n);
CREATE TABLE channels (
    name     TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    from_n   INTEGER NOT NULL,
    floor    INTEGER NOT NULL,
    set_n    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE distributions (
    channel  TEXT NOT NULL,
    name     TEXT NOT NULL,
    settings TEXT NOT NULL,
    from_n   INTEGER NOT NULL,
    PRIMARY KEY (channel, name)
) WITHOUT ROWID;
CREATE TABLE artifacts (
    id              INTEGER PRIMARY KEY,
    channel         TEXT NOT NULL,
    ecosystem       TEXT NOT NULL,
    distribution    TEXT NOT NULL,
    component       TEXT NOT NULL,
    package         TEXT NOT NULL,
    version         TEXT NOT NULL,
    arch            TEXT NOT NULL,
    filename        TEXT NOT NULL,
    served          TEXT NOT NULL,
    received        TEXT NOT NULL,
    project         TEXT NOT NULL,
    release_version TEXT NOT NULL,
    summary         TEXT NOT NULL,
    requires_python TEXT,
    metadata        TEXT,
    published_at    TEXT NOT NULL,
    published_n     INTEGER NOT NULL,
    published_k     INTEGER NOT NULL,
    yanked          TEXT,
    body            TEXT NOT NULL,
    from_n          INTEGER NOT NULL,
    to_n            INTEGER
);
CREATE INDEX artifacts_by_key ON artifacts (channel, ecosystem, package, version, arch);
CREATE INDEX artifacts_by_place ON artifacts (channel, ecosystem, distribution);
CREATE INDEX artifacts_by_project ON artifacts (channel, project);
CREATE INDEX artifacts_by_file ON artifacts (filename, channel);
CREATE INDEX artifacts_of_pip ON artifacts (channel, project) WHERE ecosystem = 'pip' AND to_n IS NULL;
CREATE INDEX artifacts_by_revision ON artifacts (from_n);
CREATE INDEX artifacts_by_end ON artifacts (to_n) WHERE to_n IS NOT NULL;
CREATE INDEX artifacts_by_served ON artifacts (served);
CREATE INDEX artifacts_by_received ON artifacts (received);
CREATE INDEX artifacts_by_metadata ON artifacts (metadata);
CREATE TABLE parts (
    artifact INTEGER NOT NULL,
    name     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    PRIMARY KEY (artifact, name)
) WITHOUT ROWID;
CREATE INDEX parts_by_name ON parts (name);
CREATE INDEX parts_by_digest ON parts (digest);
CREATE TABLE packed (
    digest TEXT PRIMARY KEY,
    pack   TEXT NOT NULL,
    start  INTEGER NOT NULL,
    size   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE trees (
    key    TEXT NOT NULL,
    digest TEXT NOT NULL,
    from_n INTEGER NOT NULL,
    to_n   INTEGER,
    PRIMARY KEY (key, from_n)
) WITHOUT ROWID;
CREATE TABLE tree_files (
    channel   TEXT NOT NULL,
    view      TEXT NOT NULL,
    path      TEXT NOT NULL,
    dir       TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    immutable INTEGER NOT NULL,
    tree      TEXT NOT NULL,
    key       TEXT NOT NULL,
    from_n    INTEGER NOT NULL,
    to_n      INTEGER,
    PRIMARY KEY (channel, view, path, from_n)
) WITHOUT ROWID;
CREATE INDEX tree_files_by_hash ON tree_files (channel, view, dir, sha256);
CREATE INDEX tree_files_by_key ON tree_files (key, to_n);
CREATE TABLE keys (
    n    INTEGER PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,
    hash    TEXT NOT NULL,
    body    TEXT NOT NULL,
    from_n  INTEGER NOT NULL,
    to_n    INTEGER
) WITHOUT ROWID;
CREATE INDEX tokens_by_hash ON tokens (hash);
CREATE TABLE publishers (
    id      TEXT PRIMARY KEY,
    body    TEXT NOT NULL,
    from_n  INTEGER NOT NULL,
    to_n    INTEGER
) WITHOUT ROWID;
CREATE TABLE tags (
    channel TEXT NOT NULL,
    name    TEXT NOT NULL,
    at_n    INTEGER NOT NULL,
    from_n  INTEGER NOT NULL,
    PRIMARY KEY (channel, name)
) WITHOUT ROWID;
CREATE TABLE gone (
    digest TEXT PRIMARY KEY,
    n      INTEGER NOT NULL,
    verb   TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE projects (
    channel  TEXT NOT NULL,
    project  TEXT NOT NULL,
    settings TEXT NOT NULL,
    from_n   INTEGER NOT NULL,
    to_n     INTEGER,
    PRIMARY KEY (channel, project, from_n)
) WITHOUT ROWID;
CREATE TABLE documents (
    channel      TEXT NOT NULL,
    distribution TEXT NOT NULL,
    kind         TEXT NOT NULL,
    body         TEXT NOT NULL,
    from_n       INTEGER NOT NULL,
    to_n         INTEGER,
    PRIMARY KEY (channel, distribution, kind, from_n)
) WITHOUT ROWID;
CREATE TABLE python_pages (
    channel TEXT NOT NULL,
    project TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (channel, project)
) WITHOUT ROWID;
CREATE INDEX python_pages_by_revision ON python_pages (channel, n);
";
