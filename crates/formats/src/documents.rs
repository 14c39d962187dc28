//! Documents of a yum repository that people write: comps.xml and updateinfo.xml, as dnf's and zypper's libraries read
//! them (libcomps, libsolv), and others of which nothing is known but whether they are XML.
//!
//! What is checked: it is UTF-8 and well-formed, declares no document type of its own (whose entities could grow without
//! end), has the right root, and what names a package names one. What is not understood is left as it is.

mod advisories;
mod plain;

pub use advisories::advisory;

use crate::intake::NotAPackage;
use packyard_types::{DocumentKind, DocumentName, RpmArch, RpmName};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::{collections::BTreeSet, ops::Range};

/// The largest document, in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 8 << 20;
/// How deep elements may lie in each other.
const MAX_DEPTH: usize = 64;

/// An `<update>` of an updateinfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Its id.
    pub id: String,
    /// Where its element stands in the document.
    pub bytes: Range<usize>,
}

/// Whether an `<update>` is one that packyard makes of a changelog, by its form: its id is that of the source package of
/// all its packages, and so are the title and the rest of what people choose. Who imports an export of a yard leaves these
/// out: they come with the packages.
pub fn is_made_of_a_changelog(update: &str) -> bool {
    let between = |from: &str, to: &str| Some(update.split_once(from)?.1.split_once(to)?.0);
    let (Some(id), Some(title), Some(why)) = (
        between("<id>", "</id>"),
        between("<title>", "</title>"),
        between(" status=\"final\" type=\"", "\" version=\"1\">"),
    ) else {
        return false;
    };
    let sources = update
        .match_indices(" src=\"")
        .map(|(at, found)| &update[at + found.len()..]);
    let mut sources = sources.map(|rest| rest.split('"').next().unwrap_or_default());
    let of_build = |source: &str| source.strip_suffix(".src.rpm") == Some(id);
    title == format!("{id}: {why} update") && update.contains(" src=\"") && sources.all(of_build)
}

/// Reads a document. Gives its advisories, in their order; none of one that is no updateinfo.
pub fn check(kind: &DocumentKind, name: &DocumentName, bytes: &[u8]) -> Result<Vec<Update>, NotAPackage> {
    let root = match kind {
        kind if *kind == DocumentKind::group() => Some("comps"),
        kind if *kind == DocumentKind::updateinfo() => Some("updates"),
        _ if name.as_str().ends_with(".xml") => None,
        _ => return plain::check(kind, name, bytes).map(|()| Vec::new()),
    };
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let fault = Wrong::new("it is not UTF-8", "save it as UTF-8");
        fault.at(name, bytes, e.valid_up_to())
    })?;
    let mut check = Check {
        root,
        ..Check::default()
    };
    let mut reader = Reader::from_str(text);
    loop {
        let from = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|e| {
            let position = offset(reader.error_position());
            Wrong::new(
                &format!("it is not well-formed XML: {e}"),
                "mend it; `xmllint --noout` shows more",
            )
            .at(name, bytes, position)
        })?;
        let here = from..offset(reader.buffer_position());
        if check
            .event(&event, &here)
            .map_err(|wrong| wrong.at(name, bytes, from))?
        {
            return Ok(check.updates);
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// What is wrong, before it is known where.
struct Wrong {
    rule: String,
    hint: String,
}

impl Wrong {
    fn new(rule: &str, hint: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            hint: hint.to_owned(),
        }
    }

    fn at(self, name: &DocumentName, bytes: &[u8], offset: usize) -> NotAPackage {
        let before = &bytes[..offset.min(bytes.len())];
        let line = before.split(|b| *b == b'\n').count();
        let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
        NotAPackage {
            filename: name.to_string(),
            entry: Some(format!("line {line}, column {column}")),
            rule: self.rule,
            hint: self.hint,
            found: None,
            expected: None,
            is_ours: false,
        }
    }
}

/// A reading of one document.
#[derive(Default)]
struct Check {
    root: Option<&'static str>,
    /// The elements that are open.
    open: Vec<String>,
    seen_root: bool,
    /// The text of the element that is open, where it has only text.
    text: String,
    /// Of the group or the update that is open.
    id: Option<String>,
    /// Where the group or the update that is open begins.
    began: usize,
    updates: Vec<Update>,
    known: BTreeSet<String>,
}

type Judged = Result<(), Wrong>;

impl Check {
    /// Takes the next event; true at the end.
    fn event(&mut self, event: &Event<'_>, here: &Range<usize>) -> Result<bool, Wrong> {
        if self.open.len() == 1 {
            self.began = here.start;
        }
        match event {
            Event::Start(e) => {
                self.start(e)?;
            }
            Event::Empty(e) => {
                self.start(e)?;
                self.end(here.end)?;
            }
            Event::End(_) => self.end(here.end)?,
            Event::Text(text) => {
                if self.open.is_empty() && !text.trim().is_empty() {
                    return Err(Wrong::new(
                        "there is text outside of the root element",
                        "remove it",
                    ));
                }
                self.text.push_str(text);
            }
            Event::CData(text) => self.text.push_str(text),
            Event::GeneralRef(name) => {
                let known = ["amp", "lt", "gt", "quot", "apos"];
                if !known.contains(&name.as_ref()) && !name.starts_with('#') {
                    return Err(Wrong::new(
                        &format!("it names an entity `&{};` that XML does not know", &**name),
                        "write the character itself",
                    ));
                }
            }
            // comps.xml files name their DTD; one inside of the file could declare entities that grow without end.
            Event::DocType(kind) => {
                if kind.contains('[') {
                    return Err(Wrong::new(
                        "it declares a document type of its own",
                        "remove what stands between `[` and `]` in `<!DOCTYPE`",
                    ));
                }
            }
            Event::Eof => {
                if let Some(open) = self.open.last() {
                    let rule = format!("it ends inside of `<{open}>`");
                    return Err(Wrong::new(&rule, "was it cut off? send the whole file"));
                }
                if !self.seen_root {
                    return Err(Wrong::new("it is empty", "send the file's contents"));
                }
                return Ok(true);
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
        Ok(false)
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Judged {
        let name = e.name().as_ref().to_owned();
        if self.open.is_empty() {
            let right = self.root.is_none_or(|root| root == name);
            if self.seen_root || !right {
                let root = self.root.unwrap_or("one element");
                let rule = format!("its root is `<{name}>`, not `<{root}>`");
                return Err(Wrong::new(&rule, "is it another document?"));
            }
            self.seen_root = true;
        }
        if self.open.len() >= MAX_DEPTH {
            let rule = format!("elements lie more than {MAX_DEPTH} deep in each other");
            return Err(Wrong::new(&rule, "no reader needs that"));
        }
        for attribute in e.attributes() {
            attribute.map_err(|e| Wrong::new(&format!("an attribute of `<{name}>`: {e}"), "mend it"))?;
        }
        match (self.root, name.as_str()) {
            (Some("updates"), "update") => self.update(e)?,
            (Some("updates"), "package") => package(e)?,
            (Some("comps"), "group") if self.open.len() == 1 => self.id = None,
            _ => {}
        }
        self.open.push(name);
        self.text.clear();
        Ok(())
    }

    fn update(&mut self, e: &BytesStart<'_>) -> Judged {
        if self.open.len() != 1 {
            return Err(Wrong::new(
                "an `<update>` lies inside of another element",
                "mend it",
            ));
        }
        self.id = None;
        let kinds = ["security", "bugfix", "enhancement", "newpackage"];
        let kind = attribute(e, "type").unwrap_or_default();
        if kinds.contains(&kind.as_str()) {
            return Ok(());
        }
        let rule = format!("an `<update>` is of type `{kind}`");
        Err(Wrong::new(&rule, &format!("write one of {}", kinds.join(", "))))
    }

    fn end(&mut self, to: usize) -> Judged {
        let Some(name) = self.open.pop() else {
            return Ok(());
        };
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let inside = (self.open.last().map(String::as_str), name.as_str());
        match (self.root, inside) {
            (Some("updates"), (Some("update"), "id")) | (Some("comps"), (Some("group"), "id")) => {
                self.id = Some(text.to_owned());
            }
            (Some("updates"), (Some("updates"), "update")) | (Some("comps"), (Some("comps"), "group")) => {
                self.entry(&name, to)?;
            }
            (Some("comps"), (Some("packagelist"), "packagereq")) => {
                RpmName::parse(text).map_err(|e| Wrong::new(&e.to_string(), "name a package"))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A group or an update has ended.
    fn entry(&mut self, name: &str, to: usize) -> Judged {
        let id = self.id.take().unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '&' | '"' | '\'');
        if id.is_empty() || id.len() > 200 || !id.chars().all(plain) {
            let rule = format!("a `<{name}>` has the id `{id}`");
            return Err(Wrong::new(
                &rule,
                "give it an `<id>` of 1 to 200 letters, digits and marks",
            ));
        }
        if !self.known.insert(id.clone()) {
            let rule = format!("the id `{id}` stands there twice");
            return Err(Wrong::new(&rule, "an id names one thing"));
        }
        if name == "update" {
            let bytes = self.began..to;
            self.updates.push(Update { id, bytes });
        }
        Ok(())
    }
}

/// A `<package>` of an updateinfo.
fn package(e: &BytesStart<'_>) -> Judged {
    let of = |name: &str| attribute(e, name).unwrap_or_default();
    let wrong = |rule: String| {
        Wrong::new(
            &rule,
            "name, version, release, epoch and arch are those of an .rpm",
        )
    };
    RpmName::parse(&of("name")).map_err(|e| wrong(e.to_string()))?;
    RpmArch::parse(&of("arch")).map_err(|e| wrong(e.to_string()))?;
    for part in ["version", "release"] {
        let value = of(part);
        if value.is_empty() || value.contains(|c: char| c == '-' || c.is_whitespace() || c.is_control()) {
            return Err(wrong(format!("the {part} `{value}` of package `{}`", of("name"))));
        }
    }
    let epoch = of("epoch");
    if !epoch.is_empty() && epoch.parse::<u32>().is_err() {
        return Err(wrong(format!("the epoch `{epoch}` of package `{}`", of("name"))));
    }
    Ok(())
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = e.try_get_attribute(name).ok()??;
    Some(quick_xml::escape::unescape(&found.value).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: &DocumentKind, text: &str) -> String {
        let name = DocumentName::parse("it.xml").unwrap();
        let wrong = check(kind, &name, text.as_bytes()).unwrap_err();
        wrong.to_string()
    }

    #[test]
    fn advisories_are_known_by_their_ids() {
        let text = "<?xml version=\"1.0\"?>\n<!-- ours -->\n<updates>\n<update type='security'><id>A-1</id>\
            <pkglist><collection><package name='foo' version='1' release='2.el9' epoch='0' arch='noarch'/>\
            </collection></pkglist></update><update type=\"bugfix\"><id>A-2</id></update></updates>\n";
        let name = DocumentName::parse("updateinfo.xml").unwrap();
        let updates = check(&DocumentKind::updateinfo(), &name, text.as_bytes()).unwrap();
        let shown = updates.iter().map(|u| (u.id.as_str(), &text[u.bytes.clone()]));
        let (ids, texts): (Vec<&str>, Vec<&str>) = shown.unzip();
        assert_eq!(ids, ["A-1", "A-2"]);
        assert!(texts[0].starts_with("<update type='security'>") && texts[0].ends_with("</update>"));
        assert_eq!(texts[1], "<update type=\"bugfix\"><id>A-2</id></update>");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_column() {
        for (text, said) in [
            (
                "<updates>\n  <update type='bad'/></updates>",
                "line 2, column 3`: an `<update>` is of type `bad`",
            ),
            ("<updates>\n<update></updates>", "line 2"),
            ("<updates>\n", "it ends inside of `<updates>`"),
            ("", "it is empty"),
            ("<comps/>", "its root is `<comps>`, not `<updates>`"),
            ("<!DOCTYPE x [<!ENTITY a 'b'>]><updates/>", "document type"),
            ("<updates><update type='bugfix'/></updates>", "has the id ``"),
            (
                "<updates><update type='bugfix'><id>a</id></update><update type='bugfix'><id>a</id></update></updates>",
                "twice",
            ),
            (
                "<updates><update type='bugfix'><package name='../x' version='1' release='1' arch='noarch'/></update></updates>",
                "../x",
            ),
            ("<updates/>x", "text outside"),
            ("<updates>&bomb;</updates>", "entity `&bomb;`"),
        ] {
            let told = refused(&DocumentKind::updateinfo(), text);
            assert!(told.contains(said), "{text}: {told}");
        }
    }

    #[test]
    fn groups_name_packages() {
        let name = DocumentName::parse("comps.xml").unwrap();
        let text = |package: &str| {
            format!(
                "<comps><group><id>tools</id><name>Tools</name><packagelist><packagereq type=\"default\">{package}\
                 </packagereq></packagelist></group></comps>"
            )
        };
        assert!(check(&DocumentKind::group(), &name, text("hello-world").as_bytes()).is_ok());
        assert!(refused(&DocumentKind::group(), &text("hello world")).contains("hello world"));
        assert!(
            refused(
                &DocumentKind::group(),
                "<comps><group><name>x</name></group></comps>"
            )
            .contains("id")
        );
    }
}
