//! Fetching the wheels of a bundle: by pip, which leaves wheels as they are, or by a pip that uv runs where Python has
//! none. (uv itself has no command that does: it installs.) Which index they ask is theirs to know: their settings, what
//! requirements say, or `[python] index`. No index is named here.

use super::{
    super::backend::frontend::{cleaned, run},
    choose::other_digest,
    lock::{Lines, Pin, Sum},
    platform::Platform,
    wheel::WheelFile,
};
use crate::{BuildError, Diagnostic, Place, files, manifest::BundleKeys, scratch::Scratch};
use packyard_types::{ArtifactName, ProjectName};
use std::{path::Path, process::Command, sync::Arc, time::Duration};

/// How long it may take.
const LIMIT: Duration = Duration::from_mins(10);

/// Ways to run pip, each with what says whether it is there.
const PIPS: [(&[&str], &[&str]); 4] = [
    (&["python3", "-m", "pip"], &["--version"]),
    (&["pip3"], &["--version"]),
    (&["pip"], &["--version"]),
    (&["uv", "tool", "run", "pip"], &[]),
];

/// What is asked for.
pub(super) enum Wish<'a> {
    /// These and nothing else.
    Pins(&'a [Pin], &'a [String]),
    /// These and what they require.
    Open(&'a Lines),
}

/// What a fetch is told besides.
pub(super) struct Surroundings<'a> {
    pub root: &'a Path,
    pub keys: &'a BundleKeys,
    /// Variables for pip.
    pub settings: &'a [(String, String)],
    pub limit: Option<Duration>,
    /// The project, which is in its bundle anyway.
    pub project: &'a ProjectName,
    /// Where the lock or the layout was asked for.
    pub place: Option<Place>,
}

impl Surroundings<'_> {
    /// Fetches wheels: for a Python and system, or, with none, for those that pip runs on.
    pub fn fetch(&self, wish: &Wish<'_>, platform: Option<&Platform>) -> Result<Vec<WheelFile>, BuildError> {
        let failed = |source| BuildError::Write {
            file: "a temporary directory".into(),
            source,
        };
        let room = Arc::new(Scratch::new().map_err(failed)?);
        let (list, out) = (room.path().join("requirements.txt"), room.path().join("wheels"));
        std::fs::create_dir(&out).map_err(failed)?;
        std::fs::write(&list, text(wish)).map_err(failed)?;
        let mut command = self.pip(room.path())?;
        command
            .args([
                "download",
                "--only-binary",
                ":all:",
                "--progress-bar",
                "off",
                "--dest",
            ])
            .arg(&out)
            .arg("--requirement")
            .arg(&list);
        if let Wish::Pins(..) = wish {
            // A lock has all that is needed, also for a Python that this pip does not run on.
            command.args(["--no-deps", "--ignore-requires-python"]);
        }
        if let Some(platform) = platform {
            command.args(platform.pip_arguments());
        }
        if let Some((index, _)) = &self.keys.index {
            command.args(["--index-url", index]);
        }
        if let Some((wheels, _)) = &self.keys.wheels {
            // pip runs elsewhere, and the project may be named as seen from here.
            let directory = self.root.join(wheels);
            let directory = directory.canonicalize().unwrap_or(directory);
            command.args(["--no-index", "--find-links"]).arg(directory);
        }
        let limit = self.limit.unwrap_or(LIMIT);
        let ended = run(command, &room.path().join("log"), limit);
        let ended = ended.map_err(|e| self.failed(&format!("it cannot be run: {e}"), wish))?;
        match ended.succeeded {
            Some(true) => self.collect(&room, &out, wish),
            Some(false) => Err(self.judged(&ended.output, wish, platform)),
            None => {
                let what = format!(
                    "it was ended after {} s (PACKYARD_BACKEND_TIMEOUT)",
                    limit.as_secs()
                );
                Err(self.failed(&what, wish))
            }
        }
    }

    /// The first pip that is there.
    fn pip(&self, at: &Path) -> Result<Command, BuildError> {
        let ready = |words: &[&str]| {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).current_dir(at);
            cleaned(&mut command);
            command.envs(self.settings.iter().map(|(name, value)| (name, value)));
            command.env("PIP_NO_INPUT", "1");
            command
        };
        let is_there = |(line, probe): &&(&[&str], &[&str])| {
            // `uv tool run` would fetch pip to say its version.
            let asked = if probe.is_empty() { &line[..1] } else { line };
            let output = ready(asked).arg("--version").output();
            output.is_ok_and(|output| output.status.success())
        };
        let found = PIPS.iter().find(is_there);
        let Some((words, _)) = found else {
            let problem = self.at(Diagnostic::new(
                "the wheels of the bundle have to be fetched, and neither pip nor uv is installed here",
            ));
            return Err(problem
                .hint(
                    "install python3-pip or uv, or put the wheels into a directory, name it in `[python] wheels`, and \
                     lock them with their hashes",
                )
                .into());
        };
        Ok(ready(words))
    }

    fn at(&self, problem: Diagnostic) -> Diagnostic {
        match &self.place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    }

    /// What pip said; at the requirement that it names, if it names one.
    fn failed(&self, what: &str, wish: &Wish<'_>) -> BuildError {
        let problem = Diagnostic::new(format!("pip did not fetch the wheels of the bundle: {what}"));
        let named = what
            .split(|c: char| c.is_whitespace() || "'`\"(),".contains(c))
            .find_map(|word| self.place_of(word, wish));
        let problem = match named {
            Some(place) => problem.at(place),
            None => self.at(problem),
        };
        problem
            .hint("run `pip download` with the same requirements to see more")
            .into()
    }

    /// What pip meant by what it printed.
    fn judged(&self, output: &str, wish: &Wish<'_>, platform: Option<&Platform>) -> BuildError {
        let pins = match wish {
            Wish::Pins(pins, _) => *pins,
            Wish::Open(_) => &[],
        };
        let errors: Vec<&str> = output
            .lines()
            .filter_map(|line| line.trim().strip_prefix("ERROR: "))
            .collect();
        if let Some(changed) = changed(output, pins) {
            return changed.into();
        }
        let asked = errors
            .iter()
            .find_map(|line| line.strip_prefix("No matching distribution found for "));
        let Some(asked) = asked else {
            return self.failed(&cause(output, &errors), wish);
        };
        let asked = asked.split_whitespace().next().unwrap_or(asked);
        let where_to = platform.map_or_else(|| "this machine".to_owned(), Platform::shown);
        let problem = Diagnostic::new(format!("pip found no wheel of `{asked}` for {where_to}"));
        let problem = match self.place_of(asked, wish) {
            Some(place) => problem.at(place),
            None => self.at(problem),
        };
        problem
            .hint(
                "give pip an index that has one (its settings, or `[python] index`), or make one with `pip wheel`, and \
                 name its directory in `[python] wheels`",
            )
            .into()
    }

    /// Where a requirement stands, by the name that it begins with.
    fn place_of(&self, asked: &str, wish: &Wish<'_>) -> Option<Place> {
        let name = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
            ProjectName::parse(&text[..end.unwrap_or(text.len())]).ok()
        };
        let wanted = name(asked)?;
        match wish {
            Wish::Pins(pins, _) => pins
                .iter()
                .find(|pin| pin.name == wanted)
                .map(|pin| pin.place.clone()),
            Wish::Open(lines) => {
                let line = lines
                    .iter()
                    .find(|(text, _)| name(text).as_ref() == Some(&wanted))?;
                line.1.clone()
            }
        }
    }

    /// What it left, each compared with the lock, whoever has compared it before.
    fn collect(
        &self,
        room: &Arc<Scratch>,
        out: &Path,
        wish: &Wish<'_>,
    ) -> Result<Vec<WheelFile>, BuildError> {
        let mut wheels = Vec::new();
        for file in files::names(out)? {
            let name = ArtifactName::parse(&file).map_err(|e| self.failed(&e.to_string(), wish))?;
            let path = out.join(&file);
            let mut place = self.place_of(name.package(), wish);
            if let Wish::Pins(pins, _) = wish
                && let Some(pin) = pins.iter().find(|pin| pin.name.as_str() == name.package())
            {
                if let Err(sum) = pin.hashes.judge(&path, &name)? {
                    return Err(other_digest(&file, pin, &sum).into());
                }
                place = Some(pin.place.clone());
            }
            if name.package() == self.project.as_str() {
                continue;
            }
            wheels.push(WheelFile {
                name,
                path,
                room: Some(Arc::clone(room)),
                place,
            });
        }
        Ok(wheels)
    }
}

/// The requirements for pip.
fn text(wish: &Wish<'_>) -> String {
    match wish {
        Wish::Open(lines) => lines.iter().map(|(line, _)| format!("{line}\n")).collect(),
        Wish::Pins(pins, options) => {
            let options = options.iter().map(|option| format!("{option}\n"));
            let pins = pins.iter().map(|pin| {
                let hashes = pin.hashes.iter().map(|sum| format!(" --hash={sum}"));
                format!("{}=={}{}\n", pin.name, pin.version, hashes.collect::<String>())
            });
            options.chain(pins).collect()
        }
    }
}

/// Why pip gave up, in its own words: its errors, else the exception below a traceback, else its last line.
fn cause(output: &str, errors: &[&str]) -> String {
    let mut lines = output.lines().map(str::trim).filter(|line| !line.is_empty());
    let errors: Vec<&str> = errors
        .iter()
        .copied()
        .filter(|line| *line != "Exception:")
        .collect();
    if !errors.is_empty() {
        return errors.join("; ");
    }
    let last = match output.rfind("Traceback (most recent call last)") {
        Some(at) => output[at..].lines().rfind(|line| is_exception(line)),
        None => None,
    };
    last.or_else(|| lines.next_back())
        .unwrap_or("it ended without a word")
        .to_owned()
}

/// `module.SomeError: …`, as a traceback ends.
fn is_exception(line: &str) -> bool {
    let kind = line.split(':').next().unwrap_or_default();
    !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
}

/// pip's words for a digest that is not the locked one.
fn changed(output: &str, pins: &[Pin]) -> Option<Diagnostic> {
    let (_, rest) = output.split_once("DO NOT MATCH THE HASHES")?;
    let mut lines = rest.lines().map(str::trim);
    let got = lines
        .clone()
        .find_map(|line| line.strip_prefix("Got"))
        .map(str::trim)?;
    let pin = lines.find_map(|line| {
        pins.iter()
            .find(|pin| line.starts_with(&format!("{}=={}", pin.name, pin.version)))
    })?;
    let sum = Sum::of_digits(got)?;
    Some(other_digest(&format!("{} {}", pin.name, pin.version), pin, &sum))
}
