//! A project's page of somebody else's simple index, read to be passed on: JSON (PEP 691, 700, 658/714, 792) or HTML
//! (PEP 503, 592, 658/714, 792).
//!
//! The page is hostile text. What is kept of it are values that parsed; a file without a SHA-256, of another project, of a
//! kind that is not hosted, or with a link that is not http(s) (of a page of https: not https), is left out and counted.

mod json;

use super::simple::{attribute, resolved, tags};
use crate::fault::Fault;
use packyard_types::{ArtifactName, Digest, Ecosystem, ProjectName, ProjectStatus, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

/// Largest page that is read, in bytes.
pub const MAX_PAGE_BYTES: u64 = 32 << 20;
/// Most files of one project.
const MAX_FILES: usize = 100_000;
/// Most bytes that a page says of one file.
const MAX_FILE_TEXT: usize = 64 << 10;
/// Most bytes of all addresses together: a relative link may be much shorter than what it stands for.
const MAX_LINKS: usize = 32 << 20;
/// Longest text that is passed on: a reason, a range of Pythons.
const MAX_TEXT: usize = 2000;

/// What a page says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamPage {
    /// The status of the project there.
    #[serde(default)]
    pub status: ProjectStatus,
    /// Why it has it; empty where nobody said.
    #[serde(default)]
    pub reason: String,
    /// How many files it lists that cannot be passed on.
    #[serde(default)]
    pub left_out: usize,
    /// The others, in the order of the page.
    pub files: Vec<UpstreamFile>,
}

/// A file that a page lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamFile {
    /// Its name, as packyard spells it.
    pub filename: ArtifactName,
    /// Where its bytes are: http or https.
    pub url: String,
    /// What they must hash to.
    pub sha256: Digest,
    /// How many they are, where the page says so.
    #[serde(rename = "size", default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// `Requires-Python`, as the page has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// Why it was yanked, where it was; empty where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
    /// When it was uploaded there, where the page says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
    /// What `{url}.metadata` must hash to, where there is such a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_sha256: Option<Digest>,
}

/// Reads the page of a project. `url` is where it came from, after redirects: its links may be relative.
pub fn read(project: &ProjectName, url: &str, bytes: &[u8]) -> Result<UpstreamPage, Fault> {
    let text = super::text("the page", bytes)?;
    let own = Url::parse(url).map_err(|e| fault(format!("`{url}` is not a URL: {e}")))?;
    let mut page = if text.trim_start().starts_with('{') {
        json::read(text, &own)?
    } else {
        html(text, &own)?
    };
    let listed = page.files.len();
    let mut seen = BTreeSet::new();
    // Two files of one name would be two answers to one question: the first counts.
    page.files.retain(|file| {
        let name = &file.filename;
        let stays_safe = own.scheme() != "https" || file.url.starts_with("https:");
        stays_safe
            && name.kind().ecosystem() == Ecosystem::Pip
            && name.package() == project.as_str()
            && seen.insert(name.clone())
    });
    page.left_out += listed - page.files.len();
    Ok(page)
}

fn fault(rule: String) -> Fault {
    Fault::new(rule, "is this the URL of a simple index?")
}

fn bounded(files: usize) -> Result<(), Fault> {
    if files > MAX_FILES {
        return Err(fault(format!("the page lists more than {MAX_FILES} files")));
    }
    Ok(())
}

/// How long the addresses of a page are so far.
#[derive(Default)]
struct Links(usize);

impl Links {
    fn counted(&mut self, file: UpstreamFile) -> Result<UpstreamFile, Fault> {
        self.0 += file.url.len();
        if self.0 > MAX_LINKS {
            return Err(fault(format!(
                "the page's links have more than {MAX_LINKS} bytes together"
            )));
        }
        Ok(file)
    }
}

/// A text of one line that is passed on, or nothing.
fn line(text: &str) -> Option<String> {
    let fits = text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    fits.then(|| text.trim().to_owned())
}

/// Why something is so. What is too long or too odd to be shown is left out; that it is so is not.
fn reason(text: &str) -> String {
    line(text).unwrap_or_default()
}

/// Where a link leads, without its fragment.
fn link(base: &Url, href: &str) -> Option<String> {
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    let fetched = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|h| !h.is_empty());
    let plain = url.username().is_empty() && url.password().is_none();
    (fetched && plain && url.as_str().len() <= 4000).then(|| url.into())
}

/// A status that nobody knows yet says nothing (PEP 792).
fn known_status(status: &str) -> ProjectStatus {
    status.parse().unwrap_or_default()
}

fn html(text: &str, base: &Url) -> Result<UpstreamPage, Fault> {
    if !text.contains('<') {
        return Err(fault("the page is neither JSON nor HTML".to_owned()));
    }
    // The first one counts, as in a browser.
    let own_base = tags(text, "base").find_map(|(tag, _)| attribute(short(tag)?, "href"));
    let base = own_base
        .and_then(|href| base.join(&href).ok())
        .unwrap_or(base.clone());
    let (mut page, mut links) = (UpstreamPage::default(), Links::default());
    for (n, (tag, content)) in tags(text, "a").enumerate() {
        bounded(n + 1)?;
        let Some(href) = short(tag).and_then(|tag| attribute(tag, "href")) else {
            continue;
        };
        match html_file(tag, &href, short(content).unwrap_or_default(), &base) {
            Some(file) => page.files.push(links.counted(file)?),
            None => page.left_out += 1,
        }
    }
    for (tag, _) in tags(text, "meta").filter(|(tag, _)| short(tag).is_some()) {
        let content = attribute(tag, "content").unwrap_or_default();
        match attribute(tag, "name").as_deref() {
            Some("pypi:project-status") => page.status = known_status(&content),
            Some("pypi:project-status-reason") => page.reason = reason(&content),
            _ => {}
        }
    }
    Ok(page)
}

/// A text that is short enough to be honest.
fn short(text: &str) -> Option<&str> {
    Some(text).filter(|text| text.len() <= MAX_FILE_TEXT)
}

/// The text of a link is the filename (PEP 503).
fn html_file(tag: &str, href: &str, content: &str, base: &Url) -> Option<UpstreamFile> {
    let fragment = href.split_once('#')?.1;
    let digest = |text: &str| text.strip_prefix("sha256=").and_then(|d| d.parse().ok());
    let attribute = |name: &str| attribute(tag, name);
    let metadata = attribute("data-core-metadata").or_else(|| attribute("data-dist-info-metadata"));
    let content = content.split('<').next().unwrap_or_default();
    Some(UpstreamFile {
        filename: ArtifactName::parse(resolved(content).trim()).ok()?,
        url: link(base, href)?,
        sha256: fragment.split('&').find_map(digest)?,
        size_bytes: None,
        requires_python: attribute("data-requires-python").as_deref().and_then(line),
        yanked: attribute("data-yanked").as_deref().map(reason),
        uploaded_at: None,
        metadata_sha256: metadata.as_deref().and_then(digest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://index.example/root/simple/hello-world/";
    const HEX: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn page(text: &str) -> UpstreamPage {
        read(&"hello-world".parse().unwrap(), URL, text.as_bytes()).unwrap()
    }

    #[test]
    fn json_is_read_with_all_that_is_passed_on() {
        let page = page(&format!(
            r#"{{"meta":{{"api-version":"1.4"}},"name":"hello-world","project-status":{{"status":"deprecated","reason":"use hi"}},
            "files":[{{"filename":"hello_world-1.0-py3-none-any.whl","url":"../../f/hello_world-1.0-py3-none-any.whl","hashes":{{"sha256":"{HEX}"}},
            "size":5,"requires-python":">=3.8","yanked":"it broke","upload-time":"2019-03-22T00:00:00.000000Z","core-metadata":{{"sha256":"{HEX}"}}}},
            {{"filename":"hello_world-1.0.tar.gz","url":"https://files.example/hello_world-1.0.tar.gz","hashes":{{"md5":"00"}}}},
            {{"filename":"hello_world-1.0.exe","url":"x.exe","hashes":{{"sha256":"{HEX}"}}}}, {{}}, 3]}}"#
        ));
        assert_eq!(
            (page.status, page.reason.as_str()),
            (ProjectStatus::Deprecated, "use hi")
        );
        assert_eq!(page.left_out, 4);
        let file = &page.files[0];
        assert_eq!(
            file.url,
            "https://index.example/root/f/hello_world-1.0-py3-none-any.whl"
        );
        assert_eq!(file.sha256, Digest::of(b"hello"));
        assert_eq!(file.metadata_sha256, Some(Digest::of(b"hello")));
        assert_eq!(
            (file.size_bytes, file.yanked.as_deref()),
            (Some(5), Some("it broke"))
        );
        assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
        assert_eq!(file.uploaded_at.unwrap().unix_seconds(), 1_553_212_800);
    }

    #[test]
    fn a_file_older_than_any_is_of_no_known_age() {
        let page = page(&format!(
            r#"{{"files":[{{"filename":"hello_world-1.0.tar.gz","url":"hello_world-1.0.tar.gz","hashes":{{"sha256":"{HEX}"}},
            "upload-time":"0000-01-01T00:00:00Z"}}]}}"#
        ));
        assert_eq!(page.files[0].uploaded_at, None);
    }

    #[test]
    fn html_is_read_with_all_that_is_passed_on() {
        let page = page(&format!(
            "<!doctype html><base href='https://files.example/pool/'><META name='pypi:project-status' content='quarantined'>\
             <a href=\"a/x%2By.whl#sha256={HEX}\" data-requires-python=\"&gt;=3.8\" data-dist-info-metadata=\"sha256={HEX}\" \
             data-yanked>hello_world-1.0+local-py3-none-any.whl</a><a href='hello_world-1.0.tar.gz'>hello_world-1.0.tar.gz</a>"
        ));
        assert_eq!((page.status, page.left_out), (ProjectStatus::Quarantined, 1));
        let file = &page.files[0];
        assert_eq!(file.url, "https://files.example/pool/a/x%2By.whl");
        assert_eq!(file.filename.version(), "1.0+local");
        assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
        assert_eq!(file.metadata_sha256, Some(file.sha256));
        assert_eq!(file.yanked.as_deref(), Some(""));
    }

    #[test]
    fn what_belongs_to_another_project_or_leads_elsewhere_than_to_http_is_left_out() {
        let file = |name: &str, url: &str| {
            format!(r#"{{"filename":"{name}","url":"{url}","hashes":{{"sha256":"{HEX}"}}}}"#)
        };
        let good = "hello_world-1.0-py3-none-any.whl";
        for (name, url) in [
            ("evil-1.0-py3-none-any.whl", "x"),
            ("hello_world_2-1.0-py3-none-any.whl", "x"),
            ("hello-world_1.0_all.deb", "x"),
            (good, "file:///etc/passwd"),
            (good, "http://files.example/x"),
            (good, "javascript:alert(1)"),
            (good, "https://me:secret@files.example/x"),
            ("../hello_world-1.0-py3-none-any.whl", "x"),
        ] {
            let page = page(&format!(r#"{{"files":[{}]}}"#, file(name, url)));
            assert_eq!((page.files.len(), page.left_out), (0, 1), "{name} {url}");
        }
        let twice = page(&format!(
            r#"{{"files":[{},{}]}}"#,
            file(good, "a"),
            file(good, "b")
        ));
        assert_eq!((twice.files.len(), twice.left_out), (1, 1));
    }

    /// Refused, having been read no further than to the file that is too much.
    fn is_refused_early(page: &str) {
        let name: ProjectName = "hello-world".parse().unwrap();
        let refused = read(&name, URL, page.as_bytes()).unwrap_err();
        assert!(
            refused.rule.contains("more than 100000 files"),
            "{}",
            refused.rule
        );
    }

    #[test]
    fn a_list_that_goes_on_for_too_long_is_not_read_to_its_end() {
        // Behind the limit is what would be another fault, had it been read.
        for piece in ["0,", "{\"a\":0},"] {
            let many = piece.repeat((10 << 20) / piece.len());
            is_refused_early(&format!("{{\"files\":[{many}this is no JSON"));
        }
        is_refused_early(&"<a href=\"".repeat(1 << 20));
        is_refused_early(&"<a x>".repeat(2 << 20));
    }

    #[test]
    fn what_is_said_of_one_file_is_bounded_and_so_are_all_links_together() {
        let good =
            format!(r#"{{"filename":"hello_world-1.0.tar.gz","url":"x","hashes":{{"sha256":"{HEX}"}}}}"#);
        let hashes = "\"a\":\"b\",".repeat(1 << 20);
        let large = format!(
            r#"{{"filename":"hello_world-2.0.tar.gz","url":"x","hashes":{{{hashes}"sha256":"{HEX}"}}}}"#
        );
        let page = page(&format!(r#"{{"files":[{large},{good}]}}"#));
        assert_eq!((page.files.len(), page.left_out), (1, 1));
        assert_eq!(page.files[0].filename.version(), "1.0");

        let name: ProjectName = "hello-world".parse().unwrap();
        let far = format!("https://index.example/{}/", "far".repeat(1000));
        let many = vec![good.as_str(); 20_000].join(",");
        let refused = read(&name, &far, format!(r#"{{"files":[{many}]}}"#).as_bytes()).unwrap_err();
        assert!(refused.rule.contains("links"), "{}", refused.rule);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let name: ProjectName = "hello-world".parse().unwrap();
        for text in [
            "",
            "502 Bad Gateway",
            "{}",
            "{\"files\":3}",
            "{\"files\":",
            "\u{0}",
        ] {
            assert!(read(&name, URL, text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(&name, URL, b"\xff<a>").is_err());
    }
}
