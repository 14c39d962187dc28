"""Where a yard lies: in a directory, which a killed process leaves as it is, or on a disk whose power can be cut.

That disk is an ext4 file system in a file. What was written and not synced is in the kernel's memory and not in the file,
so a copy of the file is what a machine finds that lost its power at that moment; the journal is replayed when it is mounted.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SIZE = "192M"
# No writing back of its own accord while a test runs: only what was synced is there.
OPTIONS = "loop,commit=600"


class Directory:
    def __init__(self, work: Path):
        self.path = work / "yard"
        self.path.mkdir()

    def cut(self) -> None:
        """A process that was killed loses nothing that it has written."""

    def end(self) -> None:
        shutil.rmtree(self.path)


class Disk:
    """Needs a mount namespace of its own: see `alone`."""

    def __init__(self, work: Path):
        self.path, self.image, self.next = work / "yard", work / "disk", work / "disk.copy"
        self.path.mkdir()
        run("truncate", "-s", SIZE, self.image)
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image)
        run("mount", "-o", OPTIONS, self.image, self.path)

    def cut(self) -> None:
        """To be called once the server is dead: then nobody's sync is half done."""
        run("cp", "--sparse=always", self.image, self.next)
        run("umount", self.path)
        self.next.rename(self.image)
        run("mount", "-o", OPTIONS, self.image, self.path)

    def end(self) -> None:
        run("umount", self.path)
        self.image.unlink()
        self.path.rmdir()


def run(*command) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"`{' '.join(map(str, command))}` ended with {done.returncode}: {done.stderr}")


def alone() -> None:
    """Starts this program again in a mount namespace that ends with it, so that nothing stays mounted whatever happens."""
    if os.environ.get("KILLS_ALONE") != "1":
        os.environ["KILLS_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
