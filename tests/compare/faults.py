#!/usr/bin/env python3
"""Ways to make examples/backend-minimal subtly wrong, and what a comparison must say of each.

A fault is a change of one source file: texts that stand in it exactly once, and what stands there
instead. The example itself has no faults in it.

    faults.py list                      NAME FILE, one a line
    faults.py write NAME FOLDER OUT     the file of FOLDER with the fault in it, to OUT
"""
import pathlib
import sys
from dataclasses import dataclass, field


@dataclass
class Fault:
    what: str
    file: str
    changes: dict
    kind: str  # what --bisect must find: "op" or "region"
    ops: set  # exactly these
    nodes: list = field(default_factory=list)  # exactly these; empty: all nodes of the op
    hidden: bool = False  # the outputs stay within bounds
    single: bool = False  # only steps of one token are wrong
    alone: bool = True  # nodes are out of bounds by themselves


FAULTS = {
    "rope-off-by-one": Fault(
        "every position is one too high; rotations are relative, so that the outputs are right",
        "rope.cpp", {"positions[t] *": "(positions[t] + 1) *"}, "op", {"rope"}, hidden=True),
    "rope-off-by-one-decoding": Fault(
        "the same in steps of one token, whose cached keys are turned rightly",
        "rope.cpp", {"positions[t] *": "(positions[t] + (x.rows() == 1 ? 1 : 0)) *"},
        "op", {"rope"}, single=True),
    "rms-norm-without-eps": Fault(
        "", "rms_norm.cpp", {"const double root = std::sqrt(mean + eps)":
                             "const double root = std::sqrt(mean + 0 * eps)"}, "op", {"rms_norm"}),
    "rms-norm-divisor": Fault(
        "the mean of n - 1", "rms_norm.cpp",
        {"static_cast<double>(x.width())": "static_cast<double>(x.width() - 1)"},
        "op", {"rms_norm"}),
    "attention-window-off-by-one": Fault(
        "one key too many is in the window", "attention.cpp",
        {"last - params.window + 1": "last - params.window"}, "op", {"attention"}),
    "attention-sees-next-token": Fault(
        "the causal mask lets the next token of a prompt in", "attention.cpp",
        {"last = call.step().index_in_sequence(t);":
         "last = std::min<int64_t>(call.step().index_in_sequence(t) + 1,"
         "call.step().kv_lens()[static_cast<size_t>(seq)] - 1);"}, "op", {"attention"}),
    "attention-scale": Fault(
        "off by a thousandth", "attention.cpp",
        {"score *= params.scale": "score *= params.scale * 1.001"}, "op", {"attention"}),
    "kv-slot-decoding": Fault(
        "a single token's key and value go to the slot of the token before", "attention.cpp",
        {"if (slot < 0) continue;": "if (slot < 0) continue;\n      if (tokens == 1) {\n"
         "append(call.input(1), state.keys, t, slot - 1, memory);\n"
         "append(call.input(2), state.values, t, slot - 1, memory);\ncontinue;\n}"},
        "op", {"attention"}, single=True),
    "linear-last-column": Fault(
        "the last element of every row is left out", "linear.cpp",
        {"k < width": "k + 1 < width"}, "op", {"linear"}),
    "linear-bf16-sums": Fault(
        "sums are kept in bf16", "linear.cpp",
        {"sum += a[k] * b[k]": "sum = sirocco::sdk::bf16_to_float("
                               "sirocco::sdk::double_to_bf16(sum + a[k] * b[k]))"},
        "op", {"linear"}),
    "linear-last-row": Fault(
        "the last token of a large vocabulary gets no logit", "linear.cpp",
        {"store_doubles(y.data, y.dtype, (first + r) * y.width() + output, 1, &sum)":
         "store_doubles(y.data, y.dtype, (first + r) * y.width() + output, 1, "
         "output == 511 ? &bias : &sum)"}, "op", {"linear"}, ["logits"]),
    "swiglu-swapped": Fault(
        "gate and up are exchanged where swiglu runs alone; fused with a product it is right",
        "elementwise.cpp", {"swish(gate) * up": "gate * swish(up)"}, "op", {"swiglu"}, hidden=True),
    "residual-dropped": Fault(
        "in one layer", "elementwise.cpp",
        {"  return {.op = \"add\", .accepts = accepts_binary, .run = run_add, "
         ".scratch = scratch_rows<2>};":
         "  return {.op = \"add\", .accepts = accepts_binary, .run = run_add, "
         ".scratch = scratch_rows<2>,\n .prepare = [](const sdk::NodeView& node) {\n"
         "   return sdk::make_params(node.path() == \"layers.1/h\" ? 0.0 : 1.0); }};",
         "run_binary(call, [](double a, double b) { return a + b; })":
         "run_binary(call, [k = call.params<double>()](double a, double b) { return k * a + b; })"},
        "op", {"add"}, ["layers.1/h"]),
    "embedding-shifted": Fault(
        "the row after the token's", "lookups.cpp",
        {"sdk::load_row(weight, token[t]": "sdk::load_row(weight, (token[t] + 1) % weight.dims[0]"},
        "op", {"embedding"}, ["h"]),
    "fused-swiglu-linear": Fault(
        "swiglu and the product behind it are right, but not where they run as one",
        "linear.cpp", {"sdk::load_row(up, r, other)": "sdk::load_row(up, r - r % kBlock, other)"},
        "region", {"swiglu", "linear"}, alone=False),
}


def write(fault, folder, out):
    text = pathlib.Path(folder, fault.file).read_text()
    for good, wrong in fault.changes.items():
        if text.count(good) != 1:
            sys.exit(f"{fault.file} has {text.count(good)} times what a fault is to change: {good}")
        text = text.replace(good, wrong)
    pathlib.Path(out).write_text(text)


def main():
    if sys.argv[1] == "list":
        print("\n".join(f"{name} {fault.file}" for name, fault in FAULTS.items()))
    else:
        write(FAULTS[sys.argv[2]], sys.argv[3], sys.argv[4])


if __name__ == "__main__":
    main()
