#!/usr/bin/python3
"""Many publish to one distribution while many dnf clients refresh from it, and nobody may see anything but whole states.

    tests/bench/yum_load.py BINARY [--seconds 300] [--publishers 8] [--rate 20] [--clients 16]

Each client is a `dnf makecache --refresh` of this machine with an installroot and a cache of its own, `gpgcheck=1` and
`repo_gpgcheck=1`. After each refresh: dnf said success; every index file that it holds hashes to what its repomd.xml
says, the signature of which it has checked; every package whose upload was answered before the refresh began is there.
repomd.xml and repomd.xml.asc are two requests, so a commit may fall between them: that is counted in `notes`, and only
where the same command, run again at once, fails too is it a fault. At the end every package that was ever answered is
there, for dnf and in the channel's own list. Anything else is told on stderr and ends in exit code 1. One JSON document
on stdout.
"""

import gzip
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent))
import load as loads  # noqa: E402
import tiny  # noqa: E402

REPO = "{http://linux.duke.edu/metadata/repo}"
PACKAGE = re.compile(rb"<name>([^<]+)</name>\s*<arch>[^<]+</arch>\s*<version [^>]*ver=\"([^\"]+)\"")


class Rpms(loads.Kind):
    key = "/main/yum/key.asc"

    def build(self, work: Path, turn: int) -> tuple[str, str, Path]:
        number, version = turn % loads.NAMES, f"1.{turn // loads.NAMES}"
        return tiny.name_of(number), version, tiny.rpm(work, number, version)

    def path(self, file: Path) -> str:
        return f"/main/yum/upload/load/{file.name}"

    def filename(self, name: str, version: str) -> str:
        return f"{name}-{version}-1.noarch.rpm"

    def client(self, load: loads.Load, name: str):
        return Dnf(load, name)


class Dnf:
    """A dnf with a root and a cache of its own."""

    def __init__(self, load: loads.Load, name: str):
        self.load, self.name = load, name
        self.root = load.work / name
        for directory in ["repos", "cache", "log", "root"]:
            (self.root / directory).mkdir(parents=True)
        (self.root / "dnf.conf").write_text("[main]\n")
        repo = f"[load]\nname=load\nbaseurl=http://{load.authority}/main/yum/load/x86_64/\ngpgcheck=1\nrepo_gpgcheck=1\n"
        (self.root / "repos/load.repo").write_text(f"{repo}gpgkey=file://{load.work}/key.asc\nproxy=\n")
        options = {"reposdir": "repos", "cachedir": "cache", "logdir": "log"}
        self.command = ["dnf", "--noplugins", "-y", "-q", "--refresh", "--releasever=1", "--forcearch=x86_64"]
        self.command += [f"--config={self.root}/dnf.conf", f"--installroot={self.root}/root"]
        self.command += [f"--setopt={option}={self.root}/{place}" for option, place in options.items()]
        self.command += ["--setopt=module_platform_id=platform:el9", "--setopt=retries=0", "makecache"]
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C.UTF-8"}

    def update(self) -> None:
        expected, began = self.load.expected(), time.monotonic()
        said = self.refresh()
        if said is not None and "epomd.xml GPG signature verification error" in said:
            self.load.note("a commit fell between repomd.xml and its signature")
            said = self.refresh()
        self.load.updated(began)
        if said is not None:
            self.load.fault(f"{self.name}: dnf makecache: {said}")
            return
        self.judge(expected)

    def refresh(self) -> str | None:
        """What dnf said where it failed."""
        done = subprocess.run(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return None if done.returncode == 0 else f"{done.returncode}: {done.stdout}"

    def judge(self, expected: set) -> None:
        held = next((self.root / "cache").glob("load-*/repodata"))
        repomd = (held / "repomd.xml").read_bytes()
        packages = set()
        for data in ElementTree.fromstring(repomd).iter(f"{REPO}data"):
            said = data.find(f"{REPO}checksum").text
            file = held / data.find(f"{REPO}location").get("href").rsplit("/", 1)[1]
            if not file.exists():
                # dnf fetches the lists of files and the changelogs only where it is asked about them.
                if data.get("type") == "primary":
                    self.load.fault(f"{self.name}: it has no {file.name}")
                continue
            body = file.read_bytes()
            if hashlib.sha256(body).hexdigest() != said:
                self.load.fault(f"{self.name}: its {file.name} is not what its repomd.xml says")
                return
            if data.get("type") == "primary":
                packages = {(n.decode(), v.decode()) for n, v in PACKAGE.findall(gzip.decompress(body))}
        self.load.judge(self.name, hashlib.sha256(repomd).hexdigest(), packages, expected)


if __name__ == "__main__":
    sys.exit(loads.main(Rpms(), __doc__.splitlines()[0], "dnf"))
