//! What can be wrong with a changelog of sections, each with its place and the corrected line.

use super::{Heading, Mark, Markup, Reader};
use crate::{
    Diagnostic, Fix, Place,
    changelog::{date, version},
    nearest::nearest,
};
use packyard_types::Timestamp;
use std::ops::Range;

impl Reader<'_> {
    /// docutils wants a rule as long as its title.
    pub(super) fn underline(&mut self, heading: &Heading) {
        let Mark::Rule { mark, over } = heading.mark else {
            return;
        };
        let title = self.lines[heading.title_line].trim_end();
        let width = title.chars().count();
        let full = mark.to_string().repeat(width);
        let below = self.lines[heading.title_line + 1].trim_end();
        if self.markup == Markup::Markdown || below.chars().count() >= width {
            return;
        }
        let place = self.place(heading.title_line + 1, 0..below.len());
        let problem = Diagnostic::new("the underline is shorter than its title").at(place);
        let fix = if over {
            Fix {
                line: heading.title_line,
                replaces: 3,
                text: format!("{full}\n{title}\n{full}"),
            }
        } else {
            Fix::line(heading.title_line + 2, full.clone())
        };
        self.problem(problem.hint(format!("expected {full}")).fix(fix));
    }

    pub(super) fn bad_version(&mut self, line: usize, span: Range<usize>, place: Place) {
        let source = self.lines[line];
        let text = &source[span.clone()];
        let nearest = version::nearest(text);
        let fix = nearest.map(|version| {
            let fixed = format!("{}{version}{}", &source[..span.start], &source[span.end..]);
            Fix::line(line + 1, fixed.trim_end())
        });
        let problem = Diagnostic::new(format!("`{text}` is not a version that every ecosystem can express"))
            .at(place)
            .hint("expected a version such as `1.1.3`, `1.1.3rc1` or `1.1.3.post1`, with a date on its line or the next, or `Unreleased`");
        self.problem(problem.fix(fix));
    }

    /// A heading in place of a version: a slip, or a section of its own.
    pub(super) fn no_version(&self, heading: &Heading) -> Diagnostic {
        let line = self.lines[heading.title_line];
        let text = &line[heading.title.clone()];
        let lower = text.trim_matches(['[', ']']).to_ascii_lowercase();
        let meant = nearest(&lower, ["unreleased"].into_iter());
        let said = format!("`{text}` is not a version");
        let problem = if meant.is_some() || text.contains(|c: char| c.is_ascii_digit()) {
            Diagnostic::new(said)
        } else {
            Diagnostic::warning(format!("{said}: what stands below it is left out"))
        };
        let fix = meant.map(|_| {
            let title = if text.starts_with('[') {
                "[Unreleased]"
            } else {
                "Unreleased"
            };
            let fixed = format!(
                "{}{title}{}",
                &line[..heading.title.start],
                &line[heading.title.end..]
            );
            Fix::line(heading.title_line + 1, fixed)
        });
        let hint = "expected a version such as `1.1.3`, with a date on its line or the next, or `Unreleased`";
        problem.hint(hint).fix(fix)
    }

    pub(super) fn date(
        &mut self,
        line: usize,
        offset: usize,
        found: &Result<date::Found, date::NoDate>,
    ) -> Option<Timestamp> {
        match found {
            Ok(found) => Some(found.at),
            Err(bad) => {
                let span = bad.span.start + offset..bad.span.end + offset;
                let source = self.lines[line];
                let text = &source[span.clone()];
                let fix = bad.meant.as_ref().map(|meant| {
                    let fixed = format!("{}{meant}{}", &source[..span.start], &source[span.end..]);
                    Fix::line(line + 1, fixed.trim_end())
                });
                let problem = Diagnostic::new(format!("`{text}` is not a date: {}", bad.reason))
                    .at(self.place(line, span))
                    .hint("expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`")
                    .fix(fix);
                self.problem(problem);
                None
            }
        }
    }

    pub(super) fn no_blank(&mut self, number: usize, text: &str) {
        let hashes = text.len() - text.trim_start_matches('#').len();
        let fixed = format!("{} {}", &text[..hashes], &text[hashes..]);
        let problem = Diagnostic::new("no blank between `#` and the title: this is no heading of Markdown")
            .at(self.place(number, 0..hashes))
            .hint("expected `## 1.1.3`");
        self.problem(problem.fix(Fix::line(number + 1, fixed)));
        self.close(number);
        self.skipping = true;
    }
}
