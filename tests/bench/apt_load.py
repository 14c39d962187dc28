#!/usr/bin/python3
"""Many publish to one distribution while many apt clients update from it, and nobody may see anything but whole states.

    tests/bench/apt_load.py BINARY [--seconds 300] [--publishers 8] [--rate 20] [--clients 16]

Each client is an `apt-get` of this machine with directories of its own, all checks on, the channel's key in signed-by.
After each update: apt said nothing but success; what it holds hashes to what its InRelease says; every package whose
upload was answered before the update began is there. At the end every package that was ever answered is there, for apt
and in the channel's own list. Anything else is told on stderr and ends in exit code 1. One JSON document on stdout.
"""

import argparse
import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import tiny  # noqa: E402

NAMES = 50


class Load:
    """What everybody shares: the address, what was answered, and what went wrong."""

    def __init__(self, authority: str, token: str, work: Path):
        self.authority, self.token, self.work = authority, token, work
        self.lock = threading.Lock()
        self.answered: dict[tuple[str, str], float] = {}
        self.faults: list[str] = []
        self.taken_ms: list[float] = []
        self.update_ms: list[float] = []
        self.states: set[str] = set()

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)
            print(text, file=sys.stderr)


def main() -> int:
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="apt-load-") as tmp:
        work = Path(tmp)
        log = open(work / "server.log", "wb")
        server = subprocess.Popen(
            [args.binary, "serve", "--data", str(work / "data"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log
        )
        try:
            authority = server.stdout.readline().decode().strip().removeprefix("listening on http://")
            token = (work / "data/admin.token").read_text().strip()
            load = Load(authority, token, work)
            run(load, args)
        finally:
            server.terminate()
            server.wait()
        print(json.dumps(report(load, args), indent=1))
        return 1 if load.faults else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", help="the packyard to serve with")
    parser.add_argument("--seconds", type=int, default=300, help="how long (300)")
    parser.add_argument("--publishers", type=int, default=8, help="uploads at a time (8)")
    parser.add_argument("--rate", type=float, default=20, help="uploads a second, all publishers together (20)")
    parser.add_argument("--clients", type=int, default=16, help="apt clients (16)")
    return parser.parse_args()


def run(load: Load, args: argparse.Namespace) -> None:
    # The first package makes the distribution, so that the first update finds one.
    upload(load, http.client.HTTPConnection(load.authority), 0)
    key = get(load, "/main/key.asc")
    (load.work / "key.asc").write_bytes(key)
    began = time.monotonic()
    ends = began + args.seconds
    threads = [threading.Thread(target=publisher, args=(load, p, began, ends, args)) for p in range(args.publishers)]
    threads += [threading.Thread(target=client, args=(load, c, ends)) for c in range(args.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last(load)


def report(load: Load, args: argparse.Namespace) -> dict:
    def at(values: list[float], part: float) -> float:
        return round(sorted(values)[min(len(values) - 1, int(len(values) * part))], 1) if values else 0.0

    return {
        "seconds": args.seconds,
        "published": len(load.answered),
        "a_second": round(len(load.answered) / args.seconds, 1),
        "publish_ms": {"median": at(load.taken_ms, 0.5), "p99": at(load.taken_ms, 0.99)},
        "clients": args.clients,
        "updates": len(load.update_ms),
        "update_ms": {"median": at(load.update_ms, 0.5), "p99": at(load.update_ms, 0.99)},
        "states": len(load.states),
        "faults": load.faults[:50],
    }


def get(load: Load, path: str) -> bytes:
    connection = http.client.HTTPConnection(load.authority)
    connection.request("GET", path, headers={"Authorization": f"Bearer {load.token}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        load.fault(f"GET {path}: {answer.status} {body[:200]!r}")
    return body


def publisher(load: Load, number: int, began: float, ends: float, args: argparse.Namespace) -> None:
    """Every so many-th upload of the common schedule; one that is late follows at once."""
    connection = http.client.HTTPConnection(load.authority)
    turn = number + 1
    while (due := began + turn / args.rate) < ends and time.monotonic() < ends:
        time.sleep(max(0.0, due - time.monotonic()))
        upload(load, connection, turn)
        turn += args.publishers


def upload(load: Load, connection: http.client.HTTPConnection, turn: int) -> None:
    version = f"1.{turn // NAMES}-1"
    file = tiny.deb(load.work, turn % NAMES, version)
    name, body = tiny.name_of(turn % NAMES), file.read_bytes()
    file.unlink()
    path = f"/main/apt/upload/load/main/{file.name}"
    began = time.monotonic()
    try:
        connection.request("PUT", path, body, {"Authorization": f"Bearer {load.token}"})
        answer = connection.getresponse()
        said = answer.read()
    except (OSError, http.client.HTTPException) as e:
        connection.close()
        load.fault(f"PUT {path}: {e!r}")
        return
    with load.lock:
        load.taken_ms.append((time.monotonic() - began) * 1000)
        if answer.status == 201:
            load.answered[(name, version)] = time.monotonic()
    if answer.status != 201:
        load.fault(f"PUT {path}: {answer.status} {said[:300]!r}")


def client(load: Load, number: int, ends: float) -> None:
    apt = Apt(load, f"client-{number}")
    while time.monotonic() < ends:
        apt.update()
        time.sleep(0.05)


def last(load: Load) -> None:
    """What everybody sees once it is quiet."""
    Apt(load, "last").update()
    listed = set()
    for package in json.loads(get(load, "/api/v1/channels/main/packages"))["packages"]:
        name = package["name"]
        for version in json.loads(get(load, f"/api/v1/channels/main/packages/{name}"))["versions"]:
            listed.update(artifact["filename"] for artifact in version["artifacts"])
    missing = [f"{n}_{v}_all.deb" for n, v in load.answered if f"{n}_{v}_all.deb" not in listed]
    if missing:
        load.fault(f"{len(missing)} packages are lost, such as {missing[:3]}")


class Apt:
    """An apt-get with a state of its own, and with every check that this machine may have switched off."""

    def __init__(self, load: Load, name: str):
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
        with self.load.lock:
            expected = set(self.load.answered)
        began = time.monotonic()
        done = subprocess.run(
            ["apt-get", "update"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        with self.load.lock:
            self.load.update_ms.append((time.monotonic() - began) * 1000)
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
        with self.load.lock:
            self.load.states.add(digest)
        if missing := expected - held:
            self.load.fault(f"{self.name}: {len(missing)} packages that were answered before are missing, such as {sorted(missing)[:3]}")


if __name__ == "__main__":
    sys.exit(main())
