"""Made-up packages, made by the distributions' own tools: probe0, probe1, …"""

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

CONTROL = """Package: {name}
Version: 1.0-1
Architecture: all
Maintainer: A Packager <packager@example.org>
Section: misc
Priority: optional
Description: package {name} of a measurement
 It holds one small file, and nobody needs it.
"""


def debs(out: Path, count: int) -> list[Path]:
    """`count` small .deb files."""
    return [deb(out, f"probe{n}", lambda tree: (tree / "file").write_text("a line of text\n" * 50)) for n in range(count)]


def large_deb(out: Path, size_bytes: int) -> Path:
    """One .deb that nothing compresses."""

    def fill(tree: Path) -> None:
        with open(tree / "file", "wb") as file:
            for _ in range(size_bytes >> 20):
                file.write(os.urandom(1 << 20))

    return deb(out, "large", fill)


def deb(out: Path, name: str, fill) -> Path:
    tree = out / f"{name}.tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(CONTROL.format(name=name))
    share = tree / "usr/share" / name
    share.mkdir(parents=True)
    fill(share)
    file = out / f"{name}_1.0-1_all.deb"
    command = ["dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, file]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return file


def rpms(out: Path, count: int) -> list[Path]:
    """`count` small .rpm files from one spec; none where rpmbuild is not installed."""
    if not shutil.which("rpmbuild"):
        return []
    out.mkdir()
    spec = out / "probe.spec"
    spec.write_text(spec_of(count))
    command = ["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {out}", spec]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [out / f"RPMS/noarch/probe{n}-1.0-1.noarch.rpm" for n in range(count)]


def spec_of(count: int) -> str:
    """One source package with `count` subpackages: rpmbuild is started once."""
    head = "Name: probe\nVersion: 1.0\nRelease: 1\nSummary: a measurement\nLicense: MIT\nBuildArch: noarch\n\n%description\nA measurement.\n"
    parts, install = [head], ["%install"]
    for n in range(count):
        name = f"probe{n}"
        parts.append(f"%package -n {name}\nSummary: package {name}\n\n%description -n {name}\nNobody needs it.\n")
        parts.append(f"%files -n {name}\n/usr/share/{name}\n")
        install.append(f"mkdir -p %{{buildroot}}/usr/share\nyes | head -500 > %{{buildroot}}/usr/share/{name}")
    return "\n".join([*parts, *install, ""])


def tree(root: Path, files: int, megabytes: int) -> None:
    """Files like those of a real package: two thirds text, then tables of numbers, then bytes that do not shrink."""
    rng = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz_"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 11))) for _ in range(4000)]
    size = (megabytes << 20) // files
    for n in range(files):
        path = root / f"part{n % 40:02}" / f"file{n:05}"
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = n % 6
        path.write_bytes(text(rng, words, size) if kind < 4 else numbers(rng, size) if kind == 4 else rng.randbytes(size))


def text(rng: random.Random, words: list[str], size: int) -> bytes:
    lines, length = [], 0
    while length < size:
        lines.append("    " * rng.randint(0, 4) + " ".join(rng.choices(words, k=rng.randint(2, 9))) + "\n")
        length += len(lines[-1])
    return "".join(lines).encode()[:size]


def numbers(rng: random.Random, size: int) -> bytes:
    value, out = 0, bytearray()
    while len(out) < size:
        value += rng.randint(0, 300)
        out += struct.pack("<I", value & 0xFFFFFFFF)
    return bytes(out[:size])


PYPROJECT = """[build-system]
requires = ["uv_build>=0.9"]
build-backend = "uv_build"

[project]
name = "bigtree"
version = "1.0.0"
description = "A tree for measuring"
readme = "README.md"
license = "MIT"
requires-python = ">=3.9"
authors = [{name = "Ada Sample", email = "ada@example.org"}]
"""


def project(root: Path, files: int, megabytes: int) -> Path:
    """A Python project of the backend uv_build whose one package holds the tree."""
    module = root / "src/bigtree"
    tree(module / "data", files, megabytes)
    (module / "__init__.py").write_text("")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "README.md").write_text("# bigtree\n\nA tree of many files, which somebody measures.\n")
    (root / "CHANGELOG.rst").write_text("1.0.0\n^^^^^\n22-Mar-2019\n\n* First release.\n")
    return root
