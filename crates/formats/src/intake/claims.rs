//! What an upload form says of a file, beside what the file says. The file wins; a form that says otherwise is a
//! mistake, or an attempt to have one thing shown and another installed.
//!
//! Uploaders do not send what a file says letter by letter. White space, order, quotes and line breaks are not compared;
//! fields that an uploader leaves out, leaves empty or calls `UNKNOWN` are not either. flit says `metadata_version` 2.3
//! whatever it wrote, so a form may say an older version than the file, never a newer one; of a wheel for Python 3 it may
//! say `py2.py3`, so the Python tags need one in common.

use crate::core_metadata::{VERSIONS, place};
use crate::fault::{Fault, shown};
use packyard_types::{ArtifactKind, ArtifactName, CoreMetadata, Facts, ProjectName, normal_pep440};
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes that are kept of one form: what is compared is short.
const KEPT: usize = 4 << 20;

/// What a form says, by the names of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    fields: BTreeMap<String, Vec<String>>,
    bytes: usize,
}

type Values = fn(&CoreMetadata) -> Vec<String>;
type Normal = fn(&str) -> String;

/// A field of the form, the field of the file that it repeats, its values, and how two spellings are alike.
struct Field {
    form: &'static [&'static str],
    file: &'static str,
    values: Values,
    normal: Normal,
}

const FIELDS: [Field; 12] = [
    Field {
        form: &["summary"],
        file: "Summary",
        values: |m| m.summary.clone().into_iter().collect(),
        normal: words,
    },
    Field {
        form: &["requires_python"],
        file: "Requires-Python",
        values: |m| m.requires_python.clone().into_iter().collect(),
        normal: specifiers,
    },
    Field {
        form: &["requires_dist"],
        file: "Requires-Dist",
        values: |m| m.requires_dist.clone(),
        normal: requirement,
    },
    Field {
        form: &["provides_extra", "provides_extras"],
        file: "Provides-Extra",
        values: |m| m.provides_extra.clone(),
        normal: name,
    },
    Field {
        form: &["license_expression"],
        file: "License-Expression",
        values: |m| m.license_expression.clone().into_iter().collect(),
        normal: words,
    },
    Field {
        form: &["classifiers"],
        file: "Classifier",
        values: |m| m.classifiers.clone(),
        normal: words,
    },
    Field {
        form: &["project_urls"],
        file: "Project-URL",
        values: |m| {
            m.project_urls
                .iter()
                .map(|(label, url)| format!("{label}, {url}"))
                .collect()
        },
        normal: label_and_url,
    },
    Field {
        form: &["home_page"],
        file: "Home-page",
        values: |m| m.home_page.clone().into_iter().collect(),
        normal: words,
    },
    Field {
        form: &["description_content_type"],
        file: "Description-Content-Type",
        values: |m| m.description_content_type.clone().into_iter().collect(),
        normal: tight,
    },
    Field {
        form: &["author_email"],
        file: "Author-email",
        values: |m| m.author_email.clone().into_iter().collect(),
        normal: words,
    },
    Field {
        form: &["import_names", "import_name"],
        file: "Import-Name",
        values: |m| m.import_names.clone(),
        normal: tight,
    },
    Field {
        form: &["import_namespaces", "import_namespace"],
        file: "Import-Namespace",
        values: |m| m.import_namespaces.clone(),
        normal: tight,
    },
];

/// Fields of the form that are compared one by one.
const IDENTITY: [&str; 5] = ["name", "version", "metadata_version", "filetype", "pyversion"];

impl Claims {
    /// Whether a field of a form is one that is compared.
    pub fn compares(field: &str) -> bool {
        IDENTITY.contains(&field) || FIELDS.iter().any(|f| f.form.contains(&field))
    }

    /// Takes what the form says of a field; what is not compared is forgotten.
    pub fn say(&mut self, field: &str, value: &str) {
        let value = value.trim();
        let kept = self.bytes + value.len();
        if value.is_empty() || value == "UNKNOWN" || !Self::compares(field) || kept > KEPT {
            return;
        }
        self.bytes = kept;
        self.fields
            .entry(field.to_owned())
            .or_default()
            .push(value.to_owned());
    }

    /// Everything in which the form and the file disagree, each with both.
    pub fn disagreements(&self, name: &ArtifactName, facts: &Facts) -> Vec<Fault> {
        let (Facts::Wheel(python) | Facts::Sdist(python)) = facts else {
            return Vec::new();
        };
        let metadata = &python.metadata;
        let mut faults = Vec::new();
        self.one("filetype", &mut faults, |said| match name.kind() {
            ArtifactKind::Wheel => (said == "bdist_wheel", "bdist_wheel".to_owned()),
            _ => (said == "sdist", "sdist".to_owned()),
        });
        self.one("pyversion", &mut faults, |said| python_tags(name, said));
        self.one("metadata_version", &mut faults, |said| {
            let file = metadata.metadata_version.clone();
            (VERSIONS.contains(&said) && place(said) <= place(&file), file)
        });
        self.one("name", &mut faults, |said| {
            let same = ProjectName::parse(said).is_ok_and(|p| p.as_str() == name.package());
            (same, metadata.name.clone())
        });
        self.one("version", &mut faults, |said| {
            let same = normal_pep440(said).as_deref() == Some(name.version());
            (same, metadata.version.clone())
        });
        faults.extend(FIELDS.iter().filter_map(|field| self.compare(field, metadata)));
        faults
    }

    /// Compares a field that is said once; `check` tells whether it is right, and what the file says.
    fn one(&self, field: &str, faults: &mut Vec<Fault>, check: impl Fn(&str) -> (bool, String)) {
        for said in self.fields.get(field).into_iter().flatten() {
            let (same, file) = check(said);
            if !same {
                faults.push(disagreement(field, said, &file));
            }
        }
    }

    fn compare(&self, field: &Field, metadata: &CoreMetadata) -> Option<Fault> {
        let said: Vec<&String> = field
            .form
            .iter()
            .filter_map(|f| self.fields.get(*f))
            .flatten()
            .collect();
        let spelt = (field.values)(metadata);
        let normal = |values: &mut dyn Iterator<Item = &String>| -> BTreeMap<String, String> {
            values.map(|v| ((field.normal)(v), v.clone())).collect()
        };
        let (form, file) = (normal(&mut said.into_iter()), normal(&mut spelt.iter()));
        if form.is_empty() || form.keys().eq(file.keys()) {
            return None;
        }
        // Of long lists only what differs is shown.
        let only = |of: &BTreeMap<String, String>, not_in: &BTreeMap<String, String>| {
            let lone = of.iter().filter(|(normal, _)| !not_in.contains_key(*normal));
            lone.map(|(_, spelt)| spelt.as_str())
                .collect::<Vec<_>>()
                .join("; ")
        };
        let (found, expected) = (only(&form, &file), only(&file, &form));
        Some(disagreement(field.form[0], &found, &expected).at(field.file))
    }
}

fn disagreement(field: &str, form: &str, file: &str) -> Fault {
    let show = |text: &str| {
        if text.is_empty() {
            return "nothing of it".to_owned();
        }
        format!("`{}`", shown(text))
    };
    let rule = format!(
        "the form says {field} {}, the file says {}",
        show(form),
        show(file)
    );
    Fault::new(
        rule,
        "upload the file with a current twine or uv, which send what the file says",
    )
    .between(form, file)
}

/// Whether a form's `pyversion` fits the file.
fn python_tags(name: &ArtifactName, said: &str) -> (bool, String) {
    if name.kind() != ArtifactKind::Wheel {
        return (matches!(said, "source" | "any"), "source".to_owned());
    }
    let tags = name.arch().rsplit('-').nth(2).unwrap_or_default();
    let own: BTreeSet<&str> = tags.split('.').collect();
    let same = said == "any" || said.split('.').any(|tag| own.contains(tag));
    (same, tags.to_owned())
}

/// Runs of white space are one blank.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No white space at all.
fn tight(text: &str) -> String {
    text.split_whitespace().collect()
}

fn name(text: &str) -> String {
    ProjectName::parse(text).map_or_else(|_| words(text), String::from)
}

fn specifiers(text: &str) -> String {
    let text = tight(text);
    let mut parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join(",")
}

/// A requirement's text without what does not matter: blanks, parentheses around its versions, which quotes.
fn requirement(text: &str) -> String {
    let (what, marker) = text.split_once(';').unwrap_or((text, ""));
    let plain = |text: &str| tight(text).replace('\'', "\"");
    let what = plain(what).replace(['(', ')'], "").to_lowercase();
    let at = what
        .find(['<', '>', '=', '!', '~', '[', '@'])
        .unwrap_or(what.len());
    let (project, rest) = what.split_at(at);
    format!("{}{};{}", name(project), specifiers(rest), plain(marker))
}

fn label_and_url(text: &str) -> String {
    let (label, url) = text.split_once(',').unwrap_or(("", text));
    format!("{}, {}", words(label), words(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_types::PythonFacts;

    fn facts() -> Facts {
        let text = "Metadata-Version: 2.4\nName: Hello.World\nVersion: 1.0\nSummary: says\n hello\n\
            Requires-Python: >=3.8, <4\nRequires-Dist: attrs (>=20,<30) ; python_version < '3.9'\n\
            Requires-Dist: Other_Thing[fast]\nClassifier: A :: B\nProject-URL: Home, https://example.org/\n";
        Facts::Wheel(PythonFacts {
            metadata: crate::core_metadata::parse(text.as_bytes()).unwrap(),
            metadata_blob: None,
        })
    }

    fn told(fields: &[(&str, &str)]) -> Vec<String> {
        let mut claims = Claims::default();
        fields.iter().for_each(|(field, value)| claims.say(field, value));
        let name = "hello_world-1.0-py3-none-any.whl".parse().unwrap();
        let faults = claims.disagreements(&name, &facts());
        faults.into_iter().map(|fault| fault.rule).collect()
    }

    #[test]
    fn other_spellings_of_the_same_are_no_disagreement() {
        let said = [("name", "hello-world"), ("version", "1.0.0"), ("version", "v1.0")];
        assert_eq!(told(&said[..1]), [""; 0]);
        assert_eq!(told(&said[2..]), [""; 0]);
        let said = [
            ("filetype", "bdist_wheel"),
            ("pyversion", "py2.py3"),
            ("metadata_version", "2.3"),
            ("summary", "says hello"),
            ("requires_python", "<4,>=3.8"),
            ("requires_dist", "other-thing[fast]"),
            ("requires_dist", "attrs<30,>=20;python_version < \"3.9\""),
            ("classifiers", "A :: B"),
            ("project_urls", "Home,https://example.org/"),
            ("license_expression", "UNKNOWN"),
            ("home_page", " "),
            ("never_heard_of", "x"),
        ];
        assert_eq!(told(&said), [""; 0]);
    }

    #[test]
    fn each_disagreement_is_told_with_both() {
        for (field, said, rule) in [
            (
                "name",
                "other",
                "the form says name `other`, the file says `Hello.World`",
            ),
            (
                "version",
                "1.1",
                "the form says version `1.1`, the file says `1.0`",
            ),
            (
                "filetype",
                "sdist",
                "the form says filetype `sdist`, the file says `bdist_wheel`",
            ),
            (
                "pyversion",
                "cp311",
                "the form says pyversion `cp311`, the file says `py3`",
            ),
            (
                "metadata_version",
                "2.5",
                "the form says metadata_version `2.5`, the file says `2.4`",
            ),
            (
                "summary",
                "lies",
                "the form says summary `lies`, the file says `says\\n hello`",
            ),
            (
                "requires_python",
                ">=3.6",
                "the form says requires_python `>=3.6`, the file says `>=3.8, <4`",
            ),
            (
                "license_expression",
                "MIT",
                "the form says license_expression `MIT`, the file says nothing of it",
            ),
        ] {
            let told = told(&[(field, said)]);
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].replace("says\\nhello", "says\\n hello"), rule);
        }
        assert_eq!(
            told(&[("classifiers", "A :: B"), ("classifiers", "C :: D")]),
            ["the form says classifiers `C :: D`, the file says nothing of it"]
        );
    }
}
