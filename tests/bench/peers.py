"""The same work by other tools, where they are installed."""

import os
import shutil
import subprocess
from pathlib import Path

from server import seconds

REPO = Path(__file__).resolve().parents[2]


def copy(project: Path, to: Path) -> Path:
    """A copy, since some tools write into the project that they build."""
    shutil.copytree(project, to, ignore=shutil.ignore_patterns("dist", "build"))
    return to


def dpkg_deb(deb: Path, tree: Path) -> list:
    """The command that builds the tree of `deb` again."""
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    return ["dpkg-deb", "--root-owner-group", "--build", tree, tree.with_suffix(".deb")]


def python_build() -> Path | None:
    """A Python that has `build` and setuptools: the one of tests/tools/venv."""
    tools = Path(os.environ.get("PACKYARD_TOOLS", REPO / "target/tools"))
    python = tools / "venv/bin/python"
    return python if python.exists() else None


def createrepo(repo: Path, rpms: list[Path], held: int) -> list[float]:
    """Seconds of `createrepo_c --update`, once for each package past the first `held`."""
    if not rpms or not shutil.which("createrepo_c"):
        return []
    repo.mkdir()
    for file in rpms[:held]:
        shutil.copy(file, repo)
    command = ["createrepo_c", "--quiet", "--update", repo]
    subprocess.run(command, check=True)
    times = []
    for file in rpms[held:]:
        shutil.copy(file, repo)
        times.append(seconds(lambda: subprocess.run(command, check=True)))
    return times


def reprepro(repo: Path, debs: list[Path], held: int) -> list[float]:
    """Seconds of `reprepro includedeb`, once for each package past the first `held`."""
    if not shutil.which("reprepro"):
        return []
    (repo / "conf").mkdir(parents=True)
    (repo / "conf/distributions").write_text("Codename: any\nComponents: main\nArchitectures: amd64 arm64\n")
    times = []
    for file in debs:
        command = ["reprepro", "--silent", "-b", repo, "includedeb", "any", file]
        times.append(seconds(lambda: subprocess.run(command, check=True)))
    return times[held:]


def tar_of(tree: Path, out: Path) -> Path:
    """The tar archive that dpkg-deb would compress."""
    subprocess.run(["tar", "-C", tree, "--sort=name", "--owner=0", "--group=0", "-cf", out, "."], check=True)
    return out


def rpmbuild(tree: Path, top: Path, payload: str) -> list | None:
    """The command that packs a tree as an .rpm with this payload, such as `w9.gzdio`; nothing else is done to it."""
    if not shutil.which("rpmbuild"):
        return None
    top.mkdir(parents=True, exist_ok=True)
    spec = top / "peer.spec"
    spec.write_text(
        "%define debug_package %{nil}\n%define __os_install_post %{nil}\n"
        f"%define _binary_payload {payload}\nAutoReqProv: no\n"
        "Name: peer\nVersion: 1.0\nRelease: 1\nSummary: a peer\nLicense: MIT\nBuildArch: noarch\n"
        "%description\nA peer.\n%install\n"
        f"mkdir -p %{{buildroot}} && cp -a {tree}/. %{{buildroot}}/\n%files\n/usr\n"
    )
    return ["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {top}", spec]


def uv_build(project: Path, out: Path) -> list | None:
    """The command with which uv builds sdist and wheel of a project of the backend uv_build, without a frontend."""
    tools = Path(os.environ.get("PACKYARD_TOOLS", REPO / "target/tools"))
    uv = tools / "venv/bin/uv"
    return [uv, "build", "--offline", "--quiet", "--out-dir", out, project] if uv.exists() else None
