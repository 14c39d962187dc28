//! Wheels and source distributions of a few files each, made in a moment.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Venv, repository, run};

/// One file that is to lie on a shelf.
#[derive(Clone)]
pub struct Item(Value);

/// A pure wheel with a module and a console script that says name and version.
pub fn wheel(name: &str, version: &str) -> Item {
    item("wheel", name, version)
}

/// A source distribution that nothing can build, with metadata that says so much that nothing has to.
pub fn sdist(name: &str, version: &str) -> Item {
    item("sdist", name, version)
}

fn item(kind: &str, name: &str, version: &str) -> Item {
    Item(json!({"kind": kind, "name": name, "version": version, "requires": [], "python": "", "text": ""}))
}

impl Item {
    /// Adds a dependency.
    pub fn needs(mut self, requirement: &str) -> Self {
        self.0["requires"]
            .as_array_mut()
            .unwrap()
            .push(requirement.into());
        self
    }

    /// Says for which Python it is.
    pub fn python(mut self, specifier: &str) -> Self {
        self.0["python"] = specifier.into();
        self
    }

    /// Changes the contents, so that other bytes have the same name.
    pub fn text(mut self, text: &str) -> Self {
        self.0["text"] = text.into();
        self
    }
}

/// A directory with such files and nothing else.
pub struct Shelf {
    directory: TempDir,
}

impl Shelf {
    /// Makes them.
    #[track_caller]
    pub fn new(items: &[Item]) -> Self {
        let directory = TempDir::new().unwrap();
        fill(directory.path(), items);
        Self { directory }
    }

    /// Where they are.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// All of them, sorted by name.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// Makes the files in a directory that is there.
#[track_caller]
pub fn fill(directory: &Path, items: &[Item]) {
    let items: Vec<_> = items.iter().map(|item| item.0.clone()).collect();
    let mut make = Venv::tool("python");
    make.arg(repository().join("tests/e2e/clients/shelf.py"))
        .arg(directory);
    run(make.arg(Value::from(items).to_string())).ok();
}
