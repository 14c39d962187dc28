"""Writes broken wheels and sdists, each below a directory that is named after what it attempts, and `attacks.json`:
for each attack the words that its refusal must say."""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile
import zipfile

out = pathlib.Path(sys.argv[1])
INFO = "attacked-1.0.dist-info"
METADATA = "Metadata-Version: 2.4\nName: attacked\nVersion: 1.0\nSummary: an attack\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
attacks = {}


def record(files):
    lines = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{INFO}/RECORD,,\n"


def files(**parts):
    made = {"attacked.py": b"x = 1\n", f"{INFO}/METADATA": METADATA.encode(), f"{INFO}/WHEEL": WHEEL.encode()}
    made.update({name: data for name, data in parts.items()})
    return made


def wheel(made=None, infos=(), with_record=True, comment=b""):
    made = files() if made is None else made
    made = dict(made, **({f"{INFO}/RECORD": record(made).encode()} if with_record and f"{INFO}/RECORD" not in made else {}))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in [*made.items(), *infos]:
            z.writestr(name, data)
        z.comment = comment
    return raw.getvalue()


def attack(name, data, *words, filename="attacked-1.0-py3-none-any.whl"):
    (out / name).mkdir(parents=True)
    (out / name / filename).write_bytes(data)
    attacks[name] = words


def sdist(members, extra=b"", raw_tar=None):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as t:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return gzip.compress(raw.getvalue() if raw_tar is None else raw_tar(raw.getvalue()), mtime=0) + extra


def attack_sdist(name, data, *words):
    attack(name, data, *words, filename="attacked-1.0.tar.gz")


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def pax(name, **headers):
    info = tarfile.TarInfo(name)
    info.pax_headers = headers
    return info


good = wheel()
attack("a-file-that-is-no-zip", b"this is no zip" * 9, "does not end with a zip's end record")
attack("data-before-the-zip", b"#!/bin/sh\nexit 1\n" + good, "central directory does not lie where")
attack("data-behind-the-zip", good + b"hidden", "does not end with a zip's end record")
attack("a-comment", wheel(comment=b"a comment"), "does not end with a zip's end record")
attack("a-zip-in-the-comment", wheel(comment=good), "central directory does not lie where")
attack("a-name-twice", wheel(infos=[("attacked.py", b"y = 2\n")]), "attacked.py", "it is there twice")
central = good.rindex(b"PK\x01\x02", 0, good.index(b"PK\x01\x02") + 4)
attack("a-name-that-only-the-directory-has", good[:central] + good[central:].replace(b"attacked.py", b"attacker.py", 1),
       "local header and the central directory disagree", "attacker.py")
flipped = bytearray(good)
struct.pack_into("<I", flipped, 14, struct.unpack_from("<I", flipped, 14)[0] ^ 1)
attack("a-checksum-that-only-one-header-has", bytes(flipped), "disagree: CRC-32")
attack("a-path-out-of-the-tree", wheel(files(**{"../evil.py": b""})), "leads out of the tree")
attack("an-absolute-path", wheel(files(**{"/etc/cron.d/evil": b""})), "its path is absolute")
attack("a-backslash", wheel(files(**{"a/evil.py": b""})).replace(b"a/evil.py", b"a\\evil.py"), "backslash")
link = zipfile.ZipInfo("attacked-link")
link.create_system, link.external_attr = 3, 0o120777 << 16
attack("a-link", wheel(infos=[(link, b"/etc/passwd")]), "it is a symbolic link")
attack("an-encrypted-entry", good[:6] + b"\x01" + good[7:central + 8] + b"\x01" + good[central + 9 :], "it is encrypted")
attack("a-bomb", wheel(files(**{"zeros": bytes(80 << 20)})), "out of proportion")
attack("no-record", wheel(with_record=False), "has no `attacked-1.0.dist-info/RECORD`")
attack("a-file-that-record-leaves-out", wheel(infos=[("evil.py", b"evil()\n")]), "evil.py", "RECORD does not name it")
lying = files()
lying[f"{INFO}/RECORD"] = record(files(**{"attacked.py": b"harmless\n"})).encode()
attack("a-digest-that-is-wrong", wheel(lying), "attacked.py", "RECORD says")
attack("two-dist-infos", wheel(files(**{"other-1.0.dist-info/METADATA": METADATA.encode()})), "more than one `.dist-info`")
attack("another-projects-metadata", wheel(files(**{f"{INFO}/METADATA": METADATA.replace("attacked", "other").encode()})),
       "its filename says project `attacked`, the package itself says `other`")
attack("other-tags", wheel(files(**{f"{INFO}/WHEEL": WHEEL.replace("py3", "cp311").encode()})),
       "its tags are cp311-none-any, the filename says py3-none-any")
attack("a-wheel-of-version-2", wheel(files(**{f"{INFO}/WHEEL": WHEEL.replace("1.0", "2.0").encode()})), "Wheel-Version is `2.0`")
attack("an-entry-point-that-is-none", wheel(files(**{f"{INFO}/entry_points.txt": b"[console_scripts]\nx = rm -rf\n"})),
       "entry_points.txt", "line 2")
attack("a-licence-that-is-missing", wheel(files(**{f"{INFO}/METADATA": (METADATA + "License-File: LICENSE\n").encode()})),
       "License-File `LICENSE` is not in the wheel")

info = ("attacked-1.0/PKG-INFO", METADATA.encode())
attack_sdist("two-directories", sdist([info, ("other/x", b"")]), "outside the top-level directory")
attack_sdist("another-directory", sdist([("other/PKG-INFO", METADATA.encode())]), "its one directory must be `attacked-1.0`")
attack_sdist("no-pkg-info", sdist([("attacked-1.0/x", b"")]), "has no `attacked-1.0/PKG-INFO`")
attack_sdist("a-member-twice", sdist([info, ("attacked-1.0/x", b"1"), ("attacked-1.0/x", b"2")]), "it is there twice")
attack_sdist("a-member-out-of-the-tree", sdist([info, ("attacked-1.0/../../x", b"")]), "leads out of the tree")
attack_sdist("a-link-out", sdist([info, special("attacked-1.0/l", tarfile.SYMTYPE, "../../etc/passwd")]), "outside the tree")
attack_sdist("a-hard-link-out", sdist([info, special("attacked-1.0/l", tarfile.LNKTYPE, "attacked-1.0/none")]), "no earlier file")
attack_sdist("a-device", sdist([info, special("attacked-1.0/d", tarfile.CHRTYPE)]), "it is a device node")
attack_sdist("a-sparse-file", sdist([info, pax("attacked-1.0/s", **{"GNU.sparse.major": "1"})]), "sparse file")
attack_sdist("a-pax-size-that-hides-an-entry", sdist([info, pax("attacked-1.0/s", size="1024"), ("attacked-1.0/evil", b"")]),
             "its header says 0 bytes, its pax header 1024")
attack_sdist("a-second-gzip-stream", sdist([info], extra=sdist([("attacked-1.0/x", b"")])), "second gzip stream")
attack_sdist("bytes-behind-the-gzip-stream", sdist([info], extra=b"hidden"), "bytes follow the end of its gzip stream")
attack_sdist("an-entry-behind-the-end", sdist([info], raw_tar=lambda tar: tar + tar), "data follows the end of the archive")
attack_sdist("a-tar-bomb", sdist([info, ("attacked-1.0/zeros", bytes(80 << 20))]), "out of proportion")

attack("a-good-wheel", good)
attack_sdist("a-good-sdist", sdist([info]))
(out / "attacks.json").write_text(json.dumps(attacks))
