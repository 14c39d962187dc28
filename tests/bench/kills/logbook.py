"""The log as docs/log.md describes it, read without packyard: the chain, what each revision holds, which index files it signed.

It is the oracle of the kill test: what a server says must be what one of these revisions is.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Damage(Exception):
    """The log is not what it must be."""


@dataclass
class Held:
    """An artifact in one place."""

    received: str
    served: str
    project: str
    yanked: bool = False


@dataclass
class Logbook:
    """A replay. `state` is that of the newest revision: channel -> (filename, distribution, component) -> Held."""

    head: int = 0
    digests: list[str] = field(default_factory=list)
    changes: dict[tuple[int, int], dict] = field(default_factory=dict)
    state: dict[str, dict[tuple[str, str, str], Held]] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], str] = field(default_factory=dict)
    # (channel, view, path) -> the digests that any revision signed under this name.
    signed: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    # (channel, project) -> after which revision it had which wheels and sdists.
    pip: dict[tuple[str, str], list[tuple[int, frozenset]]] = field(default_factory=dict)

    def at(self, channel: str, project: str, revision: int) -> frozenset:
        """The wheels and sdists of a project as of a revision, as (filename, sha256, yanked)."""
        known = [files for n, files in self.pip.get((channel, project), []) if n <= revision]
        return known[-1] if known else frozenset()


def read(store: Path) -> Logbook:
    book = Logbook()
    present = sorted((store / "log").glob("*.json"))
    for n, path in enumerate(present, start=1):
        if path.name != f"{n:020}.json":
            raise Damage(f"entry {n} is missing, and {path.name} is there")
        body = path.read_bytes()
        try:
            entry = json.loads(body)
        except ValueError as e:
            raise Damage(f"entry {n} is torn: {e}") from None
        if entry["n"] != n or entry["prev"] != (book.digests[-1] if book.digests else None):
            raise Damage(f"entry {n} does not follow the one before it")
        book.digests.append(sha256(body))
        book.head = n
        small: dict[str, bytes] = {}
        for pack in entry.get("packs", []):
            small.update(members(store, pack))
        changes = entry["changes"] if "changes" in entry else json.loads(small[entry["changes_blob"]])
        for k, change in enumerate(changes, start=1):
            book.changes[(n, k)] = change
            apply(book, n, change)
        for key, digest in entry.get("trees", {}).items():
            channel, view, _ = key.split("/")
            for file, said in json.loads(small[digest])["files"].items():
                book.signed.setdefault((channel, view, file), set()).add(said["sha256"])
    return book


def blob(store: Path, digest: str) -> Path:
    return store / "blobs/sha256" / digest[:2] / digest[2:4] / digest


def members(store: Path, pack: dict) -> dict[str, bytes]:
    try:
        body = blob(store, pack["sha256"]).read_bytes()
    except FileNotFoundError:
        raise Damage(f"pack {pack['sha256']} is named by the log and is not there") from None
    if sha256(body) != pack["sha256"]:
        raise Damage(f"pack {pack['sha256']} has {len(body)} other bytes")
    _, table, rest = body.split(b"\n", 2)
    found, at = {}, 0
    for member in json.loads(table):
        found[member["sha256"]] = rest[at : at + member["size"]]
        at += member["size"]
    return found


def place(artifact: dict) -> tuple[str, str, str]:
    return artifact["filename"], artifact["distribution"], artifact["component"]


def apply(book: Logbook, n: int, change: dict) -> None:
    verb, channel = change["do"], change.get("channel")
    if verb == "document":
        key = (channel, change["distribution"], change["kind"])
        book.documents.pop(key, None)
        if "document" in change:
            book.documents[key] = change["document"]["sha256"]
    if verb not in ("publish", "adopt", "remove", "yank", "unyank"):
        return
    held = book.state.setdefault(channel, {})
    touched = set()
    for gone in change.get({"publish": "replaces", "remove": "artifacts"}.get(verb, "remove"), []):
        touched.add(held.pop(place(gone)).project)
    for new in change.get("artifacts", []) if verb == "publish" else change.get("add", []):
        held[place(new)] = Held(new["received"]["sha256"], new["served"]["sha256"], new["project"], bool(new.get("yanked")))
        touched.add(new["project"])
    if verb in ("yank", "unyank"):
        for name in change["artifacts"]:
            held[place(name)].yanked = verb == "yank"
            touched.add(held[place(name)].project)
    for project in touched:
        book.pip.setdefault((channel, project), []).append((n, wheels(held, project)))


def wheels(held: dict, project: str) -> frozenset:
    named = ((name, h) for (name, _, _), h in held.items() if h.project == project)
    return frozenset((name, h.served, h.yanked) for name, h in named if name.endswith((".whl", ".tar.gz")))
