//! What people write in changelogs that is no slip, and slips that no other tool tells.
#![allow(clippy::unwrap_used)]

use packyard_build::{SourceText, changelog::Dialect};

fn items_of_markdown(body: &str) -> Vec<String> {
    let text = format!("# Changelog\n\n## 1.1 - 2024-01-02\n\n{body}\n\n## 1.0 - 2024-01-01\n\n- Old.\n");
    let changelog = Dialect::Markdown.parse(&SourceText::new("CHANGELOG.md", text.clone()));
    let changelog = changelog.unwrap_or_else(|problems| panic!("{}\n{text}", problems[0]));
    assert_eq!(changelog.entries.len(), 2, "{text}");
    changelog.entries[0]
        .items
        .iter()
        .map(|item| item.text.clone())
        .collect()
}

#[test]
fn the_number_of_an_issue_is_no_heading_of_markdown() {
    let cases = [
        ("- Fixed\n  #12 and #14", "Fixed #12 and #14"),
        ("- Fixed\n#12 and #14", "Fixed #12 and #14"),
        ("- Fixed\n#12", "Fixed #12"),
        ("- Fixed\n  #1.2.3", "Fixed #1.2.3"),
        ("- Fixed\n#1.2.3 broke it", "Fixed #1.2.3 broke it"),
    ];
    for (body, item) in cases {
        assert_eq!(items_of_markdown(body), [item], "{body}");
    }
    for line in ["#1.2.3", "##1.2.0 - 2024-01-01", "#Unreleased"] {
        let problems = Dialect::Markdown
            .diagnose(&SourceText::new("CHANGELOG.md", format!("{line}\n\n- x\n")))
            .problems;
        assert!(
            problems[0].message.starts_with("no blank between `#`"),
            "{line}: {}",
            problems[0]
        );
    }
    assert_eq!(
        Dialect::of("CHANGES", "1.0\n===\n\n* x\n#12 and #14\n"),
        Dialect::Rst
    );
}

#[test]
fn code_in_markdown_is_left_out_whatever_it_looks_like() {
    let cases = [
        "```\n# 1.2 is out\n```\n- x",
        "~~~ sh\n# 1.2 is out\n~~~\n- x",
        "- x\n\n  ```sh\n  # 1.2 is out\n  ```",
        "- x
  ~~~sh
  # 1.2 is out",
        "- x\n\n      # 1.2 is out",
        "- x\n\n\t\t# 1.2 is out",
        "    # 1.2 is out\n    more\n\n- x",
        "\t# 1.2 is out\n\n- x",
        "````md\n```\n# 1.2 is out\n```\n## 1.2\n````\n- x",
        "```\n``` no end\n#1.2.3\n```\n- x",
        "- ```sh\n  # 1.2 is out\n  ```\n- x",
    ];
    for body in cases {
        assert_eq!(items_of_markdown(body), ["x"], "{body}");
    }
    assert_eq!(
        items_of_markdown("```x``` is code\n\n- x"),
        ["```x``` is code", "x"]
    );
}

const DEBIAN: &str = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";

#[test]
fn a_line_of_blanks_that_are_not_ascii_is_not_blank_to_dpkg() {
    for line in [" \u{a0}", "\u{a0}", "\u{3000}", "  \u{a0}"] {
        let text = DEBIAN.replace("x\n\n", &format!("x\n{line}\n"));
        let problems = Dialect::Debian
            .diagnose(&SourceText::new("debian/changelog", text))
            .problems;
        assert!(
            problems[0].message.starts_with("the line looks blank and is not"),
            "{line:?}"
        );
        assert_eq!(problems[0].place.as_ref().unwrap().line, 4);
    }
}
