//! A channel with an upstream: real clients install through it, whatever becomes of the upstream meanwhile.

mod confusion;
mod faults;
mod files;
mod install;

use std::path::PathBuf;

use crate::circle::configure;
use crate::clients::shelf::{Item, Shelf, wheel};
use crate::harness::{OtherIndex, Pages, Reply, Request, Yard, get};

/// A yard whose channel `main` has somebody else's index as its upstream.
struct Stage {
    yard: Yard,
    other: OtherIndex,
    shelves: Vec<Shelf>,
}

impl Stage {
    fn new(pages: Pages) -> Self {
        let (yard, other) = (Yard::new(), OtherIndex::new(pages));
        let upstream = other.simple();
        configure(&yard, "main", &format!(r#"{{"upstream":"{upstream}"}}"#));
        Self {
            yard,
            other,
            shelves: Vec::new(),
        }
    }

    /// A file, made in a moment.
    fn file(&mut self, item: Item) -> PathBuf {
        self.shelves.push(Shelf::new(&[item]));
        self.shelves.last().unwrap().files().remove(0)
    }

    /// Lets the upstream offer a wheel.
    fn offers(&mut self, name: &str, version: &str) -> PathBuf {
        let file = self.file(wheel(name, version));
        self.other.offers(name, &file);
        file
    }

    fn index(&self) -> String {
        self.yard.url("/main/simple/")
    }

    /// A project's page, asked for as who insists on news does.
    fn page_anew(&self, project: &str) -> Reply {
        // Whole seconds: what was asked for in this one is new enough.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        Request::new("GET", &format!("{}{project}/", self.index()))
            .header("cache-control", "no-cache")
            .send()
    }

    /// The address of the first file of a project whose name contains a word.
    fn link(&self, project: &str, word: &str) -> String {
        let page = get(&format!("{}{project}/", self.index())).is(200);
        let mut links = page.text().split("href=\"../../").skip(1);
        let link = links.find(|link| link.contains(word)).unwrap();
        self.yard
            .url(&format!("/main/{}", link.split('#').next().unwrap()))
    }
}
