//! Sound copies over HTTP: from a server or an export by the paths that clients use, from a backup that a web server shows
//! by its own.

use packyard_client::Fetch;
use packyard_repo::Spare;
use std::{collections::BTreeMap, path::Path};

/// What lies below a URL.
pub struct UrlSpare {
    url: String,
    fetch: Fetch,
}

impl std::fmt::Debug for UrlSpare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}

impl UrlSpare {
    /// The place at a URL without a slash at its end.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            fetch: Fetch::new(),
        }
    }
}

impl Spare for UrlSpare {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn bring(&self, path: &str, to: &Path) -> Result<bool, String> {
        // What is in a URL has its own way with these.
        let path = path.replace('%', "%25").replace('+', "%2B").replace(' ', "%20");
        let url = format!("{}/{path}", self.url);
        // What is not there, and what is refused, is looked for elsewhere.
        Ok(self.fetch.file(&url, to, None, u64::MAX).is_ok())
    }

    fn objects(&self) -> Result<Option<BTreeMap<String, u64>>, String> {
        Ok(None)
    }
}
