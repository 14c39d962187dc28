//! The program that runs a build backend: `uv build`, `python3 -m build` or pip, whichever is there.

use crate::{BuildError, scratch::Group};
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// How much of its output is kept.
const OUTPUT_BYTES: u64 = 256 << 10;

/// One way to build.
pub(super) struct Frontend {
    program: &'static str,
    arguments: &'static [&'static str],
    /// What says whether it is there.
    probe: &'static [&'static str],
}

/// Frontends, in the order in which they are tried.
const FRONTENDS: [Frontend; 3] = [
    Frontend {
        program: "uv",
        arguments: &["build", "--out-dir"],
        probe: &["--version"],
    },
    Frontend {
        program: "python3",
        arguments: &["-m", "build", "--outdir"],
        probe: &["-m", "build", "--version"],
    },
    Frontend {
        program: "python3",
        arguments: &["-m", "pip", "wheel", "--no-deps", "--wheel-dir"],
        probe: &["-m", "pip", "--version"],
    },
];

/// What the user's shell may say of Python that must not reach a build. The settings of pip and uv about indexes,
/// proxies and caches do.
const NOT_INHERITED: [&str; 23] = [
    // The project's own code runs there: what publishes and signs is none of its business.
    "PACKYARD_TOKEN",
    "PACKYARD_SIGNING_KEY",
    "TWINE_PASSWORD",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONWARNINGS",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_WORKING_DIRECTORY",
    "UV_BUILD_CONSTRAINT",
];

/// The first frontend that is there.
pub(super) fn find(at: &Path, reason: &str) -> Result<Frontend, BuildError> {
    let works = |frontend: &Frontend| {
        let mut probe = Command::new(frontend.program);
        probe.args(frontend.probe).current_dir(at);
        cleaned(&mut probe);
        probe.output().is_ok_and(|output| output.status.success())
    };
    FRONTENDS
        .into_iter()
        .find(works)
        .ok_or_else(|| BuildError::Backend {
            command: "uv build, python3 -m build, python3 -m pip wheel".into(),
            reason: "nothing that could run it is installed here".into(),
            asked: reason.to_owned(),
            output: String::new(),
            hint: "install uv or python3-build, or give the project static metadata".into(),
        })
}

/// The same command without what the user's shell adds to Python.
pub(in crate::python) fn cleaned(command: &mut Command) {
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    command
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null());
}

impl Frontend {
    /// How the user would call it.
    pub fn shown(&self) -> String {
        format!("{} {} dist .", self.program, self.arguments.join(" "))
    }

    /// The command that builds the current directory into `out`.
    pub fn command(&self, out: &Path) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments).arg(out).arg(".");
        cleaned(&mut command);
        command
    }
}

/// How a build ended.
pub(in crate::python) struct Ended {
    /// None where it took too long.
    pub succeeded: Option<bool>,
    /// The end of what it printed.
    pub output: String,
}

/// Runs a command to its end or to the limit, where all that it started is ended with it, as far as it stayed in its
/// group of processes. Nothing that goes on printing is waited for.
pub(in crate::python) fn run(mut command: Command, log: &Path, limit: Duration) -> io::Result<Ended> {
    let mut file = File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(log)?;
    command.stdout(file.try_clone()?).stderr(file.try_clone()?);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let group = Group::new(child.id());
    let (tell, told) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait();
        // Nobody listens any more after the limit.
        let _ = tell.send(());
        status
    });
    let in_time = told.recv_timeout(limit).is_ok();
    if !in_time {
        group.kill();
    }
    let status = waiter
        .join()
        .map_err(|_| io::Error::other("nothing waited for it"))??;
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(size.saturating_sub(OUTPUT_BYTES)))?;
    let mut output = Vec::new();
    file.take(OUTPUT_BYTES).read_to_end(&mut output)?;
    Ok(Ended {
        succeeded: in_time.then(|| status.success()),
        output: String::from_utf8_lossy(&output).into_owned(),
    })
}
