#!/usr/bin/python3
"""Many publish to one distribution while many apt clients update from it, and nobody may see anything but whole states.

    tests/bench/apt_load.py BINARY [--seconds 300] [--publishers 8] [--rate 20] [--clients 16]

Each client is an `apt-get` of this machine with directories of its own, all checks on, the channel's key in signed-by.
After each update: apt said nothing but success; what it holds hashes to what its InRelease says; every package whose
upload was answered before the update began is there. At the end every package that was ever answered is there, for apt
and in the channel's own list. Anything else is told on stderr and ends in exit code 1. One JSON document on stdout.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import load as loads  # noqa: E402
import tiny  # noqa: E402


class Debs(loads.Kind):
    def build(self, work: Path, turn: int) -> tuple[str, str, Path]:
        number, version = turn % loads.NAMES, f"1.{turn // loads.NAMES}-1"
        return tiny.name_of(number), version, tiny.deb(work, number, version)

    def path(self, file: Path) -> str:
        return f"/main/apt/upload/load/main/{file.name}"

    def filename(self, name: str, version: str) -> str:
        return f"{name}_{version}_all.deb"

    def client(self, load: loads.Load, name: str):
        return Apt(load, name)


class Apt:
    """An apt-get with a state of its own, and with every check that this machine may have switched off."""

    def __init__(self, load: loads.Load, name: str):
        self.load, self.name = load, name
        self.root = load.work / name
        for directory in ["state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "etc/trusted.gpg.d"]:
            (self.root / directory).mkdir(parents=True)
        (self.root / "status").touch()
        source = f"deb [arch=amd64 signed-by={load.work}/key.asc] http://{load.authority}/main/apt load main\n"
        (self.root / "etc/sources.list").write_text(source)
        (self.root / "apt.conf").write_text(f"""
            Dir::State "{self.root}/state"; Dir::State::status "{self.root}/status"; Dir::Cache "{self.root}/cache";
            Dir::Etc "{self.root}/etc"; Dir::Etc::parts "apt.conf.d"; Dir::Etc::sourceparts "none";
            APT::Sandbox::User "root"; APT::Architecture "amd64"; APT::Architectures "amd64";
            Acquire::Check-Date "true"; Acquire::Check-Valid-Until "true"; Acquire::Retries "0";
            Acquire::GzipIndexes "false"; Acquire::http::Proxy "DIRECT"; APT::Update::Post-Invoke "";
        """)
        self.environment = {"PATH": os.environ["PATH"], "APT_CONFIG": str(self.root / "apt.conf"), "LC_ALL": "C"}

    def update(self) -> None:
        expected, began = self.load.expected(), time.monotonic()
        done = subprocess.run(
            ["apt-get", "update"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.load.updated(began)
        complaints = [line for line in done.stdout.splitlines() if line.startswith(("W:", "E:", "Err:"))]
        if done.returncode != 0 or complaints:
            self.load.fault(f"{self.name}: apt-get update ended with {done.returncode}: {complaints or done.stdout}")
            return
        self.judge(expected)

    def judge(self, expected: set) -> None:
        lists = self.root / "state/lists"
        release = next(lists.glob("*_InRelease")).read_text()
        packages = next(lists.glob("*_main_binary-amd64_Packages"), None)
        body = packages.read_bytes() if packages else b""
        said = [line.split() for line in release.splitlines() if line.endswith(" main/binary-amd64/Packages")]
        digest = hashlib.sha256(body).hexdigest()
        if not any(words[0] == digest and int(words[1]) == len(body) for words in said):
            self.load.fault(f"{self.name}: its Packages has {digest}, its InRelease says {said}")
            return
        held = {
            (fields["Package"], fields["Version"])
            for stanza in body.decode().split("\n\n")
            if (fields := dict(line.split(": ", 1) for line in stanza.splitlines() if line.startswith(("Package: ", "Version: "))))
        }
        self.load.judge(self.name, digest, held, expected)


if __name__ == "__main__":
    sys.exit(loads.main(Debs(), __doc__.splitlines()[0], "apt"))
