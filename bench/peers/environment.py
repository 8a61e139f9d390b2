"""A throw-away Python environment of one peer: made, filled from the package index, and remembered."""
import json
import os
import re
import signal
import subprocess
import sys
import venv


class Failure(RuntimeError):
    """A peer that cannot be had or run here, and why."""


def last_words(text):
    """The lines of a long output that say what went wrong: its first error, from which others follow, and
    its last; else its end. Places on this machine are cut to the files' names."""
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    told = [line for line in lines if re.search(r"\bCMake Error\b|\w*error:", line, re.IGNORECASE)
            and "subprocess-exited-with-error" not in line]  # pip's heading over what the other said
    chosen = list(dict.fromkeys((told[:1] + told[-1:]) or lines[-2:]))
    return re.sub(r"/[^\s:'\"]*/", "…/", " / ".join(chosen))[:400]


class Environment:
    """`folder` holds env/ (the environment), installed.json (what is in it and how it came), log.txt."""

    def __init__(self, folder, minutes):
        self.folder, self.minutes = folder, minutes

    @property
    def python(self):
        return self.folder / "env" / "bin" / "python"

    @property
    def packages(self):
        return next((self.folder / "env" / "lib").glob("python3*/site-packages"))

    def sibling(self, name):
        return Environment(self.folder.parent / name, self.minutes)

    def make(self):
        if not self.python.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            venv.create(self.folder / "env", with_pip=True)

    def see(self, *others):
        """Packages of other environments can be imported too, behind this one's own."""
        self.make()
        (self.packages / "seen.pth").write_text("".join(f"{other.packages}\n" for other in others))

    def run(self, arguments, variables=None):
        """Runs this Python, politely and within the time; Failure tells the end of what it printed."""
        command = [str(self.python), *map(str, arguments)]
        with open(self.folder / "log.txt", "a+", encoding="utf-8", errors="replace") as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            start = log.tell()
            run = subprocess.Popen(["nice", "-n", "10", *command], stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, env=os.environ | (variables or {}),
                                   start_new_session=True)
            try:
                code = run.wait(timeout=self.minutes * 60)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                raise Failure(f"did not finish within {self.minutes:g} minutes here") from None
            except BaseException:
                os.killpg(run.pid, signal.SIGKILL)
                raise
            log.seek(start)
            if code != 0:
                raise Failure(f"exit {code}: {last_words(log.read())}")

    def installed(self, packages):
        """How these came here, or None where they did not."""
        marker = self.folder / "installed.json"
        if not marker.exists():
            return None
        found = json.loads(marker.read_text())
        return found["how"] if found["packages"] == list(packages) else None

    def remember(self, packages, how):
        (self.folder / "installed.json").write_text(json.dumps({"packages": list(packages), "how": how}))
        return how

    def pip(self, *arguments, variables=None):
        self.make()
        print(f"== {self.folder.name}: installing {' '.join(arguments)}", file=sys.stderr, flush=True)
        self.run(["-m", "pip", "install", "--disable-pip-version-check", *arguments], variables)

    def install(self, *packages, reason="the index has no source distribution"):
        """The packages as published, and why not from source; gives words on how."""
        how = self.installed(packages)
        if how:
            return how
        self.pip("--prefer-binary", *packages)
        return self.remember(packages, f"wheel as published ({reason})")

    def install_native(self, name, variables, *others):
        """One package built for this machine from its source distribution, else as published."""
        how = self.installed([name, *others])
        if how:
            return how
        how = "built here from source"
        try:
            self.pip("-v", "--no-binary", name, name, *others,
                     variables={"CMAKE_BUILD_PARALLEL_LEVEL": "2", **variables})
        except Failure as failure:
            how = f"wheel as published (source build: {failure})"
            self.pip("--only-binary", name, name, *others)
        return self.remember([name, *others], how)


def convert_with_torch(environment, arguments, *packages):
    """Runs Python on a peer's converter, which reads checkpoints through transformers and PyTorch.

    Those two are large: all converters see the one environment of the peer that runs on them.
    """
    from peers import transformers
    torch = environment.sibling("transformers")
    transformers.install(torch)
    converter = Environment(environment.folder / "converter", environment.minutes)
    converter.see(environment, torch)
    if packages:
        converter.install(*packages)
    converter.run(arguments, {"HF_HUB_OFFLINE": "1"})


