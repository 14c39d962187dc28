"""Thousands of small packages, written by hand: the distributions' tools would take an hour."""

import gzip
import hashlib
import io
import random
import struct
import tarfile
import zlib
from pathlib import Path

WORDS = "pack lorem ipsum river stone green metal paper cloud light north amber cedar delta ember frost".split()


def name_of(n: int) -> str:
    """Names from one end of the alphabet to the other, and never the same."""
    rng = random.Random(n)
    return f"{rng.choice(WORDS)}-{rng.choice(WORDS)}-{n}"


def prose(n: int, words: int) -> str:
    rng = random.Random(-n)
    return " ".join(rng.choice(WORDS) + rng.choice(["", "s", "ing", str(rng.randint(0, 999))]) for _ in range(words))


def relations(n: int, count: int) -> list[str]:
    rng = random.Random(n * 7 + 1)
    return [f"lib{rng.choice(WORDS)}{rng.randint(0, 99)}" for _ in range(count)]


def member(name: str, body: bytes) -> bytes:
    """One member of an ar archive (`ar(5)`), padded to an even length."""
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n".encode()
    return head + body + b"\n" * (len(body) % 2)


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, body in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode, info.mtime = len(body), 0o644, 1600000000
            archive.addfile(info, io.BytesIO(body))
    return gzip.compress(out.getvalue(), 1, mtime=0)


DATA = tar({"./usr/share/doc/nothing/README": b"Nobody needs it.\n"})


def deb(out: Path, n: int, version: str = "1.0-1", architecture: str = "all") -> Path:
    """A .deb whose stanza is about as long as Debian's are."""
    name = name_of(n)
    depends = ", ".join(f"{r} (>= 1.{i})" for i, r in enumerate(relations(n, n % 12)))
    fields = {
        "Package": name,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "A Packager <packager@example.org>",
        "Depends": depends,
        "Section": "misc",
        "Priority": "optional",
        "Homepage": f"https://example.org/{name}",
        "Description": f"{prose(n, 6)}\n {prose(n + 1, 20)}\n {prose(n + 2, 20)}",
    }
    control = "".join(f"{key}: {value}\n" for key, value in fields.items() if value).encode()
    file = out / f"{name}_{version}_{architecture}.deb"
    parts = [("debian-binary", b"2.0\n"), ("control.tar.gz", tar({"./control": control})), ("data.tar.gz", DATA)]
    file.write_bytes(b"!<arch>\n" + b"".join(member(*part) for part in parts))
    return file


# Types of header entries (rpm's lib/header.h).
INT16, INT32, STRING, BIN, STRINGS, I18N = 3, 4, 6, 7, 8, 9


def header(region: int, entries: list) -> bytes:
    """A header with its immutable region: index entries of (tag, type, offset, count), then their data."""
    store, index = b"", []
    for tag, kind, value in sorted(entries, key=lambda e: e[0]):
        if kind in (INT16, INT32):
            width = 2 if kind == INT16 else 4
            store += b"\0" * (-len(store) % width)
            data, count = b"".join(v.to_bytes(width, "big") for v in value), len(value)
        elif kind == STRING:
            data, count = value.encode() + b"\0", 1
        elif kind == BIN:
            data, count = value, len(value)
        else:
            data, count = b"".join(v.encode() + b"\0" for v in value), len(value)
        index.append(struct.pack(">IIII", tag, kind, len(store), count))
        store += data
    trailer = struct.pack(">IIiI", region, BIN, -16 * (len(index) + 1), 16)
    index.insert(0, struct.pack(">IIII", region, BIN, len(store), 16))
    store += trailer
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", len(index), len(store)) + b"".join(index) + store


PAYLOAD = gzip.compress(
    b"07070100000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000b00000000TRAILER!!!\0\0\0\0",
    1,
    mtime=0,
)


def rpm(out: Path, n: int, version: str = "1.0", arch: str = "noarch") -> Path:
    """An unsigned .rpm without files (a lead, a signature header, a header, an empty cpio archive)."""
    name, requires = name_of(n), relations(n, n % 16)
    full = f"{name}-{version}-1"
    main = header(63, [
        (100, STRINGS, ["C"]),
        (1000, STRING, name), (1001, STRING, version), (1002, STRING, "1"),
        (1004, I18N, [prose(n, 6)]), (1005, I18N, [prose(n + 1, 60)]),
        (1006, INT32, [1600000000]), (1007, STRING, "localhost"), (1009, INT32, [0]),
        (1014, STRING, "MIT"), (1016, I18N, ["Unspecified"]), (1020, STRING, f"https://example.org/{name}"),
        (1021, STRING, "linux"), (1022, STRING, arch), (1044, STRING, f"{full}.src.rpm"),
        (1047, STRINGS, [name]), (1112, INT32, [8]), (1113, STRINGS, [f"{version}-1"]),
        (1048, INT32, [0] * len(requires) or [0]), (1049, STRINGS, requires or ["sh"]), (1050, STRINGS, [""] * len(requires) or [""]),
        (1124, STRING, "cpio"), (1125, STRING, "gzip"), (1126, STRING, "9"),
        (1080, INT32, [1600000000]), (1081, STRINGS, ["A Packager <packager@example.org> - 1.0-1"]), (1082, STRINGS, [f"- {prose(n + 3, 30)}"]),
        (5092, STRINGS, [hashlib.sha256(PAYLOAD).hexdigest()]), (5093, INT32, [8]),
    ])
    signature = header(62, [
        (269, STRING, hashlib.sha1(main).hexdigest()),
        (273, STRING, hashlib.sha256(main).hexdigest()),
        (1000, INT32, [len(main) + len(PAYLOAD)]),
        (1004, BIN, hashlib.md5(main + PAYLOAD).digest()),
        (1007, INT32, [len(zlib.decompress(PAYLOAD, 31))]),
    ])
    lead = struct.pack(">4sBBHH66sHH16s", b"\xed\xab\xee\xdb", 3, 0, 0, 255, full.encode()[:65], 1, 5, b"")
    file = out / f"{full}.{arch}.rpm"
    file.write_bytes(lead + signature + b"\0" * (-len(signature) % 8) + main + PAYLOAD)
    return file
