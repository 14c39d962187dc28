"""Writes a small wheel: OUT NAME VERSION [DIST-INFO]. The directory of its metadata is spelt as it is told."""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

out, name, version, *spelt = sys.argv[1:]
stem = f"{name.replace('-', '_')}-{version}"
info = spelt[0] if spelt else f"{stem}.dist-info"
module = name.replace("-", "_")
files = {
    f"{module}.py": f"NAME = {name!r}\n" * 400,
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\nSummary: {name} is small\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
record = ""
for path, text in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    record += f"{path},sha256={digest},{len(text)}\n"
files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
with zipfile.ZipFile(Path(out) / f"{stem}-py3-none-any.whl", "w") as wheel:
    for path, text in files.items():
        wheel.writestr(zipfile.ZipInfo(path), text)
