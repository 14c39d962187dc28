//! Names that lie, everywhere where a name is taken: two that look alike, two spellings of one, words that are kept for
//! others, what leads out of a directory, what commands a terminal, what turns a line around, what is HTML or a header.
//! Every one is refused and says why, or is shown as what it is; none ends in a 5xx or in a file elsewhere.

mod lies;
mod places;
mod stage;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::circle::admin;
use crate::harness::{Form, eventually, packyard};
use lies::{SPELLINGS, TEXTS, endless, escaped};
use places::{NAMES, PATHS, SAID};
use stage::{Answer, Stage};

/// Words of [`TEXTS`] that a place may take for what they say.
fn is_plain(text: &str) -> bool {
    text.is_empty() || text.trim().is_empty() || text.is_ascii() && !text.chars().any(char::is_control)
}

/// What is wrong with an answer to a name that lies.
fn faults(answer: &Answer) -> Vec<String> {
    let mut out = Vec::new();
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status >= 500 {
        out.push(format!("{}: {text}", answer.status));
    }
    if answer.head.contains("\nx-evil") {
        out.push("a header of its own".to_owned());
    }
    if let Some(c) = text.chars().find(|c| unseen(*c)) {
        out.push(format!("{} shows {c:?}: {text:?}", answer.status));
    }
    if (400..500).contains(&answer.status) && !answer.head.contains("content-length: 0") {
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if problem["detail"].as_str().is_none_or(|detail| detail.len() < 8) {
            out.push(format!("{} does not say why: {text}", answer.status));
        }
    }
    out
}

/// As the rule says it, in words of this test: nothing of a control, a mark of direction or a tag.
fn unseen(c: char) -> bool {
    let marks = [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{feff}',
    ];
    (c.is_control() && !"\n\t".contains(c))
        || marks.contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

/// Every file below a directory, without those of which there may be any number.
fn files(below: &Path) -> BTreeSet<PathBuf> {
    let mut out = BTreeSet::new();
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        }
        out.insert(path);
    }
    out
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn no_path_takes_a_name_that_lies() {
    let stage = Stage::new();
    let above = stage.yard.data().parent().unwrap().to_owned();
    let mut wrong = Vec::new();
    let texts: Vec<String> = TEXTS.iter().map(|t| escaped(t)).collect();
    let raw: Vec<String> = TEXTS
        .iter()
        .filter(|t| t.bytes().all(|b| b.is_ascii_graphic()) && !t.contains(['#', '?']))
        .map(ToString::to_string)
        .collect();
    let spelt = SPELLINGS.iter().map(ToString::to_string).chain([endless()]);
    let spelt: Vec<String> = texts.into_iter().chain(raw).chain(spelt).collect();
    for (method, path) in PATHS {
        for name in &spelt {
            // A name that is left out is another path.
            if name.is_empty() {
                continue;
            }
            let answer = stage.ask(method, &path.replace("[]", name), b"{}");
            let mut found = faults(&answer);
            let search = path.contains('?') || *path == "/main/packages/[]";
            // What is not there is as gone as it was asked to be.
            let idle =
                *method == "DELETE" && String::from_utf8_lossy(&answer.body).contains("\"changed\":false");
            if answer.status < 300 && !search && !idle {
                found.push(format!(
                    "{}: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ));
            }
            let shown: String = name.chars().take(60).collect();
            wrong.extend(
                found
                    .into_iter()
                    .map(|f| format!("{method} {path} with {shown}: {f}")),
            );
        }
    }
    none(&wrong);
    // As no client would write it: the log shows it all the same.
    stage.ask("GET", "/a\u{202e}b\u{9b}c", b"");
    let shown = "/a\\u{202e}b\\u{9b}c\" ";
    eventually("the request in the log", || {
        stage.yard.log().contains(shown).then_some(())
    });
    let outside = |p: &PathBuf| !p.starts_with(stage.yard.data()) || p.to_string_lossy().contains("outside");
    assert!(!files(&above).iter().any(outside), "{:?}", files(&above));
    assert!(!Path::new("/tmp/packyard-outside").exists());
    let log = stage.yard.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(!log.chars().any(unseen), "{log:?}");
}

#[test]
fn no_body_takes_a_name_that_lies() {
    let stage = Stage::new();
    let mut wrong = Vec::new();
    let endless = endless();
    for place in NAMES {
        for text in TEXTS.iter().copied().chain([endless.as_str()]) {
            let answer = stage.said(*place, text);
            let mut found = faults(&answer);
            // An empty text ends what was said.
            let ends = ["upstream", "family", "status"]
                .iter()
                .any(|key| place.2.contains(key));
            if answer.status < 300 && !(ends && text.is_empty()) {
                found.push(format!(
                    "{}: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ));
            }
            let shown: String = text.chars().take(60).collect();
            wrong.extend(
                found
                    .into_iter()
                    .map(|f| format!("{place:?} with {shown:?}: {f}")),
            );
        }
    }
    none(&wrong);
}

#[test]
fn a_refusal_names_what_is_wrong_and_why() {
    let stage = Stage::new();
    let names: [(&str, &str, &str, &str, &[&str]); 9] = [
        (
            "PUT",
            "/api/v1/channels/healthz",
            "",
            "",
            &["healthz", "channel name", "reserved"],
        ),
        ("PUT", "/api/v1/channels/Main", "", "", &["Main", "lower-case"]),
        (
            "PUT",
            "tags/1st",
            "{}",
            "",
            &["1st", "tag", "begins with a letter"],
        ),
        (
            "POST",
            "/api/v1/tokens",
            r#"{"can":"read","id":[]}"#,
            "local",
            &["token id", "local", "somebody else"],
        ),
        (
            "POST",
            "/api/v1/tokens",
            r#"{"can":"read","id":[]}"#,
            "-rf",
            &["token id", "begin"],
        ),
        (
            "POST",
            "/api/v1/tokens",
            r#"{"can":"read","channels":[]}"#,
            "\u{43e}ps",
            &["glob of channels", "lower-case"],
        ),
        (
            "PUT",
            "projects/hello-world",
            r#"{"status":"archived","reason":[]}"#,
            "a\u{202e}b",
            &["note", "\\\\u{202e}", "marks of direction"],
        ),
        (
            "PUT",
            "distributions/x",
            r#"{"origin":[]}"#,
            "a\u{1b}[2J",
            &["Origin", "\\\\u{1b}", "one line"],
        ),
        (
            "PUT",
            "/main/apt/upload/any/main/hell\u{43e}_1_all.deb",
            "x",
            "",
            &["hell", "only"],
        ),
    ];
    for (method, path, body, text, words) in names {
        let path = path.replace('\u{43e}', "%D0%BE");
        let answer = stage.said((method, &path, body), text);
        let shown = String::from_utf8(answer.body).unwrap();
        assert!((400..500).contains(&answer.status), "{path}: {shown}");
        for word in words {
            assert!(
                shown.contains(word),
                "{method} {path} `{text}`: nothing says `{word}`: {shown}"
            );
        }
    }
}

#[test]
fn a_form_with_a_name_that_lies_is_refused() {
    let stage = Stage::new();
    let endless = endless();
    for text in TEXTS.iter().copied().chain([endless.as_str()]) {
        for field in ["name", "version", "filename"] {
            let value = |of: &str, good: &'static str| if field == of { text } else { good }.to_owned();
            let form = Form::new()
                .with("metadata_version", "2.1")
                .with("name", &value("name", "hello-world"))
                .with("version", &value("version", "1.0"));
            let file = value("filename", "hello_world-1.0.tar.gz").replace('"', "%22");
            let reply = form.send(&stage.yard, &file, b"no package");
            assert!(
                (400..500).contains(&reply.status),
                "{field} {text:?}: {} {}",
                reply.status,
                String::from_utf8_lossy(&reply.body)
            );
            let shown = String::from_utf8_lossy(&reply.body);
            assert!(!shown.chars().any(unseen), "{field} {text:?}: {shown:?}");
        }
    }
}

#[test]
fn what_people_say_is_shown_as_it_is_and_commands_nothing() {
    let stage = Stage::new();
    let mut wrong = Vec::new();
    let endless = endless();
    for place in SAID {
        for text in TEXTS.iter().copied().chain([endless.as_str()]) {
            let answer = stage.said(*place, text);
            let mut found = faults(&answer);
            if answer.status < 300 && text.chars().any(|c| unseen(c) || c.is_control()) {
                found.push(format!("{}: it was taken", answer.status));
            }
            wrong.extend(found.into_iter().map(|f| format!("{place:?} with {text:?}: {f}")));
            let looks = [
                "/main/",
                "/main/?history=true",
                "/main/packages/hello-world",
                "/main/simple/hello-world/",
                "/main/apt/dists/said/InRelease",
                "/main/yum/said/x86_64/repodata/repomd.xml",
            ];
            // Looked at where something was taken: refusals change nothing.
            let looks = looks.iter().filter(|_| answer.status < 300 && !text.is_empty());
            for path in looks {
                let shown = stage.ask("GET", path, b"");
                let shown = String::from_utf8_lossy(&shown.body).into_owned();
                let bad = shown.contains("<script>alert") || shown.contains("<img src=x");
                if bad && !path.ends_with("InRelease") || shown.chars().any(unseen) {
                    wrong.push(format!("{path} after {place:?} with {text:?}"));
                }
            }
        }
    }
    none(&wrong);
    for args in [
        &["log"][..],
        &["show", "hello-world"],
        &["list"],
        &["project", "show", "hello-world"],
    ] {
        let shown = admin(&stage.yard, args).ok().stdout;
        assert!(!shown.chars().any(unseen), "{shown:?}");
    }
}

/// A search, and a name that is not there, come back on pages.
#[test]
fn what_is_asked_for_comes_back_on_pages_as_text() {
    let stage = Stage::new();
    for text in TEXTS {
        for path in ["/main/?q=[]", "/main/packages/[]", "/[]/", "/main/simple/[]/"] {
            let target = path.replace("[]", &escaped(text));
            let mut stream = TcpStream::connect(stage.yard.authority()).unwrap();
            write!(
                stream,
                "GET {target} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut shown = Vec::new();
            stream.read_to_end(&mut shown).unwrap();
            let shown = String::from_utf8(shown).unwrap();
            let (_, body) = shown.split_once("\r\n\r\n").unwrap();
            assert!(!shown.starts_with("HTTP/1.1 5"), "{target}: {shown}");
            assert!(!body.chars().any(unseen), "{target}: {body:?}");
            assert!(
                !body.contains("<script>alert") && !body.contains("<img src=x"),
                "{target}: {body}"
            );
        }
    }
}

#[test]
fn commands_refuse_names_that_lie() {
    let stage = Stage::new();
    let data = stage.yard.data();
    let data = data.to_str().unwrap();
    let user = "a\u{202e}b";
    packyard(["key", "generate", "--user-id", user])
        .fails()
        .says(&["one line of text"]);
    for text in TEXTS.iter().filter(|t| !t.contains('\0') && !is_plain(t)) {
        let commands: [&[&str]; 5] = [
            &["channel", "create", text],
            &["token", "create", "--can", "read", "--id", text],
            &["tag", "main", text],
            &["distribution", "create", text],
            &["yank", text],
        ];
        for command in commands {
            let mut args = command.to_vec();
            args.extend(["--data", data]);
            let outcome = packyard(args).fails();
            let shown = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(!shown.chars().any(unseen), "{command:?}: {shown:?}");
            assert!(!shown.contains("panicked"), "{command:?}: {shown}");
        }
    }
}
