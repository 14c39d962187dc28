"""What people and CI jobs do to a yard at the same time, and what they were told about it."""

import json
import random
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import asking  # noqa: E402
import tiny  # noqa: E402
from asking import Gone, Server, Wrong  # noqa: E402
from logbook import sha256  # noqa: E402
from simple import wheel  # noqa: E402

NAMES = 8
DEBIAN, FEDORA = ["any", "bookworm"], ["any", "el9"]
PLACES = ["any", "bookworm", "el9"]


@dataclass
class Deed:
    """A change that somebody asked for: of which verb, where, with which files, and whether it was acknowledged."""

    verb: str
    channel: str
    files: dict[str, str] = field(default_factory=dict)
    # How to ask for it again.
    again: object = None
    acknowledged: bool = False
    release: str | None = None


class Traffic:
    """The workers of one life of a server. They end when it is gone."""

    def __init__(self, binary: Path, data: Path, server: Server, rng: random.Random, scratch: Path):
        self.binary, self.data, self.server, self.scratch = binary, data, server, scratch
        self.seeds = [rng.getrandbits(64) for _ in range(8)]
        self.lock = threading.Lock()
        self.deeds: list[Deed] = []
        self.faults: list[str] = []
        self.seen: list[tuple] = []
        self.pages: list[tuple] = []
        self.requests = self.orphans = 0
        self.processes: list[subprocess.Popen] = []
        self.over = threading.Event()
        self.threads: list[threading.Thread] = []

    def begin(self) -> None:
        work = [self.uploader, self.uploader, self.releaser, self.drafter, self.manager, self.keeper, self.reader]
        for job, seed in zip(work, self.seeds):
            thread = threading.Thread(target=self.until_gone, args=(job, random.Random(seed)))
            thread.start()
            self.threads.append(thread)

    def end_of_server(self, of_all: bool) -> None:
        """Once the server is dead. The commands beside it die with it, or end what they are at."""
        with self.lock:
            self.over.set()
        for process in self.processes if of_all else []:
            process.kill()
        for thread in self.threads:
            thread.join()

    def until_gone(self, job, rng: random.Random) -> None:
        try:
            while not self.over.is_set():
                job(rng)
        except Gone:
            pass
        except Exception as e:  # noqa: BLE001 - a worker that dies silently would prove nothing
            self.fault(f"{job.__name__}: {e!r}")

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)

    def call(self, method: str, path: str, body=None, **headers) -> tuple[int, dict]:
        status, said, _ = self.server.ask(method, path, body, **headers)
        with self.lock:
            self.requests += 1
        if status >= 500:
            raise Wrong(f"{method} {path}: {status} {said[:600]!r}")
        return status, json.loads(said or b"{}")

    def do(self, deed: Deed, ask) -> None:
        """Asks for a change, and keeps the answer. Without an answer it is not known what became of it."""
        deed.again = ask
        with self.lock:
            self.deeds.append(deed)
        status, said = ask(self)
        if status in (200, 201):
            deed.acknowledged, deed.release = True, said.get("release")
        elif deed.files:
            raise Wrong(f"{deed}: {status} {said}")
        else:
            with self.lock:
                self.deeds.remove(deed)

    # -- people

    def uploader(self, rng: random.Random) -> None:
        """One package at a time: `curl -T` of a .deb or an .rpm, a form as twine sends it."""
        kind = rng.choice(["deb", "rpm", "form"])
        name, body = self.package("wheel" if kind == "form" else kind, rng)
        deed = Deed("publish", "main", {name: sha256(body)})
        if kind == "form":
            boundary = uuid.UUID(int=rng.getrandbits(128)).hex
            head = f'--{boundary}\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n--{boundary}\r\n'
            head += f'Content-Disposition: form-data; name="content"; filename="{name}"\r\n\r\n'
            form = head.encode() + body + f"\r\n--{boundary}--\r\n".encode()
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
            self.do(deed, lambda t: t.posted("/main/legacy/", form, headers))
            return
        where = f"apt/upload/{rng.choice(DEBIAN)}/main" if kind == "deb" else f"yum/upload/{rng.choice(FEDORA)}"
        self.do(deed, lambda t: t.call("PUT", f"/main/{where}/{name}", body))

    def posted(self, path: str, form: bytes, headers: dict) -> tuple[int, dict]:
        """The upload API answers in plain text."""
        status, said, _ = self.server.ask("POST", path, form, **headers)
        if status >= 500:
            raise Wrong(f"POST {path}: {status} {said[:600]!r}")
        return status, {}

    def releaser(self, rng: random.Random) -> None:
        """A release for three package managers: the blobs, and then all of it at once."""
        artifacts, files = self.sent(rng)
        note = f"release {uuid.UUID(int=rng.getrandbits(128))}"
        body = {"artifacts": artifacts, "note": note}
        self.do(Deed("publish", "main", files), lambda t: t.call("POST", "/api/v1/channels/main/releases", body))

    def drafter(self, rng: random.Random) -> None:
        """The same, collected one by one."""
        draft = f"run-{rng.getrandbits(48):x}"
        artifacts, files = self.sent(rng)
        for artifact in artifacts:
            self.call("POST", "/api/v1/channels/main/releases", {"artifacts": [artifact], "draft": draft})
        path = f"/api/v1/channels/main/drafts/{draft}"
        self.do(Deed("publish", "main", files), lambda t: t.call("POST", path, {"note": draft}))

    def sent(self, rng: random.Random) -> tuple[list[dict], dict[str, str]]:
        artifacts, files = [], {}
        places = {"deb": rng.choice(DEBIAN), "rpm": rng.choice(FEDORA), "wheel": "any"}
        for kind in ["deb", "rpm", "wheel"]:
            name, body = self.package(kind, rng)
            digest = files[name] = sha256(body)
            self.call("PUT", f"/api/v1/channels/main/blobs/{digest}", body)
            artifacts.append({"filename": name, "sha256": digest, "distribution": places[kind]})
        return artifacts, files

    def package(self, kind: str, rng: random.Random) -> tuple[str, bytes]:
        n, version = rng.randrange(NAMES), f"1.{rng.getrandbits(40)}"
        if kind == "wheel":
            return wheel(f"wheel-{n}", version)
        made = tiny.deb(self.scratch, n, f"{version}-1") if kind == "deb" else tiny.rpm(self.scratch, n, version)
        body = made.read_bytes()
        made.unlink()
        return made.name, body

    def manager(self, rng: random.Random) -> None:
        """Promotes, rolls back, yanks, removes, and puts documents in place."""
        job = rng.choice(["promote", "promote", "rollback", "yank", "unyank", "remove", "document"])
        channels = "/api/v1/channels"
        if self.server.found(f"{channels}/staging") is None:
            # Something for the garbage collection to find.
            self.call("PUT", f"{channels}/staging", {"keep": "3"})
        if job == "promote":
            body = {"from": "main", "all": True, "note": job}
            self.do(Deed("adopt", "staging"), lambda t: t.call("POST", f"{channels}/staging/promotions", body))
        elif job == "rollback":
            newest = json.loads(self.server.get(f"{channels}/staging"))["revision"]
            body = {"to": max(1, newest - rng.randrange(1, 6)), "note": job}
            self.do(Deed("adopt", "staging"), lambda t: t.call("POST", f"{channels}/staging/rollbacks", body))
        elif job == "document":
            text = f"<?xml version='1.0'?><comps><!-- {rng.getrandbits(64)} --></comps>".encode()
            kind, where = rng.choice(["group", "updateinfo", "other"]), rng.choice(FEDORA)
            path = f"{channels}/main/distributions/{where}/documents/{kind}"
            self.do(Deed("document", "main"), lambda t: t.call("PUT", path, text))
        else:
            names = [p["name"] for p in json.loads(self.server.get(f"{channels}/main/packages"))["packages"]]
            if not names:
                return
            versions = json.loads(self.server.get(f"{channels}/main/packages/{rng.choice(names)}"))["versions"]
            file = rng.choice(rng.choice(versions)["artifacts"])["filename"]
            body = {"packages": [file], "reason": "as it happens", **({"undo": True} if job == "unyank" else {})}
            where = "removals" if job == "remove" else "yanks"
            self.do(Deed(job, "main"), lambda t: t.call("POST", f"{channels}/main/{where}", body))

    def keeper(self, rng: random.Random) -> None:
        """An administrator beside the server: rebuilds the index, collects garbage."""
        self.over.wait(rng.uniform(0.0, 0.3))
        job = rng.choice(["reindex", "gc", "gc over HTTP"])
        if job == "gc over HTTP":
            _, said = self.call("POST", "/api/v1/gc", {"dry_run": False, "grace_seconds": 0})
            with self.lock:
                self.orphans += said["orphans"]
            return
        command = [self.binary, job, "--data", self.data] + (["--grace", "0"] if job == "gc" else [])
        with self.lock:
            if self.over.is_set():
                return
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.processes.append(process)
        _, said = process.communicate()
        if process.returncode not in (0, -9):
            self.fault(f"{job} ended with {process.returncode}: {said.decode()}")

    def reader(self, rng: random.Random) -> None:
        """Looks at the indexes all the time. What it has seen is held against the log afterwards."""
        channel, seen = rng.choice(["main", "main", "staging"]), []
        look = rng.choice(["apt", "yum", "pip"])
        if look == "pip":
            project = f"wheel-{rng.randrange(NAMES)}"
            page = (channel, project, *asking.pip(self.server, channel, project))
        else:
            getattr(asking, look)(self.server, channel, rng.choice(PLACES), seen)
        with self.lock:
            self.seen += seen
            self.pages += [page] if look == "pip" else []
