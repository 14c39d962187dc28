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
    let names: Vec<&str> = people
        .iter()
        .filter(|p| p.email.is_none())
        .filter_map(|p| p.name.as_deref())
        .collect();
    let mail = |p: &Person| match (&p.name, &p.email) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (None, Some(email)) => Some(email.clone()),
        _ => None,
    };
    let mails: Vec<String> = people.iter().filter_map(mail).collect();
    let join = |parts: Vec<String>| (!parts.is_empty()).then(|| parts.join(", "));
    (join(names.into_iter().map(str::to_owned).collect()), join(mails))
}

/// The first person of the metadata who has a name and an address: maintainers before authors.
pub(crate) fn contact(core: &CoreMetadata) -> Option<String> {
    let named = |name: &Option<String>, email: &Option<String>| {
        let email = email.as_deref()?.split(", ").find(|e| e.contains('@'))?;
        if email.contains('<') {
            return Some(email.to_owned());
        }
        Some(format!("{} <{email}>", name.as_deref()?))
    };
    named(&core.maintainer, &core.maintainer_email).or_else(|| named(&core.author, &core.author_email))
}
