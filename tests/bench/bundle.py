#!/usr/bin/env python3
"""A bundle of 60 wheels, beside `uv pip install --target` of the same wheels and the same compression.

    tests/bench/bundle.py BINARY [--rounds N]

The wheels are deflated and hold modules of this machine's own Python, so that they compress as modules do. Both sides
are run in turns, and what is compared is the ratio of their medians: .deb against `tar | xz -6 -T2`, .rpm against
`tar | gzip -9`. uv is looked for in PATH and in the tools of the tests (PACKYARD_TOOLS).
"""

import argparse
import base64
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from pathlib import Path

WHEELS = 60
FILES = 40

PYPROJECT = """[project]
name = "sixty"
version = "1.0"
description = "An application with sixty libraries"
license = "MIT"
authors = [{name = "A B", email = "a@example.org"}]
requires-python = ">=3.11"

[project.scripts]
sixty = "sixty:main"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.packyard.python]
layout = "bundle"
wheels = "wheels"
"""


def modules():
    """Texts of the standard library's modules, over and over."""
    top = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(path for path in top.rglob("*.py") if "site-packages" not in path.parts)
    while True:
        for path in files:
            yield path.read_bytes()


def wheel(directory: Path, name: str, texts) -> str:
    """Writes one, and returns its SHA-256."""
    info = f"{name}-1.0.dist-info"
    files = {f"{name}/m{n}.py": next(texts) for n in range(FILES)}
    files[f"{name}/__init__.py"] = b""
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Python: >=3.8\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = ""
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    path = directory / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in files.items():
            archive.writestr(file, data)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def project(top: Path) -> None:
    (top / "wheels").mkdir(parents=True)
    texts = modules()
    names = [f"library{n:02}" for n in range(WHEELS)]
    lock = "".join(f"{name}==1.0 --hash=sha256:{wheel(top / 'wheels', name, texts)}\n" for name in names)
    (top / "requirements.txt").write_text(lock)
    (top / "pyproject.toml").write_text(PYPROJECT)
    (top / "sixty.py").write_text("def main():\n    print(60)\n")
    (top / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0 - 2024-01-02\n\n- Begin.\n")
    (top / "LICENSE").write_text("MIT License\n\nCopyright (c) 2024 A B\n")


def timed(command, **more) -> tuple[float, float]:
    """Seconds by the clock and of CPU."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return end - start, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tools = Path(os.environ.get("PACKYARD_TOOLS", Path(__file__).parents[2] / "target/tools"))
    uv = shutil.which("uv") or str(tools / "venv/bin/uv")
    with tempfile.TemporaryDirectory(prefix="packyard-bench-") as room:
        top = Path(room) / "sixty"
        project(top)
        wheels = sorted(str(path) for path in (top / "wheels").iterdir())

        def ours(kind):
            out = Path(room) / "out"
            shutil.rmtree(out, ignore_errors=True)
            return timed([options.binary.resolve(), "build", top, "--format", kind, "--out", out])

        def theirs(pack):
            target = Path(room) / "target"
            shutil.rmtree(target, ignore_errors=True)
            install = f'"{uv}" pip install -q --offline --no-config --no-deps --no-cache --python {sys.executable} --target "{target}" "$@"'
            return timed(["sh", "-ec", f'{install}; tar -C "{target}" -cf - . | {pack} >"{room}/packed"', "sh", *wheels])

        print(f"{WHEELS} wheels of {FILES} modules, {sum(Path(w).stat().st_size for w in wheels) >> 20} MB; {options.rounds} rounds, medians")
        slower = False
        for kind, pack in [("deb", "xz -6 -T2"), ("rpm", "gzip -9")]:
            sides = {"packyard": lambda: ours(kind), "uv": lambda: theirs(pack)}
            found = {name: [] for name in sides}
            for _ in range(options.rounds):
                for name, side in sides.items():
                    found[name].append(side())
            wall = {name: statistics.median(clock for clock, _ in times) for name, times in found.items()}
            cpu = {name: statistics.median(used for _, used in times) for name, times in found.items()}
            ratio = wall["packyard"] / wall["uv"]
            slower |= ratio > 1
            print(
                f"{kind}: packyard {wall['packyard']:.2f} s ({cpu['packyard']:.2f} s CPU), "
                f"uv pip install --target and {pack} {wall['uv']:.2f} s ({cpu['uv']:.2f} s CPU): {ratio:.2f}"
            )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"largest child: {peak} MB")
    sys.exit(slower)


if __name__ == "__main__":
    main()
