#!/usr/bin/env python3
"""What a person who asks the CUDA backend for the wrong thing is told, what is said of its devices and of
cuBLASLt, and two processes on one device at once. In the emulator: no GPU."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from command import DEMO, SIROCCO, bad, check, good, run_tests  # noqa: E402

PLUGIN = sys.argv[sys.argv.index("--plugin") + 1]
QUESTION = ("run", DEMO, "--instruct", "What is 27 plus 45?", "-n", 8)  # few tokens: an emulator is slow
PROMPT = (*QUESTION, "--plugin-path", PLUGIN)


def environment(**variables):
    return dict(os.environ, **{f"CUDA_EMULATION_{name}": value for name, value in variables.items()})


def deployment(folder, options, device=0):
    path = folder / "deployment.yaml"
    lines = ["sirocco: deployment/1", "backends:", "  - name: cuda", f"    device: {device}", "    options:"]
    path.write_text("\n".join(lines + [f"      {key}: {value}" for key, value in options.items()]
                              + ["fallback: forbid", ""]))
    return path


def mistakes(folder):
    bad(4, ["unknown option colour", "devices, graphs, gemm"], *PROMPT, "--deployment",
        deployment(folder, {"colour": "red"}))
    bad(4, ["option gemm", "\"fast\" is not auto, own or cublaslt"], *PROMPT, "--deployment",
        deployment(folder, {"gemm": "fast"}))
    bad(4, ["option devices", "no CUDA device 3, only 1"], *PROMPT, "--deployment",
        deployment(folder, {"devices": '"3"'}))
    bad(4, ["cuda", "device 1"], *PROMPT, "--deployment", deployment(folder, {"graphs": "true"}, device=1))
    bad(4, ["option gemm", "libcublasLt.so", "cannot open shared object file", "gemm: auto"], *PROMPT,
        "--deployment", deployment(folder, {"gemm": "cublaslt"}), env=environment(CUBLASLT="absent"))


def products_that_fail(folder):
    """The node, the product and the library's own words; the prompt has more than a few tokens."""
    bad(4, ["layers.0", "cuBLASLt: the product of [", "CUBLAS_STATUS_EXECUTION_FAILED"], *PROMPT, "--numerics",
        "bf16", "--deployment", deployment(folder, {"gemm": "cublaslt"}), env=environment(CUBLASLT="fail"))


def listed(_folder):
    plugins = ("plugins", "--plugin-path", PLUGIN)
    two = good(*plugins, env=environment(DEVICES="2")).stdout
    check(two.count("products of many rows by cuBLASLt 13.") == 2, f"two devices are listed as\n{two}")
    without = good(*plugins, env=environment(CUBLASLT="absent")).stdout
    check("all products by own kernels (cuBLASLt was not found" in without, f"without cuBLASLt: {without}")


def two_processes(_folder):
    expected = good(*QUESTION, "--backend", "reference").stdout
    check(len(expected.split()) > 2, f"the reference answers {expected!r}")
    command = [str(SIROCCO), *map(str, PROMPT), "--backend", "cuda", "--fallback", "forbid"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    check(said == [expected, expected], f"two processes on one device answer {said}, expected {expected!r}")


if __name__ == "__main__":
    run_tests(mistakes, products_that_fail, listed, two_processes)
