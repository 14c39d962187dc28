//! The text of an entry as items: points, nested points and paragraphs, each on one line of its own.

use super::Item;

/// Collects the lines of one entry.
#[derive(Debug, Default)]
pub(super) struct Items {
    points: Vec<Item>,
    group: Option<String>,
    /// The indentations of the points that are open, outermost first.
    open: Vec<usize>,
    /// A blank line has been seen since the last text.
    gap: bool,
    /// The last item is a paragraph, and no point.
    paragraph: bool,
    /// The group is a paragraph that ended in a colon: it holds for one list.
    listed: bool,
}

impl Items {
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub fn take(&mut self) -> Vec<Item> {
        std::mem::take(self).points
    }

    /// A heading within the entry.
    pub fn group(&mut self, name: &str) {
        self.group = Some(name.to_owned());
        (self.listed, self.paragraph) = (false, false);
        self.open.clear();
        self.gap = true;
    }

    pub fn blank(&mut self) {
        self.gap = true;
    }

    /// A line of text that is indented by so many columns.
    pub fn line(&mut self, indent: usize, text: &str) {
        match bullet(text) {
            Some(rest) => self.point(indent, rest),
            None => self.text(indent, text),
        }
        self.gap = false;
    }

    fn point(&mut self, indent: usize, text: &str) {
        while self.open.last().is_some_and(|open| *open >= indent) {
            self.open.pop();
        }
        let depth = self.open.len();
        self.open.push(indent);
        match self.points.last_mut() {
            Some(item) if depth > 0 => push_line(item, depth, "- ", text),
            _ => {
                self.introduced();
                self.begin(text);
                self.paragraph = false;
            }
        }
    }

    fn text(&mut self, indent: usize, text: &str) {
        if self.gap {
            while self.open.last().is_some_and(|open| *open >= indent) {
                self.open.pop();
            }
        }
        let depth = self.open.len();
        match self.points.last_mut() {
            Some(item) if depth > 0 && self.gap => push_line(item, depth, "", text),
            Some(item) if depth > 0 || !self.gap => {
                item.text.push(' ');
                item.text.push_str(text);
            }
            _ => {
                if self.listed {
                    (self.listed, self.group) = (false, None);
                }
                self.begin(text);
                self.paragraph = true;
            }
        }
    }

    /// A paragraph that ends in a colon is the heading of the list below it.
    fn introduced(&mut self) {
        let free = self.group.is_none() || self.listed;
        let Some(last) = self
            .points
            .last()
            .filter(|item| free && self.paragraph && item.text.ends_with(':'))
        else {
            return;
        };
        let name = last.text.trim_end_matches(':').to_owned();
        self.points.pop();
        (self.listed, self.group) = (true, Some(name));
    }

    fn begin(&mut self, text: &str) {
        self.points.push(Item {
            group: self.group.clone(),
            text: text.to_owned(),
        });
    }
}

/// Depth 1 is the point itself.
fn push_line(item: &mut Item, depth: usize, mark: &str, text: &str) {
    let indent = if mark.is_empty() {
        depth.saturating_sub(1)
    } else {
        depth - 1
    };
    item.text.push('\n');
    item.text.push_str(&"  ".repeat(indent));
    item.text.push_str(mark);
    item.text.push_str(text);
}

/// The text behind a bullet or the number of a numbered list.
pub(super) fn bullet(text: &str) -> Option<&str> {
    let marks = ["*", "-", "+", "•", "#."];
    let rest = marks
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
        .or_else(|| {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let number = (1..=3).contains(&digits);
            let rest = text[digits..].strip_prefix(['.', ')'])?;
            number.then_some(rest)
        })?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| rest.trim())
}
