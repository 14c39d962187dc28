"""What the load tests share: a server, publishers that keep to a common schedule, and what each client reports.

A load test says what a package is, where it is put and what a client does; nobody may see anything but whole states.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

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
        self.notes: dict[str, int] = {}

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)
            print(text, file=sys.stderr)

    def note(self, what: str) -> None:
        """Counts what is no fault and still worth telling."""
        with self.lock:
            self.notes[what] = self.notes.get(what, 0) + 1

    def expected(self) -> set:
        """What whoever looks from now on has to see."""
        with self.lock:
            return set(self.answered)

    def updated(self, began: float) -> None:
        with self.lock:
            self.update_ms.append((time.monotonic() - began) * 1000)

    def judge(self, who: str, state: str, held: set, expected: set) -> None:
        """A client has seen a state that holds these packages."""
        with self.lock:
            self.states.add(state)
        if missing := expected - held:
            self.fault(f"{who}: {len(missing)} packages that were answered before are missing, such as {sorted(missing)[:3]}")

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(self.authority)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.fault(f"GET {path}: {answer.status} {body[:200]!r}")
        return body


class Kind:
    """One kind of package and its client; `key` is the path of the key that the client trusts."""

    key = "/main/key.asc"

    def build(self, work: Path, turn: int) -> tuple[str, str, Path]:
        """Writes the package of a turn: its name, its version and its file."""
        raise NotImplementedError

    def path(self, file: Path) -> str:
        """Where it is put."""
        raise NotImplementedError

    def filename(self, name: str, version: str) -> str:
        """What the channel calls it."""
        raise NotImplementedError

    def client(self, load: Load, name: str):
        """A client with a state of its own; it has `update()`."""
        raise NotImplementedError


def main(kind: Kind, description: str, clients: str) -> int:
    args = arguments(description, clients)
    with tempfile.TemporaryDirectory(prefix="load-") as tmp:
        work = Path(tmp)
        log = open(work / "server.log", "wb")
        server = subprocess.Popen(
            [args.binary, "serve", "--data", str(work / "data"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log
        )
        try:
            authority = server.stdout.readline().decode().strip().removeprefix("listening on http://")
            token = (work / "data/admin.token").read_text().strip()
            load = Load(authority, token, work)
            run(kind, load, args)
        finally:
            server.terminate()
            server.wait()
        print(json.dumps(report(load, args), indent=1))
        return 1 if load.faults else 0


def arguments(description: str, clients: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("binary", help="the packyard to serve with")
    parser.add_argument("--seconds", type=int, default=300, help="how long (300)")
    parser.add_argument("--publishers", type=int, default=8, help="uploads at a time (8)")
    parser.add_argument("--rate", type=float, default=20, help="uploads a second, all publishers together (20)")
    parser.add_argument("--clients", type=int, default=16, help=f"{clients} clients (16)")
    return parser.parse_args()


def run(kind: Kind, load: Load, args: argparse.Namespace) -> None:
    # The first package makes the distribution, so that the first update finds one.
    upload(kind, load, http.client.HTTPConnection(load.authority), 0)
    (load.work / "key.asc").write_bytes(load.get(kind.key))
    began = time.monotonic()
    ends = began + args.seconds
    threads = [threading.Thread(target=publisher, args=(kind, load, p, began, ends, args)) for p in range(args.publishers)]
    threads += [threading.Thread(target=client, args=(kind, load, c, ends)) for c in range(args.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last(kind, load)


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
        "notes": load.notes,
        "faults": load.faults[:50],
    }


def publisher(kind: Kind, load: Load, number: int, began: float, ends: float, args: argparse.Namespace) -> None:
    """Every so many-th upload of the common schedule; one that is late follows at once."""
    connection = http.client.HTTPConnection(load.authority)
    turn = number + 1
    while (due := began + turn / args.rate) < ends and time.monotonic() < ends:
        time.sleep(max(0.0, due - time.monotonic()))
        upload(kind, load, connection, turn)
        turn += args.publishers


def upload(kind: Kind, load: Load, connection: http.client.HTTPConnection, turn: int) -> None:
    name, version, file = kind.build(load.work, turn)
    body = file.read_bytes()
    file.unlink()
    path = kind.path(file)
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


def client(kind: Kind, load: Load, number: int, ends: float) -> None:
    one = kind.client(load, f"client-{number}")
    while time.monotonic() < ends:
        one.update()
        time.sleep(0.05)


def last(kind: Kind, load: Load) -> None:
    """What everybody sees once it is quiet."""
    kind.client(load, "last").update()
    listed = set()
    for package in json.loads(load.get("/api/v1/channels/main/packages"))["packages"]:
        name = package["name"]
        for version in json.loads(load.get(f"/api/v1/channels/main/packages/{name}"))["versions"]:
            listed.update(artifact["filename"] for artifact in version["artifacts"])
    named = [kind.filename(name, version) for name, version in load.answered]
    if missing := [file for file in named if file not in listed]:
        load.fault(f"{len(missing)} packages are lost, such as {missing[:3]}")
