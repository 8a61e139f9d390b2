#!/usr/bin/env python3
"""Oclgrind's checks find what they are for: the plugin's kernel rms_norm passes, copies of it that lack a
barrier, or read or write one element too many, are each reported."""
import os
import pathlib
import subprocess
import sys
import tempfile

import oclgrind

OPS = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"]) / "plugins/opencl/ops"
ROWS, WIDTH, LANES = 3, 40, 8
OPTIONS = f"-DX=f32 -DA=f32 -DW=f32 -DS=f32 -DVEC=1 -DLANES={LANES} -cl-std=CL1.2"
OPTIONS += " " + oclgrind.BUILD_OPTIONS

# What oclgrind-kernel launches: program, kernel, items, items of a group, arguments.
SIMULATION = f"""{{program}}
rms_norm
{ROWS * LANES} 1 1
{LANES} 1 1
<size={ROWS * WIDTH * 4} float fill=2>
<size=8 ulong> 0
<size={WIDTH * 4} float fill=1>
<size=8 ulong> 0
<size={ROWS * WIDTH * 4} float fill=0 dump>
<size=8 ulong> 0
<size=4 uint> {WIDTH}
<size=4 float> 0
"""

BARRIER = "#define SYNC() barrier(CLK_LOCAL_MEM_FENCE)"
READ = "for (uint d = lane * VEC; d < width; d += LANES * VEC)"
STORE = "for (uint d = lane; d < width; d += LANES)"


def run(source):
    """The finished process of oclgrind.py, which launches the kernel."""
    with tempfile.TemporaryDirectory() as folder:
        program, simulation = pathlib.Path(folder, "rms_norm.cl"), pathlib.Path(folder, "rms_norm.sim")
        program.write_text(source)
        simulation.write_text(SIMULATION.format(program=program))
        return subprocess.run([sys.executable, "-B", oclgrind.__file__, "oclgrind-kernel", "--build-options",
                               OPTIONS, simulation], capture_output=True, text=True)


def broken(source, what, instead):
    if source.count(what) != 1:
        sys.exit(f"the kernel has not exactly one {what!r}: this test must follow it")
    return source.replace(what, instead)


def expect(report, source):
    process = run(source)
    if process.returncode != 1 or report not in process.stderr:
        sys.exit(f"{report!r} is not reported; exit {process.returncode}, and\n{process.stderr or 'nothing'}")
    print(f"reported: {report}")


def main():
    oclgrind.require()
    source = (OPS / "prelude.cl").read_text() + (OPS / "rms_norm.cl").read_text()
    whole = run(source)
    ones = whole.stdout.count("] = 1\n")
    if whole.returncode != 0 or ones != ROWS * WIDTH:
        sys.exit(f"the kernel as it is: exit {whole.returncode}, and {ones} of {ROWS * WIDTH} equal numbers "
                 f"are normed to 1\n{whole.stdout}\n{whole.stderr}")

    expect("data race at local memory", broken(source, BARRIER, "#define SYNC()"))
    expect("Invalid read of size 4 at global memory", broken(source, READ, READ.replace("<", "<=")))
    expect("Invalid write of size 4 at global memory", broken(source, STORE, STORE.replace("<", "<=")))


if __name__ == "__main__":
    main()
