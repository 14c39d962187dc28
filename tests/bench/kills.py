#!/usr/bin/python3
"""Kills a server at random moments while many work with it, and looks at what is left.

    tests/bench/kills.py BINARY [--kills 500] [--seed N] [--power-cut]

While packages are uploaded, released, collected in drafts, promoted, rolled back, yanked and removed, while documents are put
in place, the index is rebuilt and garbage is collected beside it, the server gets SIGKILL, also in the middle of its start.
With --power-cut what was not synced by then is lost too (as root; kills/disk.py says how). Then it is started again, and:

- the log has no gap, its chain holds, and what was seen of it before is still there, byte for byte;
- every acknowledged change is in it once; of a release without an answer all is there, or nothing; asked for again, it is there once;
- the API, apt, yum and pip show what the newest revision holds: no more, no less; downloads have the right digest;
- what clients saw while it ran are index files that a revision signed, and pages as of a revision;
- the signatures are good, and `packyard fsck` finds nothing.

Anything else is told on stderr and ends in exit code 1. One JSON document on stdout. Only processes of its own are killed.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "kills"))
import asking  # noqa: E402
import disk  # noqa: E402
import logbook  # noqa: E402
from traffic import PLACES, Traffic  # noqa: E402


def main() -> int:
    args = arguments()
    if args.power_cut:
        disk.alone()
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    count: Counter = Counter()
    faults: list[str] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as tmp:
        keys = None
        while count["kills"] < args.kills and not faults:
            work = Path(tmp) / f"yard-{count['yards']}"
            work.mkdir()
            yard = Yard(args, work, random.Random(f"{seed}-{count['yards']}"), count)
            faults = yard.live(min(args.each, args.kills - count["kills"]), keys)
            count["yards"] += 1
            keys = keys or yard.kept_keys(Path(tmp))
            if not (faults and args.keep):
                yard.end()
            else:
                shutil.copytree(work, args.keep)
    for fault in faults:
        print(fault, file=sys.stderr)
    took = round(time.monotonic() - began, 1)
    print(json.dumps({"seed": seed, "seconds": took, "power_cut": args.power_cut, **dict(sorted(count.items())), "faults": faults[:20]}, indent=1))
    return 1 if faults else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=lambda p: Path(p).resolve(), help="the packyard to kill")
    parser.add_argument("--kills", type=int, default=500, help="how often (500)")
    parser.add_argument("--each", type=int, default=25, help="after how many kills a new yard is made (25)")
    parser.add_argument("--seed", type=int, help="of the moments and the work; printed on stderr")
    parser.add_argument("--longest", type=float, default=0.8, help="how many seconds a server is left to work at most (0.8)")
    parser.add_argument("--power-cut", action="store_true", help="lose what was not synced, too")
    parser.add_argument("--keep", type=Path, help="where to copy the yard to when something is wrong with it")
    return parser.parse_args()


class Yard:
    """One data directory and its servers, one after the other."""

    def __init__(self, args: argparse.Namespace, work: Path, rng: random.Random, count: Counter):
        self.args, self.work, self.rng, self.count = args, work, rng, count
        self.disk = (disk.Disk if args.power_cut else disk.Directory)(work)
        self.data = self.disk.path / "data"
        self.scratch = work / "scratch"
        self.scratch.mkdir()
        self.known: list[str] = []
        self.deeds: list = []
        self.process = None

    def kept_keys(self, where: Path) -> Path:
        """Making keys takes longer than anything else: later yards begin with those of the first one."""
        return Path(shutil.copytree(self.data / "keys", where / "keys"))

    def end(self) -> None:
        self.kill()
        self.disk.end()
        shutil.rmtree(self.work)

    def live(self, kills: int, keys: Path | None) -> list[str]:
        # Some yards are killed while their keys are being made.
        if keys and self.rng.random() < 0.8:
            self.data.mkdir()
            shutil.copytree(keys, self.data / "keys")
            subprocess.run(["sync", "-f", self.data], check=True)
        for n in range(kills):
            try:
                self.one_life(in_start=self.rng.random() < (0.5 if n == 0 else 0.1))
            except (asking.Wrong, asking.Gone, logbook.Damage, KeyError, StopIteration) as e:
                return [f"kill {n + 1} of yard {self.count['yards']}: {e!r}", *self.last_words()]
            if self.faults:
                return [f"kill {n + 1} of yard {self.count['yards']}: {f}" for f in self.faults] + self.last_words()
            self.count["kills"] += 1
        self.collect()
        return []

    def last_words(self) -> list[str]:
        return [(self.work / "server.log").read_text()[-3000:]]

    def one_life(self, in_start: bool) -> None:
        self.faults: list[str] = []
        if self.rng.random() < 0.5:
            self.age()
        if in_start:
            self.spawn()
            time.sleep(self.rng.uniform(0, 0.25))
            self.kill()
            self.count["kills_in_start"] += 1
            self.disk.cut()
        else:
            traffic = Traffic(self.args.binary, self.data, self.start(), self.rng, self.scratch)
            traffic.begin()
            self.wait_for_the_moment()
            self.kill()
            traffic.end_of_server(self.args.power_cut or self.rng.random() < 0.5)
            self.disk.cut()
            self.faults = traffic.faults
            self.judge(traffic)
        self.look()

    def age(self) -> None:
        """What was put long ago and no entry names is garbage; so that there is some, everything was put two hours ago."""
        before = time.time() - 7200
        for file in self.data.glob("store/blobs/*/*/*/*"):
            os.utime(file, (before, before))

    # -- the process

    def spawn(self) -> None:
        command = [self.args.binary, "serve", "--data", self.data, "--listen", "127.0.0.1:0"]
        with open(self.work / "server.log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self) -> asking.Server:
        began = time.monotonic()
        self.spawn()
        greeting = self.process.stdout.readline().strip()
        if not greeting.startswith("listening on http://"):
            raise asking.Wrong(f"the server does not start any more (exit code {self.process.wait()})")
        self.count["slowest_start_ms"] = max(self.count["slowest_start_ms"], round((time.monotonic() - began) * 1000))
        return asking.Server(greeting.removeprefix("listening on http://"), (self.data / "admin.token").read_text().strip())

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def wait_for_the_moment(self) -> None:
        """Any moment; or, as often, one around a commit, which few random ones meet."""
        ends = time.monotonic() + self.rng.uniform(0.02, self.args.longest)
        if self.rng.random() < 0.5:
            time.sleep(ends - time.monotonic())
            return
        log = self.data / "store/log"
        entry = len(list(log.glob("*.json"))) + self.rng.randrange(1, 12)
        # The name under which the store writes an entry before it links it into its place, or the entry itself.
        name = log / f"{entry:020}.json{self.rng.choice(['', '', '#1'])}"
        while not name.exists() and time.monotonic() < ends + 2 * self.args.longest:
            pass
        time.sleep(self.rng.choice([0, 0, 0.001, 0.003]))
        self.count["kills around a commit"] += 1

    def collect(self) -> None:
        """In the end nothing is left that no entry names; `live` has compared everything after the kill before."""
        self.age()
        done = subprocess.run([self.args.binary, "gc", "--grace", "0", "--json", "--data", self.data], capture_output=True, text=True, check=True)
        self.count["orphans at the end"] += json.loads(done.stdout)["orphans"]
        self.fsck()

    # -- the verdict

    def judge(self, traffic: Traffic) -> None:
        """What was asked for and seen before the kill, against the log that is there after it."""
        book = logbook.read(self.data / "store")
        for deed in traffic.deeds:
            if deed.acknowledged:
                self.count["acknowledged"] += 1
            elif deed.files:
                self.count["unanswered, and there" if in_log(book, deed) else "unanswered, and not there"] += 1
        self.deeds += traffic.deeds
        for channel, view, path, digest in traffic.seen:
            if digest not in book.signed.get((channel, view, path), ()):
                raise asking.Wrong(f"{path} of {channel} with digest {digest} was served, and no revision has it")
        for channel, project, serial, files in traffic.pages:
            if serial > book.head or files != book.at(channel, project, serial):
                raise asking.Wrong(f"the page of {project} in {channel} as of {serial} was served with {files}")
        self.count["states seen"] += len(traffic.seen) + len(traffic.pages)
        self.count["requests"] += traffic.requests
        self.count["orphans collected"] += traffic.orphans

    def look(self) -> None:
        """Starts the server again, asks for what had no answer, and compares everything."""
        server = self.start()
        self.ask_again(server)
        book = logbook.read(self.data / "store")
        if book.digests[: len(self.known)] != self.known:
            raise logbook.Damage("entries that had been read before are not what they were")
        self.known = book.digests
        for deed in self.deeds:
            if deed.acknowledged and not in_log(book, deed):
                raise asking.Wrong(f"lost: {deed}")
            if not deed.acknowledged and deed.files:
                in_log(book, deed)
        self.compare(server, book)
        self.count["most revisions"] = max(self.count["most revisions"], book.head)
        self.fsck()
        self.kill()

    def ask_again(self, server: asking.Server) -> None:
        again = Traffic(self.args.binary, self.data, server, self.rng, self.scratch)
        for deed in self.deeds:
            if not deed.acknowledged and deed.files and self.rng.random() < 0.5:
                status, said = deed.again(again)
                if status not in (200, 201):
                    raise asking.Wrong(f"asked for again, {deed} was answered with {status} {said}")
                deed.acknowledged = True
                self.count["asked for again"] += 1

    def compare(self, server: asking.Server, book: logbook.Logbook) -> None:
        for channel in sorted(book.state):
            held = book.state[channel]
            listed = {}
            for package in json.loads(server.get(f"/api/v1/channels/{channel}/packages"))["packages"]:
                for version in json.loads(server.get(f"/api/v1/channels/{channel}/packages/{package['name']}"))["versions"]:
                    for a in version["artifacts"]:
                        listed[logbook.place(a)] = (a["received"], a["served"])
            same(f"the API for {channel}", listed, {at: (h.received, h.served) for at, h in held.items()})
            for place in PLACES:
                for view, ending in [(asking.apt, ".deb"), (asking.yum, ".rpm")]:
                    offered = {n: h.served for (n, d, _), h in held.items() if n.endswith(ending) and d in ("any", place) and not h.yanked}
                    shown = view(server, channel, place, [])
                    # A distribution comes into being with what is published to it.
                    if shown is not None or any(d == place for _, d, _ in held):
                        same(f"{view.__name__} for {channel}/{place}", shown or {}, offered)
                asking.signatures(server, channel, place)
            for of, project in book.pip:
                if of == channel:
                    same(f"pip's page of {project} in {channel}", asking.pip(server, channel, project)[1], book.at(of, project, book.head))
            self.download(server, channel, held)

    def download(self, server: asking.Server, channel: str, held: dict) -> None:
        """All of a small channel, some of a large one."""
        for (name, place, component), h in self.rng.sample(sorted(held.items(), key=lambda i: i[0]), min(len(held), 30)):
            if name.endswith(".deb"):
                path = f"apt/pool/{h.served}/{name}"
            else:
                path = f"yum/{place}/x86_64/Packages/{h.served}/{name}" if name.endswith(".rpm") else f"files/{h.served}/{name}"
            if logbook.sha256(server.get(f"/{channel}/{path}")) != h.served:
                raise asking.Wrong(f"{path} does not have the digest in its name")
            self.count["downloads"] += 1

    def fsck(self) -> None:
        done = subprocess.run([self.args.binary, "fsck", "--json", "--data", self.data], capture_output=True, text=True)
        if done.returncode != 0:
            raise asking.Wrong(f"fsck ended with {done.returncode}: {done.stdout[:3000]} {done.stderr[:1000]}")
        self.count["clean fscks"] += 1


def in_log(book: logbook.Logbook, deed) -> bool:
    """Whether it is in the log; and if so, whole and once."""
    if deed.release and not deed.files:
        n, k = map(int, deed.release.split("."))
        change = book.changes.get((n, k), {})
        return change.get("do") == deed.verb and change.get("channel") == deed.channel
    if not deed.files:
        return True
    found, removed = [], set()
    for change in book.changes.values():
        if change.get("channel") != deed.channel:
            continue
        if change["do"] == "remove":
            removed |= {a["filename"] for a in change["artifacts"]}
        if change["do"] == "publish":
            of_deed = {a["filename"]: a["received"]["sha256"] for a in change["artifacts"] if a["filename"] in deed.files}
            # What somebody has removed meanwhile is published by asking again.
            is_back = found and of_deed.keys() <= removed
            found += [of_deed] * (bool(of_deed) and not is_back)
    if len(found) > 1:
        raise asking.Wrong(f"published in {len(found)} changes: {deed}")
    if found and found[0] != deed.files:
        raise asking.Wrong(f"half there: of {deed.files} only {found[0]}")
    return bool(found)


def same(what: str, shown, held) -> None:
    if shown == held:
        return
    if isinstance(held, dict):
        shown, held = set(shown.items()), set(held.items())
    raise asking.Wrong(f"{what}: it lacks {sorted(held - shown)[:3]}, and has {sorted(shown - held)[:3]} too many")


if __name__ == "__main__":
    sys.exit(main())
