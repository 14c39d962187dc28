//! docs/checks.md: every rule, made from the rules themselves, so that the page cannot lag behind.

use super::rule::Rule;
use super::rules::GROUPS;

const HEAD: &str = "# What `packyard check` looks at

`packyard check FILE|DIR...` judges finished packages, ours and foreign ones. Each finding names one of the rules below:
`error` is what breaks an installation, what a yard refuses or what no distribution takes; `warning` is what policy frowns
at; `info` is worth knowing and often meant. The exit code is 1 where there is an error, with `--strict` also where there is
a warning. `--ignore NAME` accepts a breach knowingly, `--explain NAME` prints what is said here, `--list` all names.

This page is made from the rules (`PACKYARD_BLESS=1 cargo test -p packyard-formats`); do not edit it. *Also* says what
lintian, rpmlint, twine and check-wheel-contents call the same thing; `tests/e2e/check.rs` breaks packages on purpose and
compares.
";

/// The page.
pub fn page() -> String {
    let mut out = HEAD.to_owned();
    for (heading, rules) in GROUPS {
        out.push_str(&format!(
            "\n## {heading}\n\n| rule | | judges | breach |\n|---|---|---|---|\n"
        ));
        for rule in rules {
            let Rule {
                name,
                severity,
                title,
                ..
            } = rule;
            out.push_str(&format!(
                "| [`{name}`](#{name}) | {severity} | {} | {} |\n",
                rule.formats(),
                escaped(title)
            ));
        }
        rules.iter().for_each(|rule| section(&mut out, rule));
    }
    out
}

fn section(out: &mut String, rule: &Rule) {
    let why = escaped(rule.why);
    out.push_str(&format!(
        "\n### {}\n\n{why}\n\nFix: {}.\n\n",
        rule.name,
        escaped(rule.fix)
    ));
    out.push_str(&format!("Source: {}.", rule.source));
    if !rule.elsewhere.is_empty() {
        let names: Vec<String> = rule.elsewhere.iter().map(|name| format!("`{name}`")).collect();
        out.push_str(&format!(" Also: {}.", names.join(", ")));
    }
    out.push('\n');
}

/// What Markdown would take for markup, outside of code.
fn escaped(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for c in text.chars() {
        code ^= c == '`';
        match c {
            '|' => out.push_str("\\|"),
            '<' | '>' | '*' | '_' if !code => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
