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

/// A name and an address as RFC 5322 writes them.
pub(crate) fn mailbox_of(name: &str, email: &str) -> String {
    format!("{} <{email}>", quoted(name))
}

/// The mailboxes of a list as RFC 5322 writes it, names without their quotes. A comma outside quotes ends a mailbox only
/// behind an address: `uv_build` writes `A, B <a@b.org>` without any.
pub(crate) fn mailboxes(text: &str) -> Vec<(Option<String>, String)> {
    let mut found = Vec::new();
    let (mut name, mut address) = (String::new(), None::<String>);
    let mut is_quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, is_quoted) {
            ('\\', true) => name.extend(chars.next()),
            ('"', _) => is_quoted = !is_quoted,
            ('<', false) => address = Some(chars.by_ref().take_while(|c| *c != '>').collect()),
            (',', false) if address.is_some() || name.contains('@') => {
                found.extend(mailbox(&std::mem::take(&mut name), address.take()));
            }
            _ => name.push(c),
        }
    }
    found.extend(mailbox(&name, address));
    found
}

/// A name and an address, or an address alone.
fn mailbox(name: &str, address: Option<String>) -> Option<(Option<String>, String)> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, address) = match address {
        Some(address) => (name, address.trim().to_owned()),
        None => (String::new(), name),
    };
    let is_address = address.contains('@');
    is_address.then(|| (Some(name).filter(|name| !name.is_empty()), address))
}

/// The mailboxes of a list for people to read: without quotes.
pub(crate) fn readable(list: &str) -> String {
    let shown = |(name, address): (Option<String>, String)| match name {
        Some(name) => format!("{name} <{address}>"),
        None => address,
    };
    let all: Vec<String> = mailboxes(list).into_iter().map(shown).collect();
    if all.is_empty() {
        list.to_owned()
    } else {
        all.join(", ")
    }
}

/// The first person of the metadata who has a name and an address: maintainers before authors.
pub(crate) fn contact(core: &CoreMetadata) -> Option<String> {
    let named = |name: &Option<String>, email: &Option<String>| {
        let (own, address) = mailboxes(email.as_deref()?).into_iter().next()?;
        let name = own.or_else(|| name.clone())?;
        Some(format!("{name} <{address}>"))
    };
    named(&core.maintainer, &core.maintainer_email).or_else(|| named(&core.author, &core.author_email))
}

/// A mailbox as a field of Debian wants it, where a comma in the name would begin another one.
pub(crate) fn debian_mailbox(name: &str, email: &str) -> String {
    // A full stop is in quotes nowhere in Debian, and read without them.
    if name.contains(['(', ')', '<', '>', '@', ',', ':', ';', '\\', '"', '[', ']']) {
        format!("{} <{email}>", quoted(name))
    } else {
        format!("{name} <{email}>")
    }
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

    #[test]
    fn a_comma_in_a_name_begins_no_other_person() {
        let person = |name: &str| Person {
            name: Some(name.into()),
            email: Some("j@example.org".into()),
        };
        let contact_of = |(author, author_email): (Option<String>, Option<String>)| {
            contact(&CoreMetadata {
                author,
                author_email,
                ..CoreMetadata::default()
            })
        };
        for name in ["Jürgen Müller, Jr.", "The \"A, B\" Team", "Back\\slash, Inc."] {
            let expected = format!("{name} <j@example.org>");
            assert_eq!(contact_of(fields(&[person(name)])), Some(expected));
        }
        assert_eq!(
            contact_of(uv_fields(&[person("Jürgen Müller, Jr.")])).as_deref(),
            Some("Jürgen Müller, Jr. <j@example.org>")
        );
    }

    #[test]
    fn several_mailboxes_are_told_apart() {
        assert_eq!(
            readable("a@b.org, \"C, D\" <c@d.org>,E <e@f.org>"),
            "a@b.org, C, D <c@d.org>, E <e@f.org>"
        );
    }

    #[test]
    fn debian_wants_quotes_for_a_comma_and_none_for_a_full_stop() {
        assert_eq!(debian_mailbox("A, B", "a@b.org"), "\"A, B\" <a@b.org>");
        assert_eq!(debian_mailbox("J. Doe", "j@b.org"), "J. Doe <j@b.org>");
    }
}
