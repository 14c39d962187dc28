//! Relations of a binary package to others (deb-control(5), Debian Policy 7.1), as dpkg and apt read them: groups
//! between commas, alternatives between bars, each `NAME[:ARCH] [(OPERATOR VERSION)]`. Restrictions to architectures
//! (`[amd64]`) and to build profiles (`<!nocheck>`) are for source packages: what builds a binary package takes them
//! out.

use super::version::is_version;

/// One package of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation<'a> {
    /// The package, as it is spelt; dpkg does not tell upper from lower case here.
    pub name: &'a str,
    /// After the colon: `any`, or an architecture.
    pub arch: Option<&'a str>,
    /// The operator and the version.
    pub version: Option<(Operator, &'a str)>,
}

/// How a relation compares versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<<`
    Earlier,
    /// `<=`
    EarlierOrEqual,
    /// `=`
    Equal,
    /// `>=`
    LaterOrEqual,
    /// `>>`
    Later,
    /// `<` and `>`, which dpkg reads as `<=` and `>=` with a warning.
    Obsolete,
}

/// The groups of a field, each with its alternatives as they are spelt.
pub fn groups(value: &str) -> impl Iterator<Item = Vec<&str>> {
    value
        .split(',')
        .map(|group| group.split('|').map(str::trim_ascii).collect())
}

/// Reads one alternative, or says why it is none.
pub fn parse(text: &str) -> Result<Relation<'_>, &'static str> {
    if text.is_empty() {
        return Err("is empty: a comma or bar too many");
    }
    let (head, version) = match text.split_once('(') {
        Some((head, rest)) => (
            head.trim_ascii_end(),
            Some(
                rest.strip_suffix(')')
                    .ok_or("has no closing parenthesis at its end")?,
            ),
        ),
        None => (text, None),
    };
    if head.contains(['[', '<']) {
        return Err("has a restriction, which only source packages may have");
    }
    if head.contains(['$', '{']) {
        return Err("is a variable that was not substituted when the package was built");
    }
    if head.contains(char::is_whitespace) {
        return Err("is not one name and, in parentheses, one version");
    }
    let (name, arch) = match head.split_once(':') {
        Some((name, arch)) => (name, Some(arch)),
        None => (head, None),
    };
    let good = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if !name.chars().all(good) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err("names no package: names are lower case letters, digits, `+`, `-` and `.`");
    }
    if arch.is_some_and(|arch| !is_arch(arch)) {
        return Err("has after its colon neither `any` nor an architecture");
    }
    let version = version.map(str::trim_ascii).map(comparison).transpose()?;
    Ok(Relation { name, arch, version })
}

fn is_arch(arch: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    arch.starts_with(|c: char| c.is_ascii_alphanumeric()) && arch.chars().all(good)
}

fn comparison(text: &str) -> Result<(Operator, &str), &'static str> {
    const OPERATORS: [(&str, Operator); 7] = [
        ("<<", Operator::Earlier),
        ("<=", Operator::EarlierOrEqual),
        (">>", Operator::Later),
        (">=", Operator::LaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Obsolete),
        (">", Operator::Obsolete),
    ];
    let found = OPERATORS
        .iter()
        .find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?.trim_ascii())));
    let (operator, version) = found.ok_or("has no operator that is one of << <= = >= >>")?;
    if is_version(version) {
        Ok((operator, version))
    } else {
        Err("has a version that is none")
    }
}
