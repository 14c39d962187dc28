//! Why a backend failed, found in what it printed.

use crate::BuildError;
use std::path::Path;

/// What messages say of a run that failed.
pub(super) struct Failure<'a> {
    /// What was run.
    pub command: String,
    /// Why the backend was asked.
    pub reason: &'a str,
    /// The temporary directory, whose name means nothing to anybody.
    pub scratch: &'a Path,
}

impl Failure<'_> {
    /// An error whose cause is in the output.
    pub fn of(&self, output: &str) -> BuildError {
        let output = self.plain(output);
        let cause = cause(&output).unwrap_or_else(|| "it ended without a word".to_owned());
        self.error(&cause, &output)
    }

    /// An error whose cause is known.
    pub fn told(&self, cause: &str, output: &str) -> BuildError {
        self.error(cause, &self.plain(output))
    }

    fn plain(&self, output: &str) -> String {
        let output = output.replace(&*self.scratch.to_string_lossy(), "…");
        let clean: String = output
            .chars()
            .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
            .collect();
        clean.trim_end().to_owned()
    }

    fn error(&self, cause: &str, output: &str) -> BuildError {
        BuildError::Backend {
            command: self.command.clone(),
            reason: cause.to_owned(),
            asked: self.reason.to_owned(),
            output: output.to_owned(),
            hint: hint(cause, output).to_owned(),
        }
    }
}

fn hint(cause: &str, output: &str) -> &'static str {
    let says = |words: &[&str]| {
        words
            .iter()
            .any(|word| cause.contains(word) || output.contains(word))
    };
    if says(&[
        "No matching distribution found",
        "No solution found",
        "Could not find a version",
        "Failed to fetch",
    ]) {
        "what [build-system] requires could not be installed: correct it, or give pip or uv an index that has it"
    } else if says(&["it was ended after"]) {
        "find out what it waits for, or give it more seconds in PACKYARD_BACKEND_TIMEOUT"
    } else {
        "make it work there, or give the project static metadata: [project] without `dynamic` in pyproject.toml"
    }
}

/// What frontends print around the words of the backend.
const AROUND: [&str; 17] = [
    "error backend subprocess",
    "cause: call to",
    "cause: the build backend",
    "building ",
    "error: subprocess-exited",
    "error: failed",
    "error: could not build",
    "× ",
    "╰─>",
    "╰─▶",
    "├─▶",
    "* ",
    "hint:",
    "note:",
    "[end of output]",
    "[notice]",
    "[stderr]",
];

/// The exception that ended the last traceback; else the last line that says `error:`; else the last line that is not
/// the frontend's own.
fn cause(output: &str) -> Option<String> {
    let lines: Vec<&str> = output.lines().collect();
    let is_around = |line: &str| {
        let lower = line.trim().to_lowercase();
        lower.is_empty() || AROUND.iter().any(|words| lower.starts_with(words))
    };
    if let Some(line) = exception(&lines) {
        return Some(line);
    }
    let own = || lines.iter().rev().filter(|line| !is_around(line));
    let says_error = |line: &&&str| line.trim().to_lowercase().starts_with("error");
    let any = || lines.iter().rev().find(|line| line.trim().starts_with("cause:"));
    let found = own()
        .find(says_error)
        .or_else(|| own().next())
        .or_else(any)?
        .trim();
    Some(found.strip_prefix("cause: ").unwrap_or(found).to_owned())
}

/// The line after the last traceback that is indented as its first line is.
fn exception(lines: &[&str]) -> Option<String> {
    const BEGIN: &str = "Traceback (most recent call last):";
    let starts = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.trim_end().ends_with(BEGIN));
    let mut found = None;
    for (at, line) in starts {
        let indent = line.find(BEGIN)?;
        let prefix = " ".repeat(indent);
        let is_end = |line: &&&str| {
            let body = line.strip_prefix(&prefix).or_else(|| line.get(indent..));
            body.is_some_and(|body| !body.is_empty() && !body.starts_with(' '))
        };
        let end = lines[at + 1..]
            .iter()
            .find(is_end)
            .map(|line| line.trim().to_owned());
        // The frontend's own traceback says only that the backend's failed.
        let is_own = end
            .as_deref()
            .is_some_and(|line| line.contains("CalledProcessError"));
        found = end.filter(|_| !is_own).or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn the_reason_is_the_exception_of_the_last_traceback() {
        let uv = "  × Failed to build `x`\n  ├─▶ The build backend returned an error\n  ╰─▶ Call to `b` failed\n\n      [stderr]\n      \
            Traceback (most recent call last):\n        File \"<string>\", line 1\n          f()\n      \
            ValueError: no such thing: 1\n\n      hint: This usually means …\n";
        assert_eq!(cause(uv).as_deref(), Some("ValueError: no such thing: 1"));
        let build = "* Building sdist...\nTraceback (most recent call last):\n  File \"x\"\nKeyError: 'a'\n\nDuring handling …:\n\n\
            Traceback (most recent call last):\n  File \"y\"\nRuntimeError: b\n\nERROR Backend subprocess exited when trying to invoke build_sdist\n";
        assert_eq!(cause(build).as_deref(), Some("RuntimeError: b"));
    }

    #[test]
    fn without_a_traceback_it_is_the_last_own_line() {
        assert_eq!(
            cause("a\nthe moon is wrong\nERROR Backend subprocess exited\n").as_deref(),
            Some("the moon is wrong")
        );
        assert_eq!(cause("a\nerror: in x\nbye\n").as_deref(), Some("error: in x"));
        let empty =
            "Building wheel...\nerror: Failed to build `x`\n  cause: Call to `b` failed (exit status: 0)\n";
        assert_eq!(
            cause(empty).as_deref(),
            Some("Call to `b` failed (exit status: 0)")
        );
        assert_eq!(cause("\n"), None);
    }
}
