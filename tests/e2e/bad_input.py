#!/usr/bin/env python3
"""Bad input to every verb: a message that names the thing, the exit code of its kind, nothing left."""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import safetensors_io  # noqa: E402

SOURCE = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["SIROCCO_BUILD_DIR"])
SIROCCO = BUILD / "bin/sirocco"
GOLDEN = SOURCE / "tests/golden/models/mistral-swa"

failures = []
checked = 0


def run(arguments, **options):
    return subprocess.run([str(SIROCCO), *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, **options)


def expect(label, arguments, code, *words, **options):
    """The verb ends with `code`, says every one of `words` on stderr, and prints no result."""
    global checked
    checked += 1
    result = run(arguments, **options)
    problems = []
    if result.returncode != code:
        problems.append(f"exit {result.returncode}, expected {code}")
    problems += [f"'{word}' is not said" for word in words if word not in result.stderr]
    if result.stdout:
        problems.append(f"printed on stdout: {result.stdout[:80]!r}")
    if problems:
        failures.append(f"{label}: {'; '.join(problems)}\n    {' '.join(map(str, arguments))}\n"
                        f"    {result.stderr.strip()}")


class Scene:
    """A folder with a copy of a checkpoint to spoil, and prompts."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.model = self.folder / "model"
        self.model.mkdir()
        for name in ("config.json", "model.safetensors"):
            shutil.copy(GOLDEN / name, self.model / name)
        self.out = self.folder / "out.safetensors"
        self.prompts([[1, 2, 3]])

    def prompts(self, value):
        text = value if isinstance(value, str) else json.dumps(value)
        (self.folder / "prompts.json").write_text(text)

    def forward(self, *extra, model=None, out=None):
        return ["forward", model or self.model, "--tokens", self.folder / "prompts.json", "--out",
                out or self.out, "--numerics", "f32", *extra]

    def tensors(self):
        return safetensors_io.read_raw(self.model / "model.safetensors")

    def write_tensors(self, tensors):
        safetensors_io.write_raw(self.model / "model.safetensors", tensors)

    def config(self, **changes):
        config = json.loads((self.model / "config.json").read_text()) | changes
        config = {key: value for key, value in config.items() if value != "REMOVE"}
        (self.model / "config.json").write_text(json.dumps(config))

    def expect_nothing_left(self, label):
        left = [path.name for path in self.folder.iterdir()
                if path.name not in ("model", "prompts.json")]
        if left:
            failures.append(f"{label}: left behind {left}")


def scene(test):
    with tempfile.TemporaryDirectory() as folder:
        stage = Scene(folder)
        test(stage)
        stage.expect_nothing_left(test.__name__)


def usage(_):
    expect("no verb", [], 2)
    expect("unknown verb", ["frobnicate"], 2, "frobnicate")
    expect("nearly a verb", ["forwrad"], 2, "forward")
    expect("unknown flag", ["forward", "--frob"], 2)
    expect("missing flag", ["forward", GOLDEN], 2, "--tokens")
    expect("negative number", ["run", GOLDEN, "--prompt", "x", "-n", "-3"], 2)
    expect("unknown numerics", ["inspect", GOLDEN, "--numerics", "f8"], 2, "f8")
    expect("unknown op", ["ops", "rms_nrom"], 2, "rms_norm")
    expect("validate nothing", ["validate"], 2)


def prompts_files(stage):
    (stage.folder / "prompts.json").unlink()
    expect("no prompts", stage.forward(), 3, "prompts.json")
    for label, text in {"not JSON": "[[1, 2", "not a list": "{}", "empty": "[]",
                        "empty prompt": "[[]]", "text": '[["a"]]', "fraction": "[[1.5]]",
                        "negative": "[[-1]]", "huge": "[[99999999999]]"}.items():
        stage.prompts(text)
        expect(f"prompts {label}", stage.forward(), 3, "prompts.json")
        expect(f"tokens {label}", ["perplexity", stage.model, "--token-file",
                                   stage.folder / "prompts.json"], 3, "prompts.json")
    stage.prompts("[[" + "[" * 200000 + "]" * 200000 + "]]")
    expect("prompts nested deeply", stage.forward(), 3, "entry 0 is of type array")
    expect("prompts a folder", [*stage.forward()[:3], stage.folder, *stage.forward()[4:]], 3,
           str(stage.folder))
    stage.prompts([[1], [1, 512]])
    expect("id outside the vocabulary", stage.forward(), 3, "prompt 1, entry 1")
    stage.prompts([[1] * 300])
    expect("beyond the context", stage.forward(), 3, "256")
    stage.prompts([[1] * 20])
    expect("beyond --ctx", stage.forward("--ctx", "10"), 3, "10")


def checkpoints(stage):
    expect("no such model", stage.forward(model=stage.folder / "nothing"), 3, "nothing")
    file = stage.model / "model.safetensors"
    data = file.read_bytes()
    for label, content in {"empty": b"", "short": data[:7], "cut header": data[:100],
                           "cut data": data[:-1000], "garbage": b"\xff" * 1000}.items():
        file.write_bytes(content)
        expect(f"weights {label}", stage.forward(), 3, "model.safetensors")
    file.unlink()
    expect("weights missing", stage.forward(), 3, str(stage.model))
    expect("weights missing", ["trace", stage.model, "-o", stage.out], 3, str(stage.model))


def tensors(stage):
    whole = stage.tensors()
    name = "model.layers.0.self_attn.q_proj.weight"
    without = {key: value for key, value in whole.items() if key != name}
    stage.write_tensors(without)
    expect("tensor missing", stage.forward(), 3, name)
    dtype, (rows, columns), raw = whole[name]
    stage.write_tensors(without | {name: (dtype, [columns, rows // 2], raw[:len(raw) // 2])})
    expect("tensor of another shape", stage.forward(), 3, name, "128")
    stage.write_tensors(without | {name: ("I64", [rows, columns // 4], raw)})
    expect("tensor of another dtype", stage.forward(), 3, name)


def overlapping(stage):
    file = stage.model / "model.safetensors"
    header = (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
              b'"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}')
    file.write_bytes(len(header).to_bytes(8, "little") + header + bytes(12))
    expect("overlapping tensors", stage.forward(), 3, "model.safetensors")


def configs(stage):
    config = stage.model / "config.json"
    text = config.read_text()
    for label, content in {"empty": "", "not JSON": "{", "a list": "[]"}.items():
        config.write_text(content)
        expect(f"config {label}", stage.forward(), 3, "config.json")
    config.write_text(text)
    stage.config(rope_parameters="REMOVE")
    expect("rope_theta missing", stage.forward(), 3, "rope_theta")
    config.write_text(text)
    stage.config(num_hidden_layers="three")
    expect("a number as text", stage.forward(), 3, "num_hidden_layers")
    config.write_text(text)
    stage.config(num_hidden_layers=2**62)
    expect("too many layers", stage.forward(), 3)
    config.write_text(text)
    stage.config(model_type="unheard-of", architectures=["Unheard"])
    expect("no topology matches", stage.forward(), 3, str(stage.model))
    config.unlink()
    expect("config missing", stage.forward(), 3, str(stage.model))


def plugins(stage):
    expect("unknown backend", stage.forward("--backend", "referense"), 4, "referense", "reference")
    expect("a backend twice", stage.forward("--backend", "reference,reference"), 2, "twice")
    expect("a tokenizer as backend", stage.forward("--backend", "tokenizer-sentencepiece"), 4,
           "sirocco.backend/0")
    expect("no such deployment", stage.forward("--deployment", "nothing.yaml"), 3, "nothing.yaml")
    expect("unknown tap", stage.forward("--tap", "layers.9/h"), 2, "layers.9/h")
    expect("no tokenizer", ["run", stage.model, "--prompt", "x"], 3, "tokenizer")
    policy = SOURCE / "configs/policies/example.yaml"
    expect("a policy is not ignored", ["run", stage.model, "--prompt", "x", "--policy", policy], 4,
           "sirocco.moderator/0")
    expect("a bad policy", ["run", stage.model, "--prompt", "x", "--policy", "nothing.yaml"], 3,
           "nothing.yaml")


def writing(stage):
    expect("folder missing", stage.forward(out=stage.folder / "no/such/out"), 1, "no/such/out")
    expect("disk full", stage.forward(out="/dev/full"), 1, "/dev/full")
    expect("disk full", ["trace", stage.model, "-o", "/dev/full"], 1, "/dev/full")
    stage.out.write_text("older")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    expect("file too large", stage.forward(), 1, "out.safetensors", preexec_fn=limit)
    if stage.out.read_text() != "older":
        failures.append("file too large: the older file is not as it was")
    stage.out.unlink()
    result = subprocess.run([str(SIROCCO), "ops"], stdout=open("/dev/full", "w"),
                            stderr=subprocess.PIPE, text=True)
    if result.returncode != 1 or "standard output" not in result.stderr:
        failures.append(f"ops to a full disk: exit {result.returncode}, {result.stderr!r}")


def documents(stage):
    def write(text):
        file = stage.folder / "d.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    cases = {
        "missing kind": ("name: x\n", ["d.yaml:1"]),
        "unknown kind": ("sirocco: topologi/1\n", ["topologi", "topology"]),
        "other version": ("sirocco: topology/9\n", ["9"]),
        "unknown key": ("sirocco: deployment/1\nbakends:\n  - name: x\n",
                        ["d.yaml:2:1", "bakends", "backends"]),
        "duplicate key": ("sirocco: deployment/1\nthreads: 1\nthreads: 2\n", ["d.yaml:3:1", "threads"]),
        "wrong type": ("sirocco: deployment/1\nthreads: many\nbackends:\n  - name: reference\n",
                       ["d.yaml:2", "threads"]),
        "syntax": ("sirocco: deployment/1\nbackends: [\n", ["d.yaml:"]),
        "not UTF-8": (b"sirocco: deployment/1\nname: \xff\xfe\n", ["d.yaml"]),
        "too large": ("#" * (1 << 20) + "\nsirocco: topology/1\n", ["1048576 bytes"]),
        "alias bomb": ("sirocco: topology/1\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n"
            for i in range(12)), ["d.yaml:"]),
        "deep nesting": ("sirocco: topology/1\na: " + "[" * 50000, ["d.yaml:"]),
    }
    for label, (text, words) in cases.items():
        expect(label, ["validate", write(text)], 3, *words)
    write("").unlink()
    expect("no such document", ["validate", stage.folder / "none.yaml"], 3, "none.yaml")
    expect("a folder", ["validate", stage.folder], 3)


def main():
    for test in (usage, prompts_files, checkpoints, tensors, overlapping, configs, plugins, writing,
                 documents):
        scene(test)
    print(f"{checked} bad inputs")
    if failures:
        sys.exit(f"{len(failures)} wrong:\n" + "\n".join(failures))


if __name__ == "__main__":
    main()
