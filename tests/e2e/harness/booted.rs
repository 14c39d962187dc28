//! A small Debian whose systemd is running.

use std::fs;
use std::process::{Child, Command, Stdio};

use super::{AptRoot, Outcome, eventually, run, system_command};

/// A Debian container with a booted systemd as its process 1, which shares the host's network. It
/// ends with the value.
pub struct Booted {
    // Dropped after `drop` has ended everything that runs on it.
    root: AptRoot,
    nspawn: Child,
    leader: u32,
}

impl Booted {
    /// Boots a root and waits until its systemd has started everything.
    pub fn new(root: AptRoot) -> Self {
        let mut command = system_command("systemd-nspawn");
        command.args([
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--boot",
            "--console=pipe",
        ]);
        command.arg("--directory").arg(root.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut nspawn = command.spawn().unwrap();
        let leader = eventually("the container's first process", || {
            assert!(nspawn.try_wait().unwrap().is_none(), "systemd-nspawn has ended");
            first_process(nspawn.id())
        });
        let booted = Self { root, nspawn, leader };
        eventually("the container to have booted", || {
            let state = booted.run("systemctl", &["is-system-running"]).stdout;
            ["running", "degraded"].contains(&state.trim()).then_some(())
        });
        booted
    }

    /// The files of the container.
    pub fn root(&self) -> &AptRoot {
        &self.root
    }

    /// Runs something inside, as a process of the container.
    pub fn run(&self, program: &str, args: &[&str]) -> Outcome {
        let mut command = system_command("nsenter");
        command.env("HOME", "/").env("DEBIAN_FRONTEND", "noninteractive");
        command.arg("--target").arg(self.leader.to_string());
        command.args(["--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd"]);
        run(command.arg(program).args(args))
    }

    /// Runs apt-get inside; configuration files that a test has put there are kept.
    pub fn apt_get(&self, args: &[&str]) -> Outcome {
        let keep = ["-y", "-o", "Dpkg::Options::=--force-confold"];
        self.run("apt-get", &[&keep, args].concat())
    }

    /// A property of a unit, as `systemctl show` prints it.
    pub fn property(&self, unit: &str, name: &str) -> String {
        let shown = self
            .run("systemctl", &["show", "--value", "--property", name, unit])
            .ok();
        shown.stdout.trim().to_owned()
    }

    /// What a unit has written to the journal.
    pub fn journal(&self, unit: &str) -> String {
        self.run("journalctl", &["--no-pager", "--quiet", "--unit", unit])
            .stdout
    }
}

impl Drop for Booted {
    fn drop(&mut self) {
        // Killing process 1 of a pid namespace ends all others in it. Neither that nor anything
        // else that goes wrong here says anything about what was tested.
        let _ = Command::new("kill")
            .args(["-KILL", &self.leader.to_string()])
            .status();
        let _ = self.nspawn.wait();
    }
}

/// The descendant of a process that is number 1 of its own pid namespace and already is systemd.
fn first_process(ancestor: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{ancestor}/task/{ancestor}/children")).ok()?;
    children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .find_map(|pid: u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let is_first = status
                .lines()
                .find_map(|line| line.strip_prefix("NSpid:"))
                .is_some_and(|pids| pids.split_whitespace().count() > 1 && pids.ends_with("\t1"));
            let is_systemd = status.starts_with("Name:\tsystemd\n");
            if is_first && is_systemd {
                Some(pid)
            } else {
                first_process(pid)
            }
        })
}
