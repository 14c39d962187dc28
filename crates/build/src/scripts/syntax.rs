//! Whether the shell can read a hook: `sh -n`, which executes nothing of it.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// A shell that is still reading after this long is not waited for.
const LIMIT: Duration = Duration::from_secs(10);

/// What the shell says against a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShellError {
    /// Its line, from 1, where the shell says it.
    pub line: Option<usize>,
    /// In the shell's words.
    pub message: String,
}

/// What is wrong with a script; nothing, where there is no shell to ask.
pub(crate) fn shell_error(text: &str) -> Option<ShellError> {
    let said = refusal(text).or_else(|| {
        // Shells take the end of a script for the end of a here-document, too; here it would swallow what follows.
        refusal(&format!("hook() (\n{text}\n\n:\n)\n")).map(|_| {
            "what it quotes with `<<` does not end: the last word must be alone on its line, without blanks".to_owned()
        })
    })?;
    Some(parse(&said))
}

/// The shell's message, where it refuses a script.
fn refusal(text: &str) -> Option<String> {
    let mut shell = Command::new("/bin/sh")
        .arg("-n")
        .env_clear()
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let (mut stdin, mut stderr) = (shell.stdin.take()?, shell.stderr.take()?);
    let text = text.to_owned();
    // It stops reading at the first error.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).is_ok());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = stderr.read_to_end(&mut said);
        // Nobody listens any more after the limit.
        let _ = tell.send(read.map(|_| said));
    });
    let said = told.recv_timeout(LIMIT);
    if said.is_err() {
        // If it ended by itself meanwhile, that is as well.
        let _ = shell.kill();
    }
    let status = shell.wait().ok()?;
    writer.join().ok()?;
    let said = String::from_utf8_lossy(&said.ok()?.ok()?).into_owned();
    (!status.success() && !said.trim().is_empty()).then_some(said)
}

/// `sh: 3: Syntax error: …` as dash says it, `sh: line 3: syntax error …` as bash does.
fn parse(said: &str) -> ShellError {
    let first = said.lines().next().unwrap_or("").trim();
    let rest = ["/bin/sh: ", "sh: "]
        .iter()
        .find_map(|name| first.strip_prefix(name));
    let rest = rest.unwrap_or(first);
    let numbered = rest.strip_prefix("line ").unwrap_or(rest).split_once(": ");
    let numbered = numbered.and_then(|(line, message)| Some((line.parse().ok()?, message)));
    let (line, message) = numbered.map_or((None, rest), |(line, message)| (Some(line), message));
    ShellError {
        line,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_say_where_they_stop() {
        for said in [
            "/bin/sh: 3: Syntax error: \"fi\" unexpected\n",
            "/bin/sh: line 3: Syntax error: \"fi\" unexpected\n/bin/sh: line 3: `fi'\n",
        ] {
            let error = parse(said);
            assert_eq!(
                (error.line, error.message.as_str()),
                (Some(3), "Syntax error: \"fi\" unexpected")
            );
        }
        assert_eq!(parse("sh: syntax error").line, None);
    }

    #[test]
    fn only_what_the_shell_cannot_read_is_an_error() {
        for fine in [
            "",
            "# nothing",
            "exit 1",
            "cat <<EOF\nx\nEOF",
            &": a line of many\n".repeat(50_000),
        ] {
            assert_eq!(shell_error(fine), None);
        }
        for wrong in ["if true; then\n", "echo 'x\n", "fi\n", "cat <<EOF\n  x\n  EOF\n"] {
            assert!(shell_error(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn nothing_of_a_script_is_executed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("made");
        assert_eq!(
            shell_error(&format!(": $(touch {0})\ntouch {0}\n", file.display())),
            None
        );
        assert!(!file.exists());
    }
}
