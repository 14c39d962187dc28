//! Whether a text is a requirement or a version specifier, as `packaging` reads them: the dependency specifiers
//! specification (PEP 508) and the version specifiers specification (PEP 440).
//!
//! Only the form is judged, and in time and memory that grow with the text: what an upload says is hostile, and a parser
//! that evaluates markers, keeps them or calls itself for each parenthesis is a way to stop a server.

use crate::fault::shown;
use pep440_rs::Version;

/// Most parentheses that a marker may nest.
const DEEPEST: usize = 50;
/// Longest requirement that is read, in bytes.
const LONGEST: usize = 1 << 16;
/// Environment markers.
const VARIABLES: [&str; 20] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
];
/// Comparisons, longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

type Verdict = Result<(), String>;

/// Whether this is `NAME[EXTRAS] SPECIFIERS ; MARKER` or `NAME[EXTRAS] @ URL ; MARKER`; else why not.
pub fn check(text: &str) -> Verdict {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut rest = identifier(blanks(text)).ok_or("it does not begin with a name")?;
    rest = blanks(rest);
    if let Some(inside) = rest.strip_prefix('[') {
        let (extras, after) = inside.split_once(']').ok_or("its `[` is not closed")?;
        let extras = extras.trim_matches([' ', '\t']);
        let whole = |extra: &str| identifier(extra.trim_matches([' ', '\t'])) == Some("");
        if !extras.is_empty() && !extras.split(',').all(whole) {
            return Err(format!("`[{}]` is no list of extras", shown(extras)));
        }
        rest = blanks(after);
    }
    if let Some(url) = rest.strip_prefix('@') {
        return after_url(blanks(url));
    }
    let rest = match rest.strip_prefix('(') {
        Some(inside) => {
            let after = blanks(versions(blanks(inside))?);
            blanks(after.strip_prefix(')').ok_or("its `(` is not closed")?)
        }
        None => blanks(versions(rest)?),
    };
    match rest.strip_prefix(';') {
        Some(condition) => marker(condition),
        None if rest.is_empty() => Ok(()),
        None => Err(format!(
            "`{}` is neither a comparison with a version nor a marker",
            short(rest)
        )),
    }
}

/// Reads over a requirement's comparisons; one comma may end them. What `===` compares with goes on to the next blank,
/// commas included.
fn versions(text: &str) -> Result<&str, String> {
    let mut rest = text;
    while let Some(operator) = OPERATORS.into_iter().find(|o| rest.starts_with(o)) {
        let version = rest[operator.len()..].trim_start();
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ')') || c == ',' && operator != "===";
        let (version, after) = version.split_at(version.find(ends).unwrap_or(version.len()));
        format!("{operator}{version}")
            .split(',')
            .filter(|part| !part.is_empty())
            .try_for_each(clause)?;
        rest = blanks(after);
        match rest.strip_prefix(',') {
            Some(next) => rest = blanks(next),
            None => break,
        }
    }
    Ok(rest)
}

/// Whether every name before the version or the URL ends with a letter or digit: a parser that does more than this one,
/// pep508_rs 0.9, panics where one does not and something follows it.
pub fn check_names(text: &str) -> Verdict {
    let head = text.split([';', '@', '<', '>', '=', '!', '~', '(']).next();
    let mut words = head
        .unwrap_or_default()
        .split(|c: char| c.is_whitespace() || "[],".contains(c));
    match words.find(|word| word.ends_with(['.', '-', '_'])) {
        Some(word) => Err(format!(
            "the name `{}` must end with a letter or digit",
            shown(word)
        )),
        None => Ok(()),
    }
}

/// Whether this is a list of version specifiers, such as `>=3.8, !=3.9.*`; else why not.
pub fn check_specifiers(text: &str) -> Verdict {
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .try_for_each(clause)
}

/// An URL ends at a blank; behind it only a marker may come.
fn after_url(text: &str) -> Verdict {
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (url, rest) = text.split_at(end);
    match blanks(rest) {
        _ if url.is_empty() => Err("no URL follows its `@`".to_owned()),
        "" => Ok(()),
        rest => rest.strip_prefix(';').map_or_else(
            || Err(format!("`{}` follows its URL, and no `;`", shown(rest))),
            marker,
        ),
    }
}

/// One comparison with a version.
fn clause(text: &str) -> Verdict {
    let text = text.trim();
    let no = |why: &str| Err(format!("`{}` {why}", shown(text)));
    let Some(operator) = OPERATORS.into_iter().find(|o| text.starts_with(o)) else {
        return no("begins with no comparison such as `>=`");
    };
    let version = text[operator.len()..].trim_start();
    if operator == "===" {
        // Anything at all, but for what ends it in a requirement.
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ')');
        return if version.contains(ends) {
            no("has a blank, a `;` or a `)` in its version")
        } else {
            Ok(())
        };
    }
    let exact = matches!(operator, "==" | "!=");
    let (version, any) = version.strip_suffix(".*").map_or((version, false), |v| (v, true));
    let Ok(parsed) = version.parse::<Version>() else {
        return no("compares with no PEP 440 version");
    };
    let plain = !parsed.is_pre() && !parsed.is_post() && !parsed.is_dev() && !parsed.is_local();
    match () {
        () if version.contains(char::is_whitespace) => no("has a blank in its version"),
        () if any && !(exact && plain) => no("has a `.*` where there must be none"),
        () if parsed.is_local() && !exact => no("compares the order of a local version"),
        () if operator == "~=" && parsed.release().len() < 2 => {
            no("needs two numbers at least, as in `~=1.0`")
        }
        () => Ok(()),
    }
}

/// A marker: comparisons that `and`, `or` and parentheses join. It is read from left to right, and how many parentheses
/// are open is all that is kept.
fn marker(text: &str) -> Verdict {
    let (mut rest, mut open) = (blanks(text), 0_usize);
    loop {
        while let Some(inside) = rest.strip_prefix('(') {
            open += 1;
            if open > DEEPEST {
                return Err(format!("its marker nests more than {DEEPEST} parentheses"));
            }
            rest = blanks(inside);
        }
        rest = blanks(comparison(rest)?);
        while let Some(outside) = rest.strip_prefix(')').filter(|_| open > 0) {
            open -= 1;
            rest = blanks(outside);
        }
        let joined = ["and", "or"].into_iter().find_map(|word| keyword(rest, word));
        match joined {
            Some(next) => rest = blanks(next),
            None if !rest.is_empty() => {
                return Err(format!("its marker goes on with `{}`", short(rest)));
            }
            None if open > 0 => return Err("a parenthesis of its marker is not closed".to_owned()),
            None => return Ok(()),
        }
    }
}

/// Reads over a comparison of two values.
fn comparison(text: &str) -> Result<&str, String> {
    let rest = blanks(value(text)?);
    let rest = match OPERATORS
        .into_iter()
        .find_map(|operator| rest.strip_prefix(operator))
    {
        Some(rest) => rest,
        None => membership(rest).ok_or_else(|| format!("`{}` is no comparison of a marker", short(rest)))?,
    };
    value(blanks(rest))
}

/// Reads over `in` or `not in`.
fn membership(text: &str) -> Option<&str> {
    if let Some(rest) = keyword(text, "not") {
        return keyword(blanks(rest), "in").filter(|_| rest.starts_with([' ', '\t']));
    }
    keyword(text, "in")
}

/// Reads over a variable or a quoted text.
fn value(text: &str) -> Result<&str, String> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let after = text[1..].split_once(quote);
        return after
            .map(|(_, rest)| rest)
            .ok_or_else(|| format!("`{}` has no closing quote", short(text)));
    }
    let known = VARIABLES.into_iter().find_map(|variable| keyword(text, variable));
    known.ok_or_else(|| format!("`{}` is no variable of a marker and no quoted text", short(text)))
}

/// Reads over a whole word.
fn keyword<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (!goes_on).then_some(rest)
}

/// Reads over a name: letters, digits and `._-`, a letter or digit first and last; `packaging` lets it end in `_` too.
fn identifier(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
        .unwrap_or(text.len());
    let name = &text[..end];
    let alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let ends_well = name.ends_with('_') || alphanumeric(name.chars().next_back());
    (alphanumeric(name.chars().next()) && ends_well).then(|| &text[end..])
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn short(text: &str) -> String {
    shown(&text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{check, check_names, check_specifiers};

    #[test]
    fn names_end_with_a_letter_or_digit() {
        for good in [
            "a",
            "a.b-c_d[e,f] >=1",
            "a;extra=='x.'",
            "a @ https://example.org/x-",
            "a (>=1.)",
        ] {
            assert_eq!(check_names(good), Ok(()), "{good}");
        }
        for bad in [
            "a.",
            "a..>=20",
            "a-[b]",
            "a[b.]",
            "a[b, c_]==1",
            "a_ ; extra=='x'",
        ] {
            assert!(check_names(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn requirements_as_people_write_them() {
        for text in [
            "attrs",
            "attrs >= 20, < 30",
            "Other_Thing[fast,slow] ~= 1.2 ; python_version < '3.9' and os_name == \"posix\"",
            "old (>=1.0,!=1.1.*)",
            "x @ https://example.org/x-1.0.tar.gz ; extra == 'dev'",
            "x[]==1.0+local.1",
            "x;(python_version<'3' or (sys_platform not in 'win32 cygwin'))and'a' in extra",
            "x===whatever",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_told_why() {
        for (text, why) in [
            ("", "it does not begin with a name"),
            ("-x", "it does not begin with a name"),
            ("x[a b]", "`[a b]` is no list of extras"),
            (
                "x 1.0",
                "`1.0` is neither a comparison with a version nor a marker",
            ),
            ("x>=1.*", "`>=1.*` has a `.*` where there must be none"),
            ("x~=1", "`~=1` needs two numbers at least, as in `~=1.0`"),
            ("x>=one", "`>=one` compares with no PEP 440 version"),
            ("x (>=1", "its `(` is not closed"),
            ("x @", "no URL follows its `@`"),
            (
                "x; os == 'y'",
                "`os == 'y'` is no variable of a marker and no quoted text",
            ),
            ("x; os_name = 'y'", "`= 'y'` is no comparison of a marker"),
            ("x; os_name == 'y", "`'y` has no closing quote"),
            ("x; (os_name == 'y'", "a parenthesis of its marker is not closed"),
            ("x; os_name == 'y')", "its marker goes on with `)`"),
        ] {
            assert_eq!(check(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_marker_of_many_parentheses_is_refused_and_not_descended_into() {
        let deep = format!("x; {}os_name == 'y'{}", "(".repeat(30_000), ")".repeat(30_000));
        assert_eq!(
            check(&deep),
            Err("its marker nests more than 50 parentheses".to_owned())
        );
        let long = format!("x; {}os_name == 'y'", "os_name == 'y' or ".repeat(3_000));
        assert_eq!(check(&long), Ok(()));
    }

    #[test]
    fn specifiers() {
        for good in [
            "",
            ">=3.8",
            ">=3.8, !=3.9.*,<4",
            "==v1.0-1",
            "~=1!2.0rc1",
            "===a b".split(' ').next().unwrap(),
        ] {
            assert_eq!(check_specifiers(good), Ok(()), "{good}");
        }
        for bad in ["3.8", ">=3.8+x", ">=", "=>3", ">=3.8 <4", "==1.0rc1.*"] {
            assert!(check_specifiers(bad).is_err(), "{bad}");
        }
    }
}
