//! Authors and maintainers, from lists of people to the four fields of core metadata.

use packyard_types::CoreMetadata;

/// Somebody with a name, a mail address or both.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// PEP 621: names alone go to `Author`, addresses (with names) to `Author-email`.
pub(super) fn fields(people: &[Person]) -> (Option<String>, Option<String>) {
    let alone = people.iter().filter(|p| p.email.is_none());
    let names: Vec<String> = alone.filter_map(|p| p.name.clone()).collect();
    let mail = |p: &Person| {
        let email = p.email.clone()?;
        Some(match &p.name {
            Some(name) => format!("{} <{email}>", quoted(name)),
            None => email,
        })
    };
    let mails: Vec<String> = people.iter().filter_map(mail).collect();
    (join(&names), join(&mails))
}

/// The same as `uv_build` has it: everybody with a name is in `Author`.
pub(super) fn uv_fields(people: &[Person]) -> (Option<String>, Option<String>) {
    let names: Vec<String> = people.iter().filter_map(|p| p.name.clone()).collect();
    let mail = |p: &Person| {
        let email = p.email.clone()?;
        Some(match &p.name {
            Some(name) => format!("{name} <{email}>"),
            None => email,
        })
    };
    let mails: Vec<String> = people.iter().filter_map(mail).collect();
    (join(&names), join(&mails))
}

fn join(parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A display name as RFC 5322 wants it: in quotes if it holds a character that means something in an address.
fn quoted(name: &str) -> String {
    if name.contains(['(', ')', '<', '>', '@', ',', ':', ';', '.', '\\', '"', '[', ']']) {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        name.to_owned()
    }
}

/// The first person of the metadata who has a name and an address: maintainers before authors.
pub(crate) fn contact(core: &CoreMetadata) -> Option<String> {
    let named = |name: &Option<String>, email: &Option<String>| {
        let email = email.as_deref()?.split(", ").find(|e| e.contains('@'))?;
        if let Some((name, address)) = email.split_once('<') {
            let name = name.trim().trim_matches('"').replace("\\\"", "\"");
            return Some(format!("{name} <{address}"));
        }
        Some(format!("{} <{email}>", name.as_deref()?))
    };
    named(&core.maintainer, &core.maintainer_email).or_else(|| named(&core.author, &core.author_email))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_dot_is_quoted_for_the_index_and_not_for_people() {
        let person = Person {
            name: Some("J. Doe".into()),
            email: Some("j@example.org".into()),
        };
        let (author, author_email) = fields(&[person]);
        assert_eq!(author_email.as_deref(), Some("\"J. Doe\" <j@example.org>"));
        let core = CoreMetadata {
            author,
            author_email,
            ..CoreMetadata::default()
        };
        assert_eq!(contact(&core).as_deref(), Some("J. Doe <j@example.org>"));
    }
}
