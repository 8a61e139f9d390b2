"""The driver's side of a peer's process: a line there, an answer back, and what others used meanwhile."""
import json
import os
import select
import subprocess
import time

from measure import ROOT, busy_seconds, warm
from peers.environment import Failure, last_words


def processor_seconds(pid):
    """Seconds that a process's threads worked (proc(5): utime and stime)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Process:
    """One run of `python -m peers.NAME`; ends with the block."""

    def __init__(self, python, name, threads, log):
        limits = {key: str(threads) for key in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS",
                                                "OPENBLAS_NUM_THREADS")}
        self.log = open(log, "w+", encoding="utf-8", errors="replace")
        self.child = subprocess.Popen(
            [str(python), "-m", f"peers.{name}"], cwd=ROOT / "bench", stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=os.environ | limits | {"HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()
        self.log.close()

    def ask(self, *line, seconds=600):
        """The answer, and the share of a processor that went to others; Failure where none comes."""
        own, busy, start = self.own_seconds(), busy_seconds(), time.monotonic()
        try:
            self.child.stdin.write(json.dumps([*map(self.plain, line)]) + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            raise Failure(self.ended(line)) from None
        if not select.select([self.child.stdout], [], [], seconds)[0]:
            raise Failure(f"{line[0]}: no answer within {seconds} s")
        text = self.child.stdout.readline()
        if not text:
            raise Failure(self.ended(line))
        answer = json.loads(text)
        if "error" in answer:
            raise Failure(f"{line[0]}: {answer['error']}")
        if line[0] == "quit":
            return answer, 0.0
        wall, others = time.monotonic() - start, busy_seconds() - busy - (self.own_seconds() - own)
        # The system counts in hundredths of a second: a short wait cannot say more.
        return answer, max(others - 2 / os.sysconf("SC_CLK_TCK"), 0.0) / wall

    @staticmethod
    def plain(part):
        return part if isinstance(part, (int, list)) else str(part)

    def own_seconds(self):
        try:
            own = os.times()
            return processor_seconds(self.child.pid) + own.user + own.system
        except OSError:
            raise Failure("the process has ended") from None

    def ended(self, line):
        code = self.child.wait()
        self.log.seek(0)
        return f"{line[0]}: the process ended with {code}: {last_words(self.log.read())}"


def sample(python, name, model, arguments, log):
    """One run: facts of the peer, tokens/s of pp, tg and tg_deep, seconds to load, the peak of memory.

    `disturbances` tells how much of a processor others used during each.
    """
    warm(model)
    longest = max(arguments.prompt, arguments.depth + arguments.generate) + 64
    with Process(python, name, arguments.threads, log) as process:
        facts, loading = process.ask("load", model, arguments.threads, longest)
        result = {key: facts[key] for key in ("version", "weights", "computes")}
        result["load_seconds"] = facts["seconds"]
        result["disturbances"] = {"load_seconds": loading}
        process.ask("pp", min(arguments.prompt, 64))

        def measure(key, count, *line):
            answer, result["disturbances"][key] = process.ask(*line)
            result[key] = count / answer["seconds"]

        measure("pp", arguments.prompt, "pp", arguments.prompt)
        measure("tg", arguments.generate, "tg", arguments.generate, 0)
        if arguments.depth:
            measure("tg_deep", arguments.generate, "tg", arguments.generate, arguments.depth)
        result["peak_resident_bytes"] = process.ask("quit")[0]["peak_resident_bytes"]
    return result
