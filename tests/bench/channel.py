"""What one more project costs in a channel that holds tens of thousands of packages, over HTTP."""

import hashlib
import shutil
import statistics
import subprocess
from pathlib import Path

import tiny
from server import Server, seconds

BATCH = 1000
TRIES = 9
DISTRIBUTIONS = {".deb": "bookworm", ".rpm": "el9"}


def measure(binary: Path, work: Path, count: int, line) -> None:
    files = work / "files"
    files.mkdir()
    data = work / "data"
    with Server(binary, data) as server:
        took = seconds(lambda: fill(server, files, count))
        line(f"channel of {count} packages, published {BATCH} at a time", f"{took:.0f} s")
        line("  and the server's memory: VmRSS", f"{server.memory('VmRSS') / 1024:.1f} MB")
    with Server(binary, data) as server:
        server.rest(2)
        line("  idle, 2 s after a start: VmRSS", f"{server.memory('VmRSS') / 1024:.1f} MB")
        one_more(server, files, count, line)
        back_and_forth(server, files, count, line)
    peers_of(work, files, count, line)


def fill(server: Server, files: Path, count: int) -> None:
    for start in range(0, count, BATCH):
        batch = range(start, min(start + BATCH, count))
        made = [tiny.deb(files, n) if n % 2 == 0 else tiny.rpm(files, n) for n in batch]
        publish(server, "main", [(file, DISTRIBUTIONS[file.suffix]) for file in made])
        # The .debs are for the peers.
        for file in made:
            if file.suffix == ".rpm":
                file.unlink()


def publish(server: Server, to: str, files: list[tuple[Path, str]]) -> float:
    """Uploads, then one release; the seconds that the release took."""
    artifacts = []
    for file, distribution in files:
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        server.send("PUT", f"/api/v1/channels/{to}/blobs/{digest}", body)
        artifacts.append({"filename": file.name, "sha256": digest, "distribution": distribution})
    return seconds(lambda: server.post(f"/api/v1/channels/{to}/releases", {"artifacts": artifacts}))


def one_more(server: Server, files: Path, count: int, line) -> None:
    """A project of a .deb and an .rpm, from its release to the answer: then every index shows it."""
    times = []
    for n in range(count, count + TRIES):
        times.append(publish(server, "main", [(tiny.deb(files, n), "bookworm"), (tiny.rpm(files, n), "el9")]))
    figures(line, "a release of one .deb and one .rpm", times)
    line("  the first of them, just after the start", f"{times[0] * 1000:.0f} ms")


def back_and_forth(server: Server, files: Path, count: int, line) -> None:
    """All of the channel goes to another one; then a project that is new here goes there, and is taken back."""
    stable = "/api/v1/channels/stable"
    promotion = {"from": "main", "all": True}
    missing = (404, 405)
    created = server.send("PUT", stable, b"{}", (200, 201, *missing))
    promoted = None if created["status"] in missing else server.post(f"{stable}/promotions", promotion, (200, 201, *missing))
    if promoted is None or promoted["status"] in missing:
        line("promotion and rollback", "not there yet")
        return
    promotions, rollbacks = [], []
    for n in range(2 * count, 2 * count + TRIES):
        publish(server, "main", [(tiny.deb(files, n), "bookworm"), (tiny.rpm(files, n), "el9")])
        before = server.send("GET", f"/api/v1/revisions?after={10**9}", b"")["revision"]
        promotion = {"from": "main", "packages": [f"{tiny.name_of(n)}==1.0"]}
        promotions.append(seconds(lambda: server.post(f"{stable}/promotions", promotion)))
        rollbacks.append(seconds(lambda: server.post(f"{stable}/rollbacks", {"to": before})))
    figures(line, "promotion of one project of a .deb and an .rpm", promotions)
    figures(line, "rollback of it", rollbacks)


def figures(line, what: str, times: list[float]) -> None:
    line(f"{what}, median of {len(times)}", f"{statistics.median(times) * 1000:.0f} ms")
    line("  the slowest of them", f"{max(times) * 1000:.0f} ms")


def peers_of(work: Path, files: Path, count: int, line) -> None:
    """reprepro with the same .debs, held by one distribution; one more is included, and one is copied to another."""
    if not shutil.which("reprepro"):
        return
    debs = sorted(files.glob("*.deb"))
    repo = work / "reprepro"
    (repo / "conf").mkdir(parents=True)
    stanza = "Codename: {0}\nComponents: main\nArchitectures: amd64 arm64\n\n"
    (repo / "conf/distributions").write_text(stanza.format("main") + stanza.format("stable"))

    def run(*command) -> float:
        return seconds(lambda: subprocess.run(["reprepro", "--silent", "-b", repo, *command], check=True))

    held, more = debs[:-TRIES], debs[-TRIES:]
    for start in range(0, len(held), BATCH):
        run("includedeb", "main", *held[start : start + BATCH])
    run("copymatched", "stable", "main", "*")
    figures(line, f"  peer: reprepro includedeb with {len(held)} .debs, unsigned", [run("includedeb", "main", deb) for deb in more])
    names = [deb.name.split("_")[0] for deb in more]
    figures(line, "  peer: reprepro copy of one package", [run("copy", "stable", "main", name) for name in names])
