"""HTTP on the loopback interface, and what clients of the three package managers see."""

import base64
import gzip
import http.client
import json
import re
import subprocess
import tempfile
from pathlib import Path

from logbook import sha256

SIMPLE = "application/vnd.pypi.simple.v1+json"


class Gone(Exception):
    """The server went away before it answered."""


class Wrong(Exception):
    """A client was given something that does not fit together."""


class Server:
    """The address of a server, and a token."""

    def __init__(self, authority: str, token: str):
        self.authority, self.token = authority, token

    def ask(self, method: str, path: str, body=None, **headers) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection(self.authority, timeout=60)
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        except (OSError, http.client.HTTPException) as e:
            raise Gone(f"{method} {path}: {e!r}") from None
        finally:
            connection.close()

    def get(self, path: str, **headers) -> bytes:
        status, body, _ = self.ask("GET", path, **headers)
        if status != 200:
            raise Wrong(f"GET {path}: {status} {body[:300]!r}")
        return body

    def found(self, path: str) -> bytes | None:
        status, body, _ = self.ask("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise Wrong(f"GET {path}: {status} {body[:300]!r}")
        return body


def apt(server: Server, channel: str, distribution: str, seen: list) -> dict[str, str] | None:
    """What apt would install from a distribution: filename -> sha256; none where there is no such distribution."""
    base = f"/{channel}/apt/dists/{distribution}"
    release = server.found(f"{base}/InRelease")
    if release is None:
        return None
    seen.append((channel, "apt", f"dists/{distribution}/InRelease", sha256(release)))
    said = [line.split() for line in release.decode().splitlines() if line.endswith(" main/binary-amd64/Packages.gz")]
    wanted = next(words[0] for words in said if len(words[0]) == 64)
    packed = server.get(f"{base}/main/binary-amd64/by-hash/SHA256/{wanted}")
    if sha256(packed) != wanted:
        raise Wrong(f"{base}: Packages.gz is not the one that InRelease names")
    listed = {}
    for stanza in gzip.decompress(packed).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
        if fields:
            listed[fields["Filename"].rsplit("/", 1)[1]] = fields["SHA256"]
    return listed


def yum(server: Server, channel: str, distribution: str, seen: list) -> dict[str, str] | None:
    base = f"/{channel}/yum/{distribution}/x86_64"
    repomd = server.found(f"{base}/repodata/repomd.xml")
    if repomd is None:
        return None
    seen.append((channel, "yum", f"{distribution}/x86_64/repodata/repomd.xml", sha256(repomd)))
    listed = {}
    for part in re.findall(r'<data type="(\w+)">(.*?)</data>', repomd.decode(), re.DOTALL):
        href = re.search(r'href="([^"]+)"', part[1]).group(1)
        wanted = re.search(r'<checksum type="sha256">(\w+)<', part[1]).group(1)
        body = server.get(f"{base}/{href}")
        if sha256(body) != wanted:
            raise Wrong(f"{base}/{href} is not the one that repomd.xml names")
        if part[0] == "primary":
            for package in re.findall(r"<package .*?</package>", gzip.decompress(body).decode(), re.DOTALL):
                name = re.search(r'<location href="[^"]*?([^/"]+)"', package).group(1)
                listed[name] = re.search(r'<checksum type="sha256" pkgid="YES">(\w+)<', package).group(1)
    return listed


def pip(server: Server, channel: str, project: str) -> tuple[int, frozenset]:
    """A page of the simple index: its serial, and (filename, sha256, yanked)."""
    status, body, headers = server.ask("GET", f"/{channel}/simple/{project}/", Accept=SIMPLE)
    if status == 404:
        return 0, frozenset()
    if status != 200:
        raise Wrong(f"the page of {project} in {channel}: {status} {body[:300]!r}")
    files = json.loads(body)["files"]
    serial = int(headers["X-PyPI-Last-Serial"])
    return serial, frozenset((f["filename"], f["hashes"]["sha256"], f["yanked"] is not False) for f in files)


def signatures(server: Server, channel: str, distribution: str) -> None:
    """gpgv on InRelease and on repomd.xml, with the key that the channel serves. A repository may be missing."""
    with tempfile.TemporaryDirectory() as tmp:
        work = Path(tmp)
        armour = server.get(f"/{channel}/key.asc").decode()
        keys = b""
        for block in re.findall(r"-----BEGIN [^-]+-----\n(?:.+: .*\n)*\n(.*?)\n=?[^\n]*\n?-----END", armour, re.DOTALL):
            keys += base64.b64decode("".join(line for line in block.split("\n") if not line.startswith("=")))
        (work / "keys.gpg").write_bytes(keys)
        base = f"/{channel}/yum/{distribution}/x86_64/repodata/repomd.xml"
        names = {"in": f"/{channel}/apt/dists/{distribution}/InRelease", "md": base, "asc": f"{base}.asc"}
        held = {name: server.found(path) for name, path in names.items()}
        for name, body in held.items():
            (work / name).write_bytes(body or b"")
        checks = [["in"]] * bool(held["in"]) + [["asc", "md"]] * bool(held["md"])
        for check in checks:
            command = ["gpgv", "--keyring", str(work / "keys.gpg"), *[str(work / c) for c in check]]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise Wrong(f"{names[check[-1]]} is not signed by the channel's key: {done.stderr}")
