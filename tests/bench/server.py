"""One `packyard serve` on a free port of the loopback interface, and what is asked of it."""

import http.client
import json
import os
import subprocess
import time
from pathlib import Path


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Server:
    """Ends with the `with` block: SIGTERM, and SIGKILL to this process alone if that does not help."""

    def __init__(self, binary: Path, data: Path):
        self.data = data
        self.log = open(f"{data}.log", "ab")
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        greeting = self.process.stdout.readline().strip()
        if not greeting.startswith("listening on http://"):
            self.process.wait(timeout=10)
            raise SystemExit(f"the server did not start; its log:\n{Path(self.log.name).read_text()}")
        host, _, port = greeting.removeprefix("listening on http://").rpartition(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=120)
        self.token = (data / "admin.token").read_text().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def put_timed(self, url: str, file: Path) -> float:
        """Seconds from the last byte of the upload to the answer, which says that it is visible."""
        with open(file, "rb") as body:
            self.connection.putrequest("PUT", url)
            self.connection.putheader("Authorization", f"Bearer {self.token}")
            self.connection.putheader("Content-Length", str(os.path.getsize(file)))
            self.connection.endheaders()
            while piece := body.read(1 << 18):
                self.connection.send(piece)
        began = time.perf_counter()
        response = self.connection.getresponse()
        took = time.perf_counter() - began
        text = response.read().decode()
        if response.status != 201:
            raise SystemExit(f"PUT {url}: {response.status}\n{text}")
        return took

    def get(self, url: str) -> bytes:
        self.connection.request("GET", url)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"GET {url}: {response.status}\n{body.decode(errors='replace')}")
        return body

    def post(self, url: str, body: dict, expected: tuple = (200, 201)) -> dict:
        """The answer to a JSON request; ends the measurement where it is not as expected."""
        return self.send("POST", url, json.dumps(body).encode(), expected)

    def send(self, method: str, url: str, body: bytes, expected: tuple = (200, 201)) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request(method, url, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status not in expected:
            raise SystemExit(f"{method} {url}: {response.status}\n{text[:2000]}")
        return {"status": response.status, **json.loads(text or "{}")}

    def memory(self, field: str) -> int:
        """A line of /proc/PID/status, in KiB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        raise SystemExit(f"the system does not tell {field}")

    def processors(self) -> float:
        """Seconds that all its threads have used so far: what is left to compare where the machine has other work, too."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def rest(self, pause: float) -> None:
        time.sleep(pause)
