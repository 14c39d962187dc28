"""What one more package costs where a distribution holds 1,000 and where it holds 60,000, beside the tools that
people publish with today: reprepro, aptly and createrepo_c. One distribution with one architecture."""

import gzip
import hashlib
import json
import re
import shutil
import statistics
import subprocess
from pathlib import Path

import tiny
from server import Server, seconds

BATCH = 1000
TRIES = 9
PEER_TRIES = 3
FEW = 1000
NAMES = 50
MORE = 4


def apt(binary: Path, work: Path, count: int, line) -> None:
    _of_a_size(binary, work, [FEW, count], line, Apt)
    _of_few_names(binary, work, count, line, Apt)
    _of_many_targets(binary, work, count, line)
    debs = _files(work / "debs", count + PEER_TRIES, Apt.make)
    held, more = debs[:count], debs[count:]
    _reprepro(work / "reprepro", held, more, line)
    _aptly(work / "aptly", held, more, line)


def yum(binary: Path, work: Path, count: int, line) -> None:
    _of_a_size(binary, work, [FEW, count], line, Yum)
    _of_few_names(binary, work, count, line, Yum)
    rpms = _files(work / "rpms", count + PEER_TRIES, Yum.make)
    _createrepo(work / "createrepo", rpms[:count], rpms[count:], line)


class Apt:
    name, distribution, settings = "apt", "bookworm", {"family": "deb", "architectures": ["amd64"]}

    @staticmethod
    def make(out: Path, n: int, **kwargs) -> Path:
        return tiny.deb(out, n, architecture="amd64", **kwargs)

    @staticmethod
    def url(file: Path) -> str:
        return f"/main/apt/upload/bookworm/main/{file.name}"

    @staticmethod
    def sees(server: Server) -> bytes:
        """What `apt-get update` fetches: the signed file, then the index that it names."""
        release = server.get("/main/apt/dists/bookworm/InRelease").decode()
        packed = next(l for l in release.splitlines() if re.search(r" main/binary-amd64/Packages\.gz$", l))
        return server.get(f"/main/apt/dists/bookworm/main/binary-amd64/by-hash/SHA256/{packed.split()[0]}")


class ForAll(Apt):
    """Packages for every distribution and architecture."""

    distribution, make = "any", staticmethod(tiny.deb)

    @staticmethod
    def url(file: Path) -> str:
        return f"/main/apt/upload/any/main/{file.name}"


class Yum:
    name, distribution, settings = "yum", "el9", {"family": "rpm", "architectures": ["x86_64"]}

    @staticmethod
    def make(out: Path, n: int, **kwargs) -> Path:
        return tiny.rpm(out, n, arch="x86_64", **kwargs)

    @staticmethod
    def url(file: Path) -> str:
        return f"/main/yum/upload/el9/{file.name}"

    @staticmethod
    def sees(server: Server) -> bytes:
        """What `dnf makecache` fetches: repomd.xml with its signature, then primary."""
        base = "/main/yum/el9/x86_64/"
        server.get(f"{base}repodata/repomd.xml.asc")
        repomd = server.get(f"{base}repodata/repomd.xml").decode()
        return server.get(base + re.search(r'href="(repodata/[^"]*primary\.xml\.gz)"', repomd).group(1))


def _server(binary: Path, data: Path, kind) -> Server:
    server = Server(binary, data)
    server.send("PUT", f"/api/v1/channels/main/distributions/{kind.distribution}", json_of(kind.settings))
    return server


def json_of(value) -> bytes:
    return json.dumps(value).encode()


def _of_a_size(binary: Path, work: Path, sizes: list[int], line, kind) -> None:
    medians = []
    for count in sizes:
        with _server(binary, work / f"data-{count}", kind) as server:
            _fill(server, work / "files", range(count), kind)
            filled, used = server.memory("VmRSS"), server.processors()
            times = _publish(server, work / "files", range(count, count + TRIES), kind, line)
            medians.append(_figures(line, f"{kind.name}: one more of {count}, last byte to a client that sees it", times))
            used = (server.processors() - used) / len(times)
            line("  processors' time for each of them", f"{used * 1000:.0f} ms")
            line("  memory after filling; most: VmRSS, VmHWM", f"{filled / 1024:.0f}, {server.memory('VmHWM') / 1024:.0f} MB")
        with Server(binary, work / f"data-{count}") as server:
            times = _publish(server, work / "files", range(count + TRIES, count + 2 * TRIES), kind, line)
            line("  the first after a start; memory then", f"{times[0] * 1000:.0f} ms; {server.memory('VmRSS') / 1024:.0f} MB")
        shutil.rmtree(work / f"data-{count}")
    line(f"  {sizes[-1]} / {sizes[0]}", f"{medians[-1] / medians[0]:.2f}")


def _of_few_names(binary: Path, work: Path, count: int, line, kind) -> None:
    """As many packages, as versions of 50 names."""
    per_name = count // NAMES
    with _server(binary, work / "data-names", kind) as server:
        for start in range(0, per_name, BATCH // NAMES):
            versions = range(start, min(start + BATCH // NAMES, per_name))
            made = [kind.make(work / "files", n, version=f"1.{v}") for v in versions for n in range(NAMES)]
            _release(server, made, kind)
        files = [kind.make(work / "files", n, version=f"1.{per_name}") for n in range(TRIES)]
        _figures(line, f"{kind.name}: one more of {NAMES} names with {per_name} versions each", _put(server, files, kind))
    shutil.rmtree(work / "data-names")


def _of_many_targets(binary: Path, work: Path, count: int, line) -> None:
    """A package for every architecture, in `any`, where more and more distributions and architectures show it."""
    with Server(binary, work / "data-targets") as server:
        path = "/api/v1/channels/main/distributions/"
        server.send("PUT", f"{path}bookworm", json_of(Apt.settings))
        done = 0
        _fill(server, work / "files", range(count), ForAll)
        steps = [("one distribution (and any), one architecture", None)]
        steps += [("one more architecture", ("bookworm", {"family": "deb", "architectures": ["amd64", "arm64"]}))]
        steps += [(f"{n} more distributions of one architecture", (f"d{n}", Apt.settings)) for n in range(1, MORE + 1)]
        for what, change in steps:
            if change:
                server.send("PUT", path + change[0], json_of(change[1]))
            files = [tiny.deb(work / "files", n) for n in range(count + done, count + done + TRIES)]
            done += TRIES
            _figures(line, f"apt: one more of {count} in `any`, {what}", _put(server, files, ForAll))
    shutil.rmtree(work / "data-targets")


def _files(out: Path, count: int, make) -> list[Path]:
    out.mkdir()
    return [make(out, n) for n in range(count)]


def _fill(server: Server, files: Path, numbers: range, kind) -> None:
    files.mkdir(exist_ok=True)
    for start in range(numbers.start, numbers.stop, BATCH):
        _release(server, [kind.make(files, n) for n in range(start, min(start + BATCH, numbers.stop))], kind)


def _release(server: Server, made: list[Path], kind) -> None:
    artifacts = []
    for file in made:
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        server.send("PUT", f"/api/v1/channels/main/blobs/{digest}", body)
        artifacts.append({"filename": file.name, "sha256": digest, "distribution": kind.distribution})
        file.unlink()
    server.post("/api/v1/channels/main/releases", {"artifacts": artifacts})


def _publish(server: Server, files: Path, numbers: range, kind, line) -> list[float]:
    return _put(server, [kind.make(files, n) for n in numbers], kind)


def _put(server: Server, files: list[Path], kind) -> list[float]:
    """Each from the last byte of its upload to its index in the client's hands."""
    times = []
    for file in files:
        took = server.put_timed(kind.url(file), file)
        seen = []
        took += seconds(lambda: seen.append(kind.sees(server) if kind.distribution != "any" else b""))
        if seen[0] and file.name.encode() not in gzip.decompress(seen[0]):
            raise SystemExit(f"`{file.name}` was answered and is not in the index")
        times.append(took)
        file.unlink()
    return times


def _figures(line, what: str, times: list[float]) -> float:
    middle = statistics.median(times)
    line(f"{what}, median of {len(times)}", f"{middle * 1000:.0f} ms")
    line("  the slowest of them", f"{max(times) * 1000:.0f} ms")
    return middle


def _reprepro(repo: Path, held: list[Path], more: list[Path], line) -> None:
    if not shutil.which("reprepro"):
        return
    (repo / "conf").mkdir(parents=True)
    (repo / "conf/distributions").write_text("Codename: bookworm\nComponents: main\nArchitectures: amd64\n")

    def include(*debs) -> float:
        return seconds(lambda: subprocess.run(["reprepro", "--silent", "-b", repo, "includedeb", "bookworm", *debs], check=True))

    for start in range(0, len(held), 5 * BATCH):
        include(*held[start : start + 5 * BATCH])
    _figures(line, f"  peer: reprepro includedeb, one more of {len(held)}, unsigned", [include(deb) for deb in more])
    shutil.rmtree(repo)


def _aptly(root: Path, held: list[Path], more: list[Path], line) -> None:
    if not shutil.which("aptly"):
        return
    root.mkdir()
    config = root / "aptly.conf"
    config.write_bytes(json_of({"rootDir": str(root), "architectures": ["amd64"], "gpgDisableSign": True, "gpgDisableVerify": True}))

    def run(*command) -> float:
        return seconds(lambda: subprocess.run(["aptly", f"-config={config}", *command], check=True, stdout=subprocess.DEVNULL))

    run("repo", "create", "-distribution=bookworm", "-component=main", "packages")
    for start in range(0, len(held), 5 * BATCH):
        run("repo", "add", "packages", *held[start : start + 5 * BATCH])
    run("publish", "repo", "-skip-signing", "-skip-contents", "packages")
    times = []
    for deb in more:
        run("repo", "add", "packages", deb)
        times.append(run("publish", "update", "-skip-signing", "-skip-contents", "bookworm"))
    _figures(line, f"  peer: aptly publish update, one more of {len(held)}, unsigned, no Contents", times)
    shutil.rmtree(root)


def _createrepo(repo: Path, held: list[Path], more: list[Path], line) -> None:
    if not shutil.which("createrepo_c"):
        return
    repo.mkdir()
    for file in held:
        file.rename(repo / file.name)
    command = ["createrepo_c", "--quiet", "--update", repo]
    subprocess.run(command, check=True)
    times = []
    for file in more:
        file.rename(repo / file.name)
        times.append(seconds(lambda: subprocess.run(command, check=True)))
    _figures(line, f"  peer: createrepo_c --update, one more of {len(held)}, unsigned", times)
    shutil.rmtree(repo)
