//! What a shell script calls, as far as a reader can tell that runs nothing: the text is cut into simple commands at
//! operators and line ends, with quotes, comments and here-documents respected. Not here: expansion, functions, syntax
//! errors; what is cut in the wrong place gives odd words, never a failure.

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The line where it begins, from 1.
    pub line: usize,
    /// Its words, quotes removed; redirections are words of their own, such as `>/tmp/x`.
    pub words: Vec<String>,
    /// Whether its input comes from a pipe or a redirection.
    pub is_fed: bool,
}

impl Command {
    /// The command's name, without the words of the shell and assignments before it.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Whether a word is exactly this.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }
}

/// Words after which a command begins.
const KEYWORDS: [&str; 12] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec", "command",
];

/// Most commands that are looked at; maintainer scripts have some hundred.
const MAX_COMMANDS: usize = 50_000;

/// The commands of a script, in their order.
pub fn commands(text: &str) -> Vec<Command> {
    let mut cutter = Cutter {
        out: Vec::new(),
        current: Vec::new(),
        word: None,
        line: 1,
        begun: 1,
        fed: false,
    };
    let mut here: Vec<String> = Vec::new();
    let mut quote = None;
    for (raw, line) in text.lines().zip(1..) {
        if let Some(end) = here.first() {
            if raw.trim_start_matches('\t') == end {
                here.remove(0);
            }
            continue;
        }
        if cutter.out.len() > MAX_COMMANDS {
            break;
        }
        cutter.line = line;
        let waits = cutter.take_line(raw, &mut quote, &mut here);
        if !waits && quote.is_none() {
            cutter.end(false);
        }
    }
    cutter.end(false);
    cutter.out
}

struct Cutter {
    out: Vec<Command>,
    current: Vec<String>,
    word: Option<String>,
    line: usize,
    begun: usize,
    fed: bool,
}

impl Cutter {
    /// Cuts one line; true where it goes on in the next.
    fn take_line(&mut self, raw: &str, quote: &mut Option<char>, here: &mut Vec<String>) -> bool {
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            if let Some(end) = *quote {
                match c {
                    c if c == end => *quote = None,
                    '\\' if end == '"' => self.push(chars.next().unwrap_or('\n')),
                    c => self.push(c),
                }
                continue;
            }
            match c {
                '\\' => match chars.next() {
                    None => {
                        self.end_word();
                        return true;
                    }
                    Some(c) => self.push(c),
                },
                '\'' | '"' => {
                    *quote = Some(c);
                    self.word.get_or_insert_default();
                }
                '#' if self.word.is_none() => break,
                c if c.is_whitespace() => self.end_word(),
                ';' | '&' | '(' | ')' | '`' if !self.in_redirection(c) => self.end(false),
                '|' => self.end(true),
                '<' => {
                    self.fed = true;
                    if chars.next_if_eq(&'<').is_some() {
                        self.here(&mut chars, here);
                    } else {
                        self.end_word();
                        self.push('<');
                    }
                }
                '$' if chars.next_if_eq(&'(').is_some() => self.end(false),
                c => self.push(c),
            }
        }
        false
    }

    /// The `&` of `>&2`.
    fn in_redirection(&self, c: char) -> bool {
        c == '&' && self.word.as_deref().is_some_and(|word| word.ends_with('>'))
    }

    fn here(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, here: &mut Vec<String>) {
        self.end_word();
        chars.next_if_eq(&'-');
        while chars.next_if(|c| *c == ' ').is_some() {}
        let mut end = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !";|&)".contains(*c)) {
            if !"'\"\\".contains(c) {
                end.push(c);
            }
        }
        if !end.is_empty() {
            here.push(end);
        }
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        // A redirection and its file are one word, with or without a blank between.
        let open = |word: &String| word.ends_with('>') || word == "<";
        match self.word.take() {
            Some(word) if self.current.last().is_some_and(open) && !open(&word) => {
                if let Some(last) = self.current.last_mut() {
                    last.push_str(&word);
                }
            }
            Some(word) => {
                if self.current.is_empty() {
                    self.begun = self.line;
                }
                self.current.push(word);
            }
            None => {}
        }
    }

    fn end(&mut self, pipes: bool) {
        self.end_word();
        let mut words = std::mem::take(&mut self.current);
        let assignment = |word: &str| {
            let name = word.split('=').next().unwrap_or_default();
            word.contains('=')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let skipped = words
            .iter()
            .take_while(|w| KEYWORDS.contains(&w.as_str()) || assignment(w))
            .count();
        // `command -v X` asks for a command and does not call it.
        let asks = words.get(skipped).is_some_and(|w| w == "-v" || w == "-V");
        words.drain(..if asks { 0 } else { skipped });
        if !words.is_empty() {
            self.out.push(Command {
                line: self.begun,
                words,
                is_fed: self.fed,
            });
        }
        self.fed = pipes;
    }
}
