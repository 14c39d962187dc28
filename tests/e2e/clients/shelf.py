"""Writes wheels and source distributions of a few files each: shelf.py DIRECTORY JSON.

Each item of the JSON says kind (wheel or sdist), name, version, requires, python and text. A wheel holds one module with
a `main` that prints its name, its version and the text, and a console script that calls it.
"""

import base64
import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path


def metadata(item: dict) -> bytes:
    lines = ["Metadata-Version: 2.4", f"Name: {item['name']}", f"Version: {item['version']}", "Summary: Carries things over water."]
    lines += [f"Requires-Python: {item['python']}"] if item["python"] else []
    lines += [f"Requires-Dist: {each}" for each in item["requires"]]
    return ("\n".join(lines) + "\n").encode()


def module(item: dict) -> bytes:
    said = f"{item['name']} {item['version']} {item['text']}".strip()
    return f"def main():\n    print({said!r})\n".encode()


def recorded(path: str, body: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(body)}\n"


def wheel(directory: Path, item: dict) -> None:
    stem = item["name"].replace("-", "_")
    info = f"{stem}-{item['version']}.dist-info"
    files = {
        f"{stem}.py": module(item),
        f"{info}/METADATA": metadata(item),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: shelf\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{item['name']} = {stem}:main\n".encode(),
    }
    record = "".join(recorded(path, body) for path, body in files.items()) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(directory / f"{stem}-{item['version']}-py3-none-any.whl", "w") as archive:
        for path, body in {**files, f"{info}/RECORD": record.encode()}.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, body)


def sdist(directory: Path, item: dict) -> None:
    stem = item["name"].replace("-", "_")
    top = f"{stem}-{item['version']}"
    project = f'[project]\nname = "{item["name"]}"\nversion = "{item["version"]}"\n'
    files = {"PKG-INFO": metadata(item), "pyproject.toml": project.encode(), f"{stem}.py": module(item)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, body in files.items():
            entry = tarfile.TarInfo(f"{top}/{path}")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    (directory / f"{top}.tar.gz").write_bytes(gzip.compress(packed.getvalue(), mtime=0))


if __name__ == "__main__":
    for item in json.loads(sys.argv[2]):
        {"wheel": wheel, "sdist": sdist}[item["kind"]](Path(sys.argv[1]), item)
