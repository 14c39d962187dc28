"""Import of thousands of packages, next to the tools that index the same files cold.

The packages are written here, byte by byte: dpkg-deb and rpmbuild would take minutes for ten thousand. The peers read
them, so they are packages to the real tools as well."""

import gzip
import hashlib
import io
import os
import random
import shutil
import struct
import subprocess
import tarfile
import time
from pathlib import Path

WORDS = "the package holds some files that nobody reads but a measurement of how long it takes".split()


def text(rng: random.Random, size: int) -> bytes:
    """Text that shrinks about as much as documentation does, then bytes that do not."""
    words = " ".join(rng.choices(WORDS, k=size // 10))
    return words.encode()[: size // 2] + rng.randbytes(size // 2)


def debs(out: Path, count: int) -> None:
    """`count` .deb files of 2 to 50 KB."""
    out.mkdir(parents=True)
    rng = random.Random(1)
    for n in range(count):
        name = f"import-probe{n}"
        control = f"Package: {name}\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: A Packager <packager@example.org>\nInstalled-Size: 60\nDepends: libc6 (>= 2.36), python3\nSection: misc\nPriority: optional\nDescription: package {name} of a measurement\n It holds a few small files, and nobody needs it.\n"
        size = rng.randint(2_000, 50_000)
        files = {f"./usr/share/{name}/data{k}": text(rng, size // 4) for k in range(4)}
        deb = b"!<arch>\n" + member("debian-binary", b"2.0\n")
        deb += member("control.tar.gz", tar({"./control": control.encode()})) + member("data.tar.gz", tar(files))
        (out / f"{name}_1.0-1_amd64.deb").write_bytes(deb)


def member(name: str, data: bytes) -> bytes:
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return head + data + b"\n" * (len(data) % 2)


def tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=6) as gz, tarfile.open(fileobj=gz, mode="w") as archive:
        made = {"."}
        for path, data in files.items():
            for parent in [str(p) for p in reversed(Path(path).parents)]:
                if parent not in made:
                    made.add(parent)
                    entry = tarfile.TarInfo(f"./{parent}")
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(entry)
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


INT16, INT32, STRING, BIN, STRINGS, I18N = 3, 4, 6, 7, 8, 9


def rpms(out: Path, count: int) -> None:
    """`count` .rpm files of 2 to 50 KB, unsigned."""
    out.mkdir(parents=True)
    rng = random.Random(2)
    for n in range(count):
        name = f"import-probe{n}"
        size = rng.randint(2_000, 50_000)
        data = {f"data{k}": text(rng, size // 4) for k in range(4)}
        (out / f"{name}-1.0-1.x86_64.rpm").write_bytes(rpm(name, data))


def rpm(name: str, files: dict[str, bytes]) -> bytes:
    """Lead, signature header, header, payload (the format of rpm 4)."""
    directory = f"/usr/share/{name}/"
    cpio = b"".join(cpio_entry(f".{directory}{f}", 0o100644, ino + 1, data) for ino, (f, data) in enumerate(files.items()))
    cpio += cpio_entry("TRAILER!!!", 0, 0, b"")
    payload = gzip.compress(cpio, compresslevel=6, mtime=0)
    count = len(files)
    tags = [
        (1000, STRING, [name]), (1001, STRING, ["1.0"]), (1002, STRING, ["1"]), (1004, I18N, ["a measurement"]),
        (1005, I18N, ["It holds a few small files, and nobody needs it."]), (1006, INT32, [1553212800]), (1007, STRING, ["localhost"]),
        (1009, INT32, [sum(map(len, files.values()))]), (1014, STRING, ["MIT"]), (1016, I18N, ["Unspecified"]), (1021, STRING, ["linux"]),
        (1022, STRING, ["x86_64"]), (1028, INT32, [len(d) for d in files.values()]), (1030, INT16, [0o100644 - 0x10000] * count),
        (1033, INT16, [0] * count), (1034, INT32, [1553212800] * count), (1035, STRINGS, [hashlib.sha256(d).hexdigest() for d in files.values()]),
        (1036, STRINGS, [""] * count), (1037, INT32, [0] * count), (1039, STRINGS, ["root"] * count), (1040, STRINGS, ["root"] * count),
        (1044, STRING, [f"{name}-1.0-1.src.rpm"]), (1045, INT32, [-1] * count), (1047, STRINGS, [name, f"{name}(x86-64)"]),
        (1048, INT32, [0, 16777226]), (1049, STRINGS, ["/bin/sh", "rpmlib(CompressedFileNames)"]), (1050, STRINGS, ["", "3.0.4-1"]),
        (1064, STRING, ["4.18.0"]), (1095, INT32, [1] * count), (1096, INT32, list(range(1, count + 1))), (1097, STRINGS, [""] * count),
        (1112, INT32, [8, 8]), (1113, STRINGS, ["1.0-1", "1.0-1"]), (1116, INT32, [0] * count), (1117, STRINGS, list(files)),
        (1118, STRINGS, [directory]), (1124, STRING, ["cpio"]), (1125, STRING, ["gzip"]), (1126, STRING, ["6"]), (5011, INT32, [8]),
        (5092, STRINGS, [hashlib.sha256(payload).hexdigest()]), (5093, INT32, [8]),
    ]
    head = header(63, tags)
    signature = [(269, STRING, [hashlib.sha1(head).hexdigest()]), (273, STRING, [hashlib.sha256(head).hexdigest()]),
                 (1000, INT32, [len(head) + len(payload)]), (1004, BIN, [hashlib.md5(head + payload).digest()]), (1007, INT32, [len(cpio)])]
    sig = header(62, signature)
    lead = struct.pack(">IBBHH66sHH16s", 0xEDABEEDB, 3, 0, 0, 1, f"{name}-1.0-1".encode(), 1, 5, b"")
    return lead + sig + bytes(-len(sig) % 8) + head + payload


def header(region: int, tags: list[tuple]) -> bytes:
    index, store = b"", b""
    for tag, kind, values in sorted(tags):
        align = {INT16: 2, INT32: 4}.get(kind, 1)
        store += bytes(-len(store) % align)
        index += struct.pack(">IIII", tag, kind, len(store), len(values[0]) if kind == BIN else len(values))
        if kind == INT16:
            store += b"".join(struct.pack(">H", v & 0xFFFF) for v in values)
        elif kind == INT32:
            store += b"".join(struct.pack(">I", v & 0xFFFFFFFF) for v in values)
        elif kind == BIN:
            store += values[0]
        else:
            store += b"".join(v.encode() + b"\0" for v in values)
    entries = len(index) // 16 + 1
    first = struct.pack(">IIII", region, BIN, len(store), 16)
    store += struct.pack(">IIiI", region, BIN, -16 * entries, 16)
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", entries, len(store)) + first + index + store


def cpio_entry(name: str, mode: int, ino: int, data: bytes) -> bytes:
    fields = [ino, mode, 0, 0, 1, 1553212800, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    entry = b"070701" + b"".join(f"{f:08x}".encode() for f in fields) + name.encode() + b"\0"
    entry += bytes(-len(entry) % 4)
    return entry + data + bytes(-len(data) % 4)


def seconds(command: list, **popen) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, **popen)
    return time.monotonic() - began


def measure(binary: Path, work: Path, line, half: int = 5_000) -> None:
    """`half` .debs and `half` .rpms; caches of the disk are warm for everybody."""
    debs(work / "packages/deb", half)
    rpms(work / "packages/rpm", half)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    both = 0.0
    if shutil.which("apt-ftparchive"):
        with open(work / "Packages", "wb") as out:
            command = ["apt-ftparchive", "packages", "deb"]
            took = seconds(command, stdout=out, stderr=subprocess.DEVNULL, cwd=work / "packages")
        with open(work / "Contents", "wb") as out:
            command = ["apt-ftparchive", "contents", "deb"]
            contents = seconds(command, stdout=out, stderr=subprocess.DEVNULL, cwd=work / "packages")
        both += took
        line(f"  peer: apt-ftparchive packages, {half} .debs, cold", f"{took:.2f} s")
        line("  peer: apt-ftparchive contents, the same .debs, cold", f"{contents:.2f} s")
    if shutil.which("createrepo_c"):
        (work / "yum").mkdir()
        took = seconds(["createrepo_c", "--quiet", "--outputdir", work / "yum", work / "packages/rpm"], **quiet)
        both += took
        line(f"  peer: createrepo_c, {half} .rpms, cold", f"{took:.2f} s")
    peers = f"{both:.2f} s by peers" if both else "no peers here"
    # A yard's keys are made once in its life: finding primes for RSA takes a second or three, and is no part of an import.
    made = seconds([binary, "channel", "create", "spare", "--data", work / "fresh"], **quiet)
    line("making a data directory and its keys", f"{made:.2f} s")
    for data in ["data-deb", "data-rpm", "data"]:
        shutil.copytree(work / "fresh", work / data)
    for what in ["deb", "rpm"]:
        command = [binary, "import", work / "packages" / what, "--data", work / f"data-{what}"]
        line(f"import of {half} .{what}s, hashed, read, stored, indexed, signed", f"{seconds(command, **quiet):.2f} s")
    command = [binary, "import", work / "packages", "--data", work / "data"]
    line(f"import of {2 * half} packages in one go ({peers})", f"{seconds(command, **quiet):.2f} s")
    line("  the same again: nothing is new", f"{seconds(command, **quiet):.2f} s")
    total = sum(f.stat().st_size for f in (work / "packages").rglob("*") if f.is_file())
    line("  they have together", f"{total / (1 << 20):.0f} MiB")
    os.sync()
