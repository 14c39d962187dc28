"""Made-up packages, made by the distributions' own tools: probe0, probe1, …"""

import os
import shutil
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
