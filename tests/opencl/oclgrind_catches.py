#!/usr/bin/env python3
"""Oclgrind's checks find what they are for: the plugin's kernel rms_norm passes, copies of it that lack a
barrier, or read or write one element too many, are each reported."""
import os
import pathlib
import sys
import tempfile

import oclgrind

OPS = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"]) / "plugins/opencl/ops"
ROWS, WIDTH, LANES = 3, 40, 8
OPTIONS = f"-DX=f32 -DA=f32 -DW=f32 -DS=f32 -DVEC=1 -DLANES={LANES} -cl-std=CL1.2"

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


def reports_on(source):
    with tempfile.TemporaryDirectory() as folder:
        program, simulation = pathlib.Path(folder, "rms_norm.cl"), pathlib.Path(folder, "rms_norm.sim")
        program.write_text(source)
        simulation.write_text(SIMULATION.format(program=program))
        process, reports = oclgrind.run([simulation], "oclgrind-kernel", OPTIONS, capture_output=True,
                                        text=True)
    if process.returncode != 0:
        sys.exit(f"oclgrind-kernel: exit {process.returncode}\n{process.stdout}\n{process.stderr}\n{reports}")
    return process.stdout, reports


def broken(source, what, instead):
    if source.count(what) != 1:
        sys.exit(f"the kernel has not exactly one {what!r}: this test must follow it")
    return source.replace(what, instead)


def expect(source, *reports):
    found = reports_on(source)[1]
    for report in reports:
        if report not in found:
            sys.exit(f"{report!r} is not reported, but:\n{found or 'nothing'}")
        print(f"reported: {report}")


def main():
    oclgrind.require()
    source = (OPS / "prelude.cl").read_text() + (OPS / "rms_norm.cl").read_text()
    output, reports = reports_on(source)
    if reports.strip():
        sys.exit(f"the kernel as it is:\n{reports}")
    ones = output.count("] = 1\n")
    if ones != ROWS * WIDTH:
        sys.exit(f"equal numbers are not normed to 1, {ones} are:\n{output}")

    expect(broken(source, BARRIER, "#define SYNC()"), "data race at local memory")
    expect(broken(source, READ, READ.replace("<", "<=")), "Invalid read of size 4 at global memory")
    expect(broken(source, STORE, STORE.replace("<", "<=")), "Invalid write of size 4 at global memory")


if __name__ == "__main__":
    main()
