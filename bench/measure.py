"""What measuring programs share: processes whose work is told from others', Sirocco's own runs, the machine."""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
# Of a processor, used by others while something was measured: more of it, and the figure is disturbed.
DISTURBED = 0.12


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def numpy_python():
    """The Python with which the build's tests run."""
    cache = ROOT / "build/CMakeCache.txt"
    for line in cache.read_text().split("\n") if cache.exists() else ():
        if line.startswith("SIROCCO_PYTHON:"):
            return line.split("=", 1)[1]
    sys.exit("build/CMakeCache.txt names no Python with numpy: ./dev build first")


def make_model(shape, gguf):
    """The folder of a random model of that shape, made where it is not there."""
    model = WORK / shape
    if not (model / ("model.gguf" if gguf else "model.safetensors")).exists():
        say(f"making random weights in {model}")
        subprocess.run([numpy_python(), ROOT / "bench/random_model.py", "--shape", shape, model]
                       + (["--gguf"] if gguf else []), check=True)
    return model


def busy_seconds():
    """Seconds that processors worked for anybody."""
    ticks = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]))
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def run_arm(command, **environment):
    """What the process printed, and how much of a processor went to others meanwhile."""
    before, used, start = busy_seconds(), os.times(), time.monotonic()
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                         env=os.environ | environment)
    if run.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit {run.returncode}\n{run.stderr}")
    after, now = busy_seconds(), os.times()
    own = (now.children_user + now.children_system) - (used.children_user + used.children_system)
    return json.loads(run.stdout), max(after - before - own, 0.0) / (time.monotonic() - start)


def warm(path):
    """Reads a file, or a folder's files, so that they are in the system's cache whatever ran before."""
    for part in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
        with open(part, "rb", buffering=0) as file:
            while file.read(1 << 24):
                pass


def sirocco_arm(arguments, model):
    """One run of `sirocco bench` (two with a depth), and the largest disturbance of them.

    `disturbances` in the result tells that of each figure by itself.
    """
    warm(model / "model.safetensors")
    command = [arguments.sirocco, "bench", model, "-r", "1", "--json", "--threads",
               arguments.threads, "-p", arguments.prompt, "-n", arguments.generate, "-d", "0"]
    found, disturbance = run_arm(command)
    tests = {test["test"]: test for test in found["tests"]}
    pp, tg = tests[f"pp{arguments.prompt}"], tests[f"tg{arguments.generate}"]
    alone = {"pp": pp["samples"][0]["disturbance"], "tg": tg["samples"][0]["disturbance"]}
    result = {"load_seconds": found["load_seconds"],
              "peak_resident_bytes": found["peak_resident_bytes"],
              "pp": pp["tokens_per_second"], "tg": tg["tokens_per_second"],
              "bandwidth_share": tg["bandwidth_share"],
              "own_bandwidth_share": tg["own_bandwidth_share"], "probe": found["probe"],
              "flops_share": pp["flops_share"], "placement": found["placement"],
              "numerics": tg["numerics"], "build": tg["build"],
              "pp_overhead": pp["overhead_share"], "tg_overhead": tg["overhead_share"]}
    if arguments.depth:
        command[-1] = arguments.depth
        command[command.index("-p") + 1] = 0
        found, more = run_arm(command)
        disturbance = max(disturbance, more)
        deep = found["tests"][0]
        alone["tg_deep"] = deep["samples"][0]["disturbance"]
        result["tg_deep"] = deep["tokens_per_second"]
        result["deep_bandwidth_share"] = deep["bandwidth_share"]
        result["deep_own_bandwidth_share"] = deep["own_bandwidth_share"]
        result["peak_resident_bytes"] = max(result["peak_resident_bytes"],
                                            found["peak_resident_bytes"])
    # Loading is not told by itself: the run around it is the nearest thing.
    result["disturbances"] = {**alone, "load_seconds": disturbance}
    return result, disturbance


def instructions(arguments):
    """The level of instructions that the backend uses, and the dtype of its large products."""
    found = json.loads(subprocess.run([arguments.sirocco, "doctor", "--json"], check=True,
                                      capture_output=True, text=True).stdout)
    level = next(device.split(": ", 1)[1] for device in found["devices"] if "cpu-onednn" in device)
    return level, "bf16" if level in ("avx512_bf16", "amx") else "f32"


def quiet(samples):
    """Results of undisturbed (result, disturbance)."""
    return [result for result, disturbance in samples if disturbance <= DISTURBED]


def clean(samples):
    """Undisturbed results, where there are enough of them, else all."""
    return quiet(samples) if len(quiet(samples)) >= 3 else [result for result, _ in samples]


def count(samples):
    """How many there are, and how many of them were undisturbed."""
    n = len(quiet(samples))
    return f"{n} undisturbed of {len(samples)}" if n >= 3 else f"all {len(samples)}, {n} undisturbed"


def median(samples, key):
    return statistics.median(sample[key] for sample in samples if key in sample)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().split("\n"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
