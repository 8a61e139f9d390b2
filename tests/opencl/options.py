#!/usr/bin/env python3
"""What a person who asks the OpenCL backend for the wrong thing is told, and two of them at once."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from command import DEMO, SIROCCO, bad, call, check, good, run_tests  # noqa: E402

PROMPT = ("run", DEMO, "--instruct", "What is 27 plus 45?", "-n", 24)


def deployment(folder, options):
    path = folder / "deployment.yaml"
    lines = ["sirocco: deployment/1", "backends:", "  - name: opencl", "    options:"]
    path.write_text("\n".join(lines + [f"      {key}: {value}" for key, value in options.items()]
                              + ["fallback: forbid", ""]))
    return path


def mistakes(folder):
    bad(4, ["no OpenCL device is named", "0: "], *PROMPT, "--deployment",
        deployment(folder, {"device": "nothing-like-it"}))
    bad(4, ["unknown option colour", "platform, device"], *PROMPT, "--deployment",
        deployment(folder, {"colour": "red"}))
    bad(4, ['option lanes: "3"', "power of two"], *PROMPT, "--deployment",
        deployment(folder, {"lanes": '"3"'}))
    bad(4, ["unknown option host_visible"], *PROMPT, "--deployment",
        deployment(folder, {"host_visible": "true"}))


def answers(folder):
    expected = good(*PROMPT, "--backend", "cpu-onednn").stdout
    check("= 72." in expected, f"the answer was {expected!r}")
    chosen = good(*PROMPT, "--deployment", deployment(folder, {"device": '"0"'})).stdout
    check(chosen == expected, f"OpenCL answers {chosen!r}")


def two_processes(_folder):
    command = [str(SIROCCO), *map(str, PROMPT), "--backend", "opencl"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    check(said[0] == said[1] and "= 72." in said[0], f"two processes on one device answer {said}")


def caches(folder):
    expected = good(*PROMPT, "--backend", "cpu-onednn").stdout
    kept = folder / "kept"
    use = deployment(folder, {"cache": kept})
    check(good(*PROMPT, "--deployment", use).stdout == expected, "a new cache changes the answer")
    files = sorted(kept.iterdir())
    check(files, "nothing was kept in the cache")
    for file in files:
        file.write_bytes(file.read_bytes()[:40] + b"damaged")
    again = good(*PROMPT, "--deployment", use)
    check(again.stdout == expected, "a damaged cache changes the answer")
    check(all(not file.read_bytes().endswith(b"damaged") for file in files),
          "damaged files were not made again")
    unusable = folder / "unusable"
    unusable.write_text("a file where the folder should be")
    told = good(*PROMPT, "--deployment", deployment(folder, {"cache": unusable}))
    check(told.stdout == expected, "a cache that cannot be written to changes the answer")
    off = deployment(folder, {"cache": '"off"', "autotune": "false"})
    check(good(*PROMPT, "--deployment", off).stdout == expected, "without a cache it answers otherwise")


def main():
    missing = [line.strip() for line in call("plugins").stdout.splitlines() if "no OpenCL" in line]
    if missing:
        print(f"SKIPPED: {missing[0]}")
        sys.exit(77)
    run_tests(mistakes, answers, caches, two_processes)


if __name__ == "__main__":
    main()
