"""Writes a wheel from a description in JSON: directory, name, version, tag, metadata, points, files."""

import base64
import hashlib
import json
import pathlib
import sys
import zipfile

told = json.loads(sys.argv[1])
top = f"{told['name']}-{told['version']}"
info = f"{top}.dist-info"
files = {path: text.encode() for path, text in told["files"].items()}
for path, source in told.get("copied", {}).items():
    files[path] = pathlib.Path(source).read_bytes()
files[f"{info}/METADATA"] = (
    f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n{told['metadata']}"
).encode()
files[f"{info}/WHEEL"] = (
    f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {told['tag']}\n"
).encode()
files[f"{info}/LICENSE"] = b"Do as you like.\n"
if told["points"]:
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{told['points']}\n".encode()
record = ""
for path, content in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    record += f"{path},sha256={digest},{len(content)}\n"
files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
wheel = pathlib.Path(told["directory"]) / f"{top}-{told['tag']}.whl"
with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as out:
    for path, content in files.items():
        out.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), content)
print(hashlib.sha256(wheel.read_bytes()).hexdigest(), end="")
