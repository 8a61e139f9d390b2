#!/usr/bin/env python3
"""Compiles the CUDA plugin's kernels for every architecture and writes docs/cuda-kernels.md: registers,
shared memory and spills as ptxas reports them, with an estimate of occupancy and of what a launch costs
at least. Fails where a kernel that decoding runs spills on sm_90a.

Nothing here is measured: no kernel has run on a GPU.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

ARCHITECTURES = ["80", "86", "89", "90a", "100"]
# By compute capability: threads, blocks, registers and bytes of shared memory of a multiprocessor, as the
# CUDA C++ Programming Guide's "Technical Specifications per Compute Capability" has them.
LIMITS = {"80": (2048, 32, 65536, 164 << 10), "86": (1536, 16, 65536, 100 << 10),
          "89": (1536, 24, 65536, 100 << 10), "90a": (2048, 32, 65536, 228 << 10),
          "100": (2048, 32, 65536, 228 << 10)}
RESERVED = 1 << 10  # bytes of shared memory that each block takes for the system, from 8.0 on
# What an H100 SXM is sold as: bytes a second, and operations a second in f32 and, dense, in 16 bits.
BANDWIDTH, F32, F16 = 3.35e12, 67e12, 989e12
DECODING = ("few_rows", "decode", "combine", "append_rows", "look_up", "gather", "norm_row", "rope_row",
            "elementwise", "sample_row")
# The shape that costs are given for: bench/shapes.py, "1b".
DIM, FF, HEADS, KV_HEADS, HEAD_DIM, DEPTH, ROWS = 3072, 9216, 32, 8, 128, 4096, 512


def size_of(text):
    return 4 if text == "float" else 2


def product(rows, n, k, x, w, peak):
    return rows * k * x + n * k * w + rows * n * x, 2 * rows * n * k, peak


def cost(name, arguments):
    """(what one launch does, bytes, operations, operations a second), or None."""
    if name == "few_rows":
        rows = int(arguments[1])
        return f"gate and up, {rows} rows", *product(rows, 2 * FF, DIM, 4, size_of(arguments[0]), F32)
    if name == "tiles":
        return f"down, {ROWS} rows", *product(ROWS, DIM, FF, *map(size_of, arguments[:2]), F32)
    if name == "tensor_tiles":
        rows = ROWS if "128" in "".join(arguments[1:]) else 64
        return f"down, {rows} rows", *product(rows, DIM, FF, 2, 2, F16)
    if name == "decode":
        keys = 2 * DEPTH * KV_HEADS * HEAD_DIM
        return f"one token, depth {DEPTH}", keys * size_of(arguments[0]), 2 * keys * int(arguments[1]), F32
    if name in ("prefill_tiles", "prefill_tensor_cores"):
        peak, size = (F32, 4) if name == "prefill_tiles" else (F16, 2)
        values = ROWS * (2 * HEADS + 2 * KV_HEADS) * HEAD_DIM
        return f"{ROWS} tokens", values * size, 2 * ROWS * ROWS * HEADS * HEAD_DIM, peak
    if name in ("norm_row", "look_up", "rope_row", "gather"):
        return f"{ROWS} rows", 2 * ROWS * DIM * 2, 4 * ROWS * DIM, F32
    if name == "finish_sums":
        return f"gate and up, {ROWS} rows", 3 * ROWS * FF * 2, 4 * ROWS * FF, F32
    if name == "elementwise":
        return f"{ROWS} rows", 3 * ROWS * DIM * 2, ROWS * DIM, F32
    return None


def occupancy(architecture, registers, shared, threads):
    """Share of a multiprocessor's threads that blocks of this size fill."""
    most_threads, most_blocks, most_registers, most_shared = LIMITS[architecture]
    warps = -(-threads // 32)
    by_registers = most_registers // (-(-registers * 32 // 256) * 256 * warps)
    by_shared = most_shared // (shared + RESERVED)
    blocks = min(most_threads // threads, most_blocks, by_registers, by_shared)
    return blocks * threads / most_threads


def demangled(names):
    run = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    return dict(zip(names, run.stdout.splitlines()))


def short(name):
    """sirocco::cuda::(anonymous namespace)::few_rows<__half, 2>(…) -> few_rows<f16, 2>"""
    name = re.sub(r"^void ", "", name)
    name = name[:name.rindex("(")] if name.endswith(")") else name
    for long, brief in (("sirocco::cuda::", ""), ("(anonymous namespace)::", ""), ("_NV_ANON_NAMESPACE::", ""),
                        ("__nv_bfloat16", "bf16"), ("__half", "f16"), ("(int)", "")):
        name = name.replace(long, brief)
    return re.sub(r"_GLOBAL__N__\w+::", "", name)


def parts(name):
    base, _, rest = name.partition("<")
    return base, [word.strip() for word in rest.rstrip("> ").split(",")] if rest else []


def compile_file(nvcc, source, includes, folder):
    """[(kernel, architecture, registers, shared bytes, spilled bytes)], {kernel: threads}"""
    flags = ["-std=c++20", "-O3", "-Werror=all-warnings", *(f"-I{path}" for path in includes)]
    gencode = [f"-gencode=arch=compute_{a},code=sm_{a}" for a in ARCHITECTURES]
    target = folder / (source.stem + ".cubin.o")
    run = subprocess.run([nvcc, *flags, *gencode, "-Xptxas=-v", "-c", source, "-o", target],
                         capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{source}:\n{run.stdout}{run.stderr}")
    entries, kernel, spilled = [], None, 0
    for line in (run.stdout + run.stderr).splitlines():
        if found := re.search(r"Compiling entry function '(\w+)' for 'sm_(\w+)'", line):
            kernel = found.groups()
        elif found := re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", line):
            spilled = int(found[1]) + int(found[2])
        elif kernel and (found := re.search(r"Used (\d+) registers", line)):
            shared = re.search(r"(\d+) bytes smem", line)
            entries.append((*kernel, int(found[1]), int(shared[1]) if shared else 0, spilled))
            kernel = None
    ptx = folder / (source.stem + ".ptx")
    subprocess.run([nvcc, *flags, "-arch=compute_90a", "-ptx", source, "-o", ptx], check=True,
                   capture_output=True)
    threads = dict(re.findall(r"\.entry (\w+)\([^)]*\)\s*\.maxntid (\d+)", ptx.read_text()))
    return entries, {name: int(count) for name, count in threads.items()}


def table(entries, threads):
    names = demangled(sorted({entry[0] for entry in entries}))
    rows, spills = {}, []
    for mangled, architecture, registers, shared, spilled in entries:
        name = short(names[mangled])
        if name == "nothing":
            continue
        if mangled not in threads:
            sys.exit(f"{name}: no __launch_bounds__")
        rows.setdefault(name, {})[architecture] = (registers, shared, spilled, threads[mangled])
        if spilled and architecture == "90a" and parts(name)[0] in DECODING:
            spills.append(f"{name} spills {spilled} bytes on sm_90a")
    lines = ["| kernel | threads | shared memory, bytes | " +
             " | ".join(f"sm_{a}" for a in ARCHITECTURES) + " |", "|---" * (3 + len(ARCHITECTURES)) + "|"]
    for name in sorted(rows):
        cells = []
        for a in ARCHITECTURES:
            registers, shared, spilled, count = rows[name][a]
            share = occupancy(a, registers, shared, count)
            cells.append(f"{registers}, {spilled or 'none'}, {share:.0%}")
        lines.append(f"| `{name}` | {count} | {shared} | {' | '.join(cells)} |")
    costs = ["| kernel | launch | MB | Mflop | at least, µs | limit |", "|---|---|---|---|---|---|"]
    for name in sorted(rows):
        known = cost(*parts(name))
        if not known:
            continue
        what, size, operations, peak = known
        memory, arithmetic = size / BANDWIDTH * 1e6, operations / peak * 1e6
        costs.append(f"| `{name}` | {what} | {size / 1e6:.2f} | {operations / 1e6:.0f} | "
                     f"{max(memory, arithmetic):.2f} | {'memory' if memory > arithmetic else 'arithmetic'} |")
    return lines, costs, spills


PAGE = """# Kernels of the CUDA plugin

Written by `tools/shards/70-cuda.sh` from what {version} reports. Not yet run on a GPU: nothing on this page
was measured.

## Registers, spills and occupancy

For each architecture: registers a thread, bytes spilled (stores and loads), and the share of a
multiprocessor's threads that its blocks fill, by the least of what threads, blocks, registers (allocated to
a warp in units of 256) and shared memory (with 1 KiB a block for the system) allow.

{table}

## What a launch costs at least

Bytes that must move and operations that must be done at the shape "1b" of `bench/shapes.py`, and the time
that an H100 SXM would need for the slower of the two at the {bandwidth:.2f} TB/s, {f32:.0f} (f32) or
{f16:.0f} (16-bit, dense) Tflop/s that it is sold with: a bound, not a forecast.

{costs}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nvcc", default="nvcc")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[2])
    parser.add_argument("--out", type=pathlib.Path, help="the page (default: only check)")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    plugin = arguments.root / "plugins/cuda"
    includes = [plugin, arguments.root / "core/abi", arguments.root / "core/sdk"]
    entries, threads = [], {}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        compiled = pool.map(lambda source: compile_file(arguments.nvcc, source, includes, pathlib.Path(folder)),
                            sorted(plugin.glob("ops/*.cu")))
        for more, counts in compiled:
            entries += more
            threads |= counts
    lines, costs, spills = table(entries, threads)
    version = subprocess.run([arguments.nvcc, "--version"], capture_output=True, text=True, check=True).stdout
    release = re.search(r"release ([\d.]+)", version)[1]
    page = PAGE.format(version=f"nvcc {release}", table="\n".join(lines), costs="\n".join(costs),
                       bandwidth=BANDWIDTH / 1e12, f32=F32 / 1e12, f16=F16 / 1e12)
    if arguments.out:
        arguments.out.write_text(page)
    print(f"{len(lines) - 2} kernels on {len(ARCHITECTURES)} architectures")
    if spills:
        sys.exit("\n".join(spills))


if __name__ == "__main__":
    main()
