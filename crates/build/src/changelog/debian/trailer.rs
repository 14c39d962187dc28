//! The trailer of a Debian entry: ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`.

use super::{TRAILER, moment::Moment};
use crate::{Diagnostic, Fix, SourceText, changelog::Author};
use packyard_types::Timestamp;

/// A trailer, and what is wrong with it.
#[derive(Debug)]
pub(in crate::changelog) struct Trailer {
    pub author: Option<Author>,
    pub date: Option<Timestamp>,
    pub problem: Option<Diagnostic>,
}

/// A line that is a trailer with nothing wrong.
pub(super) fn whole(line: &str) -> Option<&str> {
    let parts = Parts::read(line)?;
    let moment = Moment::read(parts.date).ok()?;
    (parts.author()?.to_string() == format!("{} <{}>", parts.name, parts.mail)
        && parts.corrected(&moment) == line)
        .then_some(line)
}

impl Trailer {
    /// Whether a text that begins with dashes is a trailer, and not a point of a list.
    pub fn is_meant(text: &str) -> bool {
        Parts::read(text).is_some_and(|parts| Moment::read(parts.date).is_ok() && parts.mail.contains('@'))
    }

    /// Reads a line that begins with dashes.
    pub fn read(file: &SourceText, number: usize, line: &str) -> Self {
        let badly = |message: String| Diagnostic::new(message).at(file.line(number)).hint(TRAILER);
        let bad = |message: &str| Self {
            author: None,
            date: None,
            problem: Some(badly(format!("badly formed trailer: {message}"))),
        };
        let Some(parts) = Parts::read(line) else {
            return bad("it names no mail address in `<…>`");
        };
        let Some(author) = parts.author() else {
            return bad(if parts.name.is_empty() {
                "it names nobody"
            } else {
                "what stands in `<…>` is not a mail address"
            });
        };
        let (moment, mut flaws) = match Moment::read(parts.date) {
            Ok(moment) => (moment, parts.flaws()),
            Err(reason) => {
                let mut problem = badly(format!("badly formed trailer: {reason}"));
                if let Some(place) = &mut problem.place
                    && let Some(at) = line.rfind(parts.date).filter(|_| !parts.date.is_empty())
                {
                    place.column = 1 + line[..at].chars().count();
                    place.width = parts.date.chars().count();
                }
                return Self {
                    author: Some(author),
                    date: None,
                    problem: Some(problem),
                };
            }
        };
        let date_at = parts.date_start;
        flaws.extend(
            moment
                .flaws(parts.date)
                .into_iter()
                .map(|(at, width, text)| (date_at + at, width, text)),
        );
        let corrected = parts.corrected(&moment);
        if flaws.is_empty() && !moment.is_written_as(&corrected, line) {
            flaws.push((0, line.len(), "it is not written as dpkg wants it".into()));
        }
        flaws.sort_by_key(|(at, ..)| *at);
        let odd_mail = parts.odd_mail();
        let only_odd = odd_mail.clone().filter(|_| flaws.is_empty()).map(|what| {
            let problem = Diagnostic::warning(format!("{what}, though dpkg takes it"));
            problem.at(file.line(number)).hint(TRAILER)
        });
        if let (Some(what), false) = (odd_mail, flaws.is_empty()) {
            flaws.push((line.len(), 1, what));
        }
        let problem = flaws.first().map(|(at, width, _)| {
            let texts: Vec<&str> = flaws.iter().map(|(_, _, text)| text.as_str()).collect();
            let mut problem = badly(format!("badly formed trailer: {}", texts.join(", ")));
            if let Some(place) = &mut problem.place {
                let at = (0..=*at).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
                place.column = 1 + line[..at].chars().count();
                place.width = (*width).max(1).min(line[at..].chars().count().max(1));
            }
            problem.fix(Fix::line(number, corrected.clone()))
        });
        let problem = problem.or(only_odd);
        Self {
            author: Some(author),
            date: Some(moment.at),
            problem,
        }
    }
}

/// The parts of a line that is meant as a trailer.
struct Parts<'a> {
    line: &'a str,
    name: &'a str,
    mail: &'a str,
    date: &'a str,
    date_start: usize,
}

impl<'a> Parts<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let dashes = line.trim_start().trim_start_matches(['-', '–', '—']);
        let (name, mail, rest) = match (dashes.find('<'), dashes.rfind('>')) {
            (Some(open), Some(close)) if open < close => {
                (&dashes[..open], &dashes[open + 1..close], &dashes[close + 1..])
            }
            _ => {
                let mail = dashes.split_whitespace().find(|w| w.contains('@'))?;
                let at = dashes.find(mail)?;
                (
                    &dashes[..at],
                    mail.trim_matches(['<', '>', '(', ')', ',']),
                    &dashes[at + mail.len()..],
                )
            }
        };
        let date = rest.trim();
        Some(Self {
            line,
            name: name.trim(),
            mail: mail.trim(),
            date,
            date_start: line.len() - rest.len() + (rest.len() - rest.trim_start().len()),
        })
    }

    /// Whoever is named. dpkg takes any word for a mail address, and so does this; [`Parts::odd_mail`] tells.
    fn author(&self) -> Option<Author> {
        let is_word = |s: &str| !s.is_empty() && !s.contains(|c: char| c.is_whitespace() || "<>".contains(c));
        let plain = || {
            let named = !self.name.is_empty() && !self.name.contains(['<', '>']) && is_word(self.mail);
            named.then(|| Author {
                name: self.name.to_owned(),
                email: self.mail.to_owned(),
            })
        };
        Author::parse(&format!("{} <{}>", self.name, self.mail)).or_else(plain)
    }

    /// What is no mail address, though dpkg takes it.
    fn odd_mail(&self) -> Option<String> {
        (!self.mail.contains('@')).then(|| format!("`{}` is not a mail address", self.mail))
    }

    fn corrected(&self, moment: &Moment) -> String {
        format!(" -- {} <{}>  {}", self.name, self.mail, moment.text)
    }

    /// What is wrong before the date: from where, how wide, what.
    fn flaws(&self) -> Vec<(usize, usize, String)> {
        let line = self.line;
        let mut flaws = Vec::new();
        let mut flaw = |at: usize, width: usize, text: &str| flaws.push((at, width, text.to_owned()));
        let indent = &line[..line.len() - line.trim_start().len()];
        match indent {
            " " => {}
            "" => flaw(0, 2, "no space before `--`"),
            tab if tab.contains('\t') => flaw(0, tab.len(), "a tab before `--`, not one space"),
            more => flaw(
                0,
                more.len(),
                &format!("{} spaces before `--`, not one", more.len()),
            ),
        }
        let rest = line.trim_start();
        let dashes = rest.len() - rest.trim_start_matches(['-', '–', '—']).len();
        if &rest[..dashes] != "--" {
            flaw(
                indent.len(),
                rest[..dashes].chars().count(),
                "the dashes are not `--`",
            );
        }
        let after = &rest[dashes..];
        let gap = after.len() - after.trim_start().len();
        let at = indent.len() + dashes;
        match gap {
            0 => flaw(at - 1, 2, "no space after `--`"),
            1 if after.starts_with(' ') => {}
            _ => flaw(at, gap, "not one space after `--`"),
        }
        if !line.contains(&format!("{} <{}>", self.name, self.mail)) {
            flaw(
                at,
                after.len(),
                "the name and the mail address are not written `Name <mail>`",
            );
        }
        let before = &line[..self.date_start];
        let blanks = before.len() - before.trim_end().len();
        match blanks {
            _ if before[before.len() - blanks..].contains('\t') => {
                flaw(
                    self.date_start - blanks,
                    blanks,
                    "a tab before the date, not two spaces",
                );
            }
            2 if before.ends_with("  ") => {}
            0 => flaw(self.date_start, 1, "no space before the date (two are wanted)"),
            1 => flaw(
                self.date_start - 1,
                1,
                "one space before the date (two are wanted)",
            ),
            _ => flaw(
                self.date_start - blanks,
                blanks,
                "more than two spaces before the date",
            ),
        }
        if line.trim_end() != line {
            flaw(line.trim_end().len(), 1, "blanks at the end of the line");
        }
        flaws
    }
}
