"""The Python index under load, beside devpi, pypiserver, and nginx with the very same bytes as a static file.

Figures of wrk: connections that ask again as soon as they are answered. Peers are fetched into a venv in the work
directory; where that cannot be done, or a tool is missing, their lines are left out.
"""

import base64
import concurrent.futures
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import uuid
import zipfile
from pathlib import Path

from server import Server, seconds

JSON = "application/vnd.pypi.simple.v1+json"
BATCH = 1000
UPLOADERS = 8
UPLOADS = 200
VERSIONS = 40
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
LARGE_FILES = int(os.environ.get("BENCH_FILES", "10000"))
PEERS = ["devpi-server", "devpi-client", "pypiserver[passlib]"]


def measure(binary: Path, work: Path, projects: int, line) -> None:
    work.mkdir()
    venv = peers(work)
    pages(binary, work, venv, line)
    uploads(binary, work, venv, line)
    scale(binary, work, projects, line)


def wheel(name: str, version: str) -> tuple[str, bytes]:
    """A small wheel with everything that a wheel must have."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": f"NAME = {name!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: nobody needs it\nRequires-Python: >=3.8\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return f"{module}-{version}-py3-none-any.whl", out.getvalue()


def release(server: Server, wheels: list[tuple[str, bytes]]) -> None:
    artifacts = []
    for filename, body in wheels:
        digest = hashlib.sha256(body).hexdigest()
        server.send("PUT", f"/api/v1/channels/main/blobs/{digest}", body)
        artifacts.append({"filename": filename, "sha256": digest})
    server.post("/api/v1/channels/main/releases", {"artifacts": artifacts})


def address(server: Server) -> str:
    return f"http://{server.connection.host}:{server.connection.port}"


def wrk(url: str, accept: str, coding: str = "gzip, deflate", *headers: str) -> float | None:
    """Requests per second; none where wrk is missing. Anything but 200 ends the measurement."""
    if not shutil.which("wrk"):
        return None
    command = ["wrk", "-t2", "-c16", f"-d{SECONDS}s", "-H", f"Accept: {accept}", "-H", f"Accept-Encoding: {coding}"]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        print(f"{url}: {out}", file=sys.stderr)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def rate(line, what: str, figure: float | None) -> None:
    line(what, "no wrk" if figure is None else f"{figure:.0f}/s")


def pages(binary: Path, work: Path, venv: Path | None, line) -> None:
    """One project of some versions, asked for as pip asks for it, from everybody; the best of three runs."""
    wheels = [wheel("probe", f"1.{n}") for n in range(VERSIONS)]
    with Server(binary, work / "pages") as server:
        release(server, wheels)
        page = f"{address(server)}/main/simple/probe/"
        own = best(lambda: wrk(page, JSON))
        rate(line, f"page of a project of {VERSIONS} files, JSON in gzip, best of 3", own)
        rate(line, "  HTML in gzip", best(lambda: wrk(page, "text/html")))
        rate(line, "  JSON as it is", best(lambda: wrk(page, JSON, "identity")))
        rate(line, "  JSON in gzip with a token", best(lambda: wrk(page, JSON, "gzip, deflate", f"Authorization: Bearer {server.token}")))
        server.connection.request("GET", "/main/simple/probe/", headers={"Accept": JSON, "Accept-Encoding": "gzip"})
        body = server.connection.getresponse().read()
        file_rate = file_of(server)
        rate(line, "  a small wheel", best(lambda: wrk(file_rate, "*/*", "identity")))
    with Nginx(work / "nginx", {"page": body}) as url:
        if url:
            static = best(lambda: wrk(f"{url}/page", JSON))
            rate(line, "  peer: nginx, the same bytes as a static file", static)
            if own and static:
                line("  and we are, times as quick", f"{own / static:.2f}")
    if not venv:
        return
    files = work / "probe"
    files.mkdir()
    for filename, content in wheels:
        (files / filename).write_bytes(content)
    with Devpi(venv, work / "devpi") as devpi:
        for filename, content in wheels:
            devpi.upload(filename, content)
        peer = best(lambda: wrk(f"{devpi.index}/+simple/probe/", JSON))
        rate(line, "  peer: devpi", peer)
        if own and peer:
            line("  and we are, times as quick", f"{own / peer:.0f}")
    with Pypiserver(venv, files) as url:
        rate(line, "  peer: pypiserver", best(lambda: wrk(f"{url}/simple/probe/", "text/html")))


def file_of(server: Server) -> str:
    server.connection.request("GET", "/main/simple/probe/", headers={"Accept": JSON})
    file = json.loads(server.connection.getresponse().read())["files"][0]
    return f"{address(server)}/main/{file['url'].removeprefix('../../')}"


def best(run) -> float | None:
    figures = [run() for _ in range(3)]
    return None if None in figures else max(figures)


def form(filename: str, body: bytes) -> tuple[str, bytes]:
    """What twine sends: the content type, and the body."""
    name, version = filename.split("-")[:2]
    fields = {":action": "file_upload", "protocol_version": "1", "metadata_version": "2.1", "name": name.replace("_", "-"), "version": version, "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": hashlib.sha256(body).hexdigest()}
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + head.encode() + body + f"\r\n--{boundary}--\r\n".encode()


def post_all(host: str, port: int, path: str, authorization: str, wheels: list[tuple[str, bytes]]) -> float:
    """Uploads one after the other, over one connection; the first refusal ends the measurement."""

    def work(share: list[tuple[str, bytes]]) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=300)
        for filename, content in share:
            kind, body = form(filename, content)
            connection.request("POST", path, body, {"Content-Type": kind, "Authorization": authorization})
            response = connection.getresponse()
            text = response.read()
            if response.status not in (200, 201):
                raise SystemExit(f"upload of {filename} to {path}: {response.status}\n{text[:2000]!r}")
        connection.close()

    shares = [wheels[n::UPLOADERS] for n in range(UPLOADERS)]
    with concurrent.futures.ThreadPoolExecutor(UPLOADERS) as pool:
        return seconds(lambda: list(pool.map(work, shares)))


def uploads(binary: Path, work: Path, venv: Path | None, line) -> None:
    """Small wheels, one project each, by eight at a time; each is durable and on its page when it is answered."""
    wheels = [wheel(f"upload-{n}", "1.0") for n in range(UPLOADS)]
    with Server(binary, work / "uploads") as server:
        basic = base64.b64encode(f"__token__:{server.token}".encode()).decode()
        connection = server.connection
        took = post_all(connection.host, connection.port, "/main/legacy/", f"Basic {basic}", wheels)
        own = UPLOADS / took
        line(f"{UPLOADERS} uploading small wheels", f"{own:.0f}/s")
    if not venv:
        return
    with Devpi(venv, work / "devpi-uploads") as devpi:
        url = urllib.parse.urlsplit(devpi.index)
        few = wheels[: UPLOADS // 4]
        took = post_all(url.hostname, url.port, f"{url.path}/", devpi.authorization, few)
        line("  peer: devpi with a login token", f"{len(few) / took:.1f}/s")
        line("  and we are, times as quick", f"{own / (len(few) / took):.0f}")


def scale(binary: Path, work: Path, projects: int, line) -> None:
    """A hundred thousand projects, then one of ten thousand files."""
    data = work / "scale"
    with Server(binary, data) as server:

        def fill() -> None:
            for start in range(0, projects, BATCH):
                release(server, [wheel(f"project-{n}", "1.0") for n in range(start, min(start + BATCH, projects))])

        took = seconds(fill)
        line(f"{projects} projects, published {BATCH} at a time", f"{took:.0f} s")
        line("  and the server's memory: VmRSS", f"{server.memory('VmRSS') / 1024:.1f} MB")
    start = time.perf_counter()
    with Server(binary, data) as server:
        line("  from the start to the first connection", f"{time.perf_counter() - start:.2f} s")
        first = seconds(lambda: fetch(server, "/main/simple/project-7/"))
        line("  and the first page of a project", f"{first * 1000:.0f} ms")
        first = seconds(lambda: fetch(server, "/main/simple/"))
        line("  and the first list of all projects", f"{first * 1000:.0f} ms")
        line("  once more", f"{seconds(lambda: fetch(server, '/main/simple/')) * 1000:.1f} ms")
        rate(line, "  page of one project", best(lambda: wrk(f"{address(server)}/main/simple/project-7/", JSON)))
        rate(line, "  pages of all projects in turn", all_in_turn(work, server, projects))
        line("  and the server's memory: VmRSS", f"{server.memory('VmRSS') / 1024:.1f} MB")
        line("  at most: VmHWM", f"{server.memory('VmHWM') / 1024:.1f} MB")
        large(server, line)


def all_in_turn(work: Path, server: Server, projects: int) -> float | None:
    """wrk over many pages: more than are kept."""
    if not shutil.which("wrk"):
        return None
    script = work / "turn.lua"
    script.write_text(f'local n = 0\nrequest = function() n = (n * 7919 + 1) % {projects}; return wrk.format("GET", "/main/simple/project-" .. n .. "/") end\n')
    command = ["wrk", "-t2", "-c16", f"-d{SECONDS}s", "-s", script, "-H", f"Accept: {JSON}", "-H", "Accept-Encoding: gzip", address(server)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def large(server: Server, line) -> None:
    for start in range(0, LARGE_FILES, BATCH):
        release(server, [wheel("large", f"1.{n}") for n in range(start, start + BATCH)])
    size = 0
    for accept, name in [(JSON, "JSON"), ("text/html", "HTML")]:
        times = []
        for _ in range(4):
            server.connection.request("GET", "/main/simple/large/", headers={"Accept": accept, "Accept-Encoding": "gzip"})
            began = time.perf_counter()
            response = server.connection.getresponse()
            response.read(1)
            times.append(time.perf_counter() - began)
            size = 1 + len(response.read())
        line(f"page of a project of {LARGE_FILES} files, {name} in gzip ({size >> 10} KiB), first byte", f"{times[0] * 1000:.0f} ms")
        line("  once more", f"{min(times[1:]) * 1000:.1f} ms")
    release(server, [wheel("large", "2.0")])
    line("  after another file was published", f"{seconds(lambda: fetch(server, '/main/simple/large/')) * 1000:.0f} ms")
    line("  and the server's memory: VmRSS", f"{server.memory('VmRSS') / 1024:.1f} MB")


def fetch(server: Server, path: str) -> None:
    server.connection.request("GET", path, headers={"Accept": JSON, "Accept-Encoding": "gzip"})
    response = server.connection.getresponse()
    response.read()
    if response.status != 200:
        raise SystemExit(f"GET {path}: {response.status}")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"a peer ended with {process.returncode}\n{log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"a peer does not listen\n{log.read_text()[-2000:]}")


def peers(work: Path) -> Path | None:
    """A venv with the peers: that of PACKYARD_PEERS, or a new one."""
    given = os.environ.get("PACKYARD_PEERS")
    if given:
        return Path(given)
    venv = work / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
        subprocess.run([venv / "bin/pip", "install", "--quiet", *PEERS], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"tests/bench/simple.py: no peers: {error}", file=sys.stderr)
        return None
    return venv


class Process:
    """A peer that serves until the `with` block ends."""

    def launch(self, command: list, log: Path, port: int, **more) -> None:
        self.log = open(log, "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **more)
        wait_for(port, self.process, log)

    def __exit__(self, *_) -> None:
        if not hasattr(self, "process"):
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Nginx(Process):
    """Files from memory's cache, with an access log, as it is installed by default but for one worker a processor."""

    def __init__(self, work: Path, files: dict[str, bytes]):
        self.work, self.files = work, files

    def __enter__(self) -> str | None:
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not nginx:
            return None
        (self.work / "root").mkdir(parents=True)
        for name, body in self.files.items():
            (self.work / "root" / name).write_bytes(body)
        # Its workers may be another user.
        for directory in [self.work, self.work / "root"]:
            directory.chmod(0o755)
        port = free_port()
        conf = self.work / "nginx.conf"
        conf.write_text(
            f"daemon off; user root; worker_processes auto; pid {self.work}/pid; error_log {self.work}/error.log;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ access_log {self.work}/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
            f"default_type {JSON};\nserver {{ listen 127.0.0.1:{port}; root {self.work}/root; add_header Content-Encoding gzip; add_header Vary Accept; }} }}\n"
        )
        self.launch([nginx, "-c", conf, "-p", self.work], self.work / "out.log", port)
        return f"http://127.0.0.1:{port}"


class Devpi(Process):
    """devpi-server with one user, one index without bases, and a login token."""

    def __init__(self, venv: Path, work: Path):
        self.bin, self.work = venv / "bin", work

    def __enter__(self):
        self.work.mkdir()
        data, port = self.work / "server", free_port()
        subprocess.run([self.bin / "devpi-init", "--serverdir", data, "--no-root-pypi"], check=True, capture_output=True)
        self.launch([self.bin / "devpi-server", "--serverdir", data, "--port", str(port)], self.work / "log", port)
        client = [self.bin / "devpi"]
        rest = ["--clientdir", self.work / "client"]
        url = f"http://127.0.0.1:{port}"
        for command in [["use", url], ["user", "-c", "bench", "password=bench"], ["login", "bench", "--password=bench"], ["index", "-c", "dev", "bases="]]:
            subprocess.run([*client, *command, *rest], check=True, capture_output=True)
        body = json.dumps({"user": "bench", "password": "bench"})
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/+login", body, {"Content-Type": "application/json", "Accept": "application/json"})
        token = json.loads(connection.getresponse().read())["result"]["password"]
        pair = base64.b64encode(f"bench:{token}".encode()).decode()
        self.authorization = f"Basic {pair}"
        self.index = f"{url}/bench/dev"
        return self

    def upload(self, filename: str, body: bytes) -> None:
        url = urllib.parse.urlsplit(self.index)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        kind, data = form(filename, body)
        connection.request("POST", f"{url.path}/", data, {"Content-Type": kind, "Authorization": self.authorization})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise SystemExit(f"devpi refuses {filename}: {response.status} {text[:500]!r}")


class Pypiserver(Process):
    """pypiserver over a directory."""

    def __init__(self, venv: Path, files: Path):
        self.bin, self.files = venv / "bin", files

    def __enter__(self) -> str:
        port = free_port()
        command = [self.bin / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback", self.files]
        self.launch(command, self.files.parent / "pypiserver.log", port)
        return f"http://127.0.0.1:{port}"
