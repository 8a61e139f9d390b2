#!/usr/bin/env python3
"""Every fault of faults.py is named by `sirocco compare --bisect`: kind, op, node, and the first node
that is wrong by itself. The example without a fault, and other backends, have nothing wrong with them."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from command import BUILD, DEMO, SOURCE, call, check, run_tests  # noqa: E402
from faults import FAULTS  # noqa: E402

# A window of 16 keys: a prompt of 24 goes beyond it.
MODEL = SOURCE / "tests/golden/models/mistral-swa"
PLUGINS = BUILD / "tests/plugins"


def compare(label, model, *arguments, prompt=24):
    """What the numbers of the first arm are; None where there are none."""
    result = call("compare", model, *arguments, "--no-speed", "--bisect", "--prompt-tokens", prompt,
                  "--single-tokens", 4, "--json")
    try:
        report = json.loads(result.stdout)
    except ValueError:
        check(False, f"{label}: no report\n{result.stderr}")
        return None
    problems = [arm["problem"] for arm in report["arms"] if arm["status"] != "ok"]
    check(result.returncode == 0 and not problems,
          f"{label}: exit {result.returncode}, {problems}\n{result.stderr}")
    return None if problems else report["numbers"]["arms"][0]


def check_fault(name, fault, numbers):
    def expect(what, got, wanted):
        check(got == wanted, f"{name}: {what} is {got}, expected {wanted}")

    expect("outside", numbers["timed"]["outside"], not fault.hidden)
    values = numbers["alone"]["values"]
    wrong = [value for value in values if value["outside"]]
    of_op = [value["node"] for value in values if value["op"] in fault.ops]
    nodes = fault.nodes or of_op
    if fault.alone:
        expect("first node out of bounds", numbers["alone"]["first_outside"],
               next(value["value"] for value in values if value["node"] == nodes[0]))
        expect("ops out of bounds", {value["op"] for value in wrong}, fault.ops)
    else:
        expect("nodes out of bounds", wrong, [])
    if fault.single:
        expect("nodes out of bounds in the prompt",
               [value["node"] for value in wrong if value["prompt"]["nmse"] > value["bound"]], [])
    found = numbers.get("bisect", {})
    print(f"{name}: {found.get('text')} ({found.get('measured')} measured)")
    expect("kind", found.get("kind"), "hidden" if fault.hidden else fault.kind)
    expect("ops", set(found.get("ops", [])), fault.ops)
    if fault.kind == "op":
        expect("nodes", found.get("nodes"), nodes)
    elif fault.kind == "region":
        least = min((op for op in fault.ops), key=lambda op: sum(v["op"] == op for v in values))
        expect("nodes", found.get("nodes"), [v["node"] for v in values if v["op"] == least])
    bound = numbers["timed"]["bound"]
    check(found.get("after", 1) <= bound, f"{name}: {found.get('after')} is left, beyond {bound}")


def faults(_):
    for name, fault in FAULTS.items():
        numbers = compare(name, MODEL, "--backends", PLUGINS / f"minimal-{name}.so", "--numerics",
                          "f32")
        if numbers:
            check_fault(name, fault, numbers)


def no_false_alarm(_):
    for backend in (PLUGINS / "minimal.so", "cpu-onednn"):
        for model, prompt, dtypes in ((MODEL, 24, ("f32", "bf16", "f16")), (DEMO, 8, ("f32",))):
            for numerics in dtypes:
                label = f"{pathlib.Path(backend).name} on {model.name} in {numerics}"
                numbers = compare(label, model, "--backends", backend, "--numerics", numerics,
                                  prompt=prompt)
                if not numbers:
                    continue
                wrong = [value["node"] for value in numbers["alone"]["values"] if value["outside"]]
                check(not numbers["timed"]["outside"], f"{label}: outputs out of bounds")
                check(not wrong, f"{label}: {wrong} out of bounds")
                check("bisect" not in numbers, f"{label}: {numbers.get('bisect')}")


if __name__ == "__main__":
    run_tests(faults, no_false_alarm)
