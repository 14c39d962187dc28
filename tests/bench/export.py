"""Export of a channel that holds thousands of packages: the whole, then what one publish changes."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import imports
from server import seconds

DEBS, WHEELS = 3000, 2000
ROUNDS = 5


def measure(binary: Path, work: Path, line) -> None:
    held = work / "held"
    imports.debs(held, DEBS)
    for n in range(WHEELS):
        wheel(held, f"export_probe{n}", "1.0")
    publish(binary, work, held)
    public = work / "public"
    command = [binary, "export", "main", public, "--data", work / "data", "--json"]
    what = f"export of {DEBS} .debs and {WHEELS} wheels"
    line(f"{what} into an empty directory", f"{seconds(lambda: run(command)):.2f} s")
    line("  again, nothing changed", f"{best(lambda: run(command)) * 1000:.0f} ms")
    times = []
    for n in range(ROUNDS):
        new = work / f"new{n}"
        new.mkdir()
        wheel(new, "export_probe0", f"2.{n}")
        publish(binary, work, new)
        done = []
        times.append(seconds(lambda: done.append(run(command))))
        written = json.loads(done[0])["written"]
        if len(written) > 10:
            sys.exit(f"one wheel made {len(written)} files change: {written}")
    line(f"  after one wheel was published: median of {ROUNDS}", f"{sorted(times)[ROUNDS // 2] * 1000:.0f} ms")
    new = work / "deb"
    imports.debs(new, 1)
    only = next(new.iterdir())
    subprocess.run(["dpkg-deb", "-R", only, work / "unpacked"], check=True)
    control = work / "unpacked/DEBIAN/control"
    control.write_text(control.read_text().replace("1.0-1", "2.0-1"))
    only.unlink()
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", work / "unpacked", new], check=True, stdout=subprocess.DEVNULL)
    publish(binary, work, new)
    line("  after one .deb was published", f"{seconds(lambda: run(command)) * 1000:.0f} ms")
    rsync = ["rsync", "-a", "--delete", f"{public}/", work / "mirror"]
    if subprocess.run(["which", "rsync"], capture_output=True).returncode == 0:
        run(rsync)
        line("  peer: rsync -a of the same tree, nothing changed", f"{best(lambda: run(rsync)) * 1000:.0f} ms")


def best(work) -> float:
    return min(seconds(work) for _ in range(3))


def run(command: list) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def publish(binary: Path, work: Path, directory: Path) -> None:
    files = sorted(f for f in directory.iterdir() if f.suffix in (".deb", ".whl"))
    entries = [{"file": f.name, "sha256": hashlib.sha256(f.read_bytes()).hexdigest()} for f in files]
    (directory / "release.json").write_text(json.dumps(entries))
    run([binary, "publish", directory, "--data", work / "data"])


def wheel(out: Path, name: str, version: str) -> None:
    """The smallest wheel."""
    info = f"{name}-{version}.dist-info"
    parts = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: package {name} of a measurement\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    parts[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*parts, f"{info}/RECORD"])
    with zipfile.ZipFile(out / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path), text)
