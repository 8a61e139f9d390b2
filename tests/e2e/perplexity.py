#!/usr/bin/env python3
"""perplexity as a person uses it: against numpy over the logits that `forward` writes, and its bases."""
import json
import math
import pathlib
import resource
import sys

import numpy as np

from command import DEMO, SOURCE, bad, check, good, run_tests

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import safetensors_io  # noqa: E402

GOLDEN = SOURCE / "tests/golden/models/mistral-swa"  # a vocabulary of 512, and no tokenizer
README = SOURCE / "README.md"
EXACT = ["--backend", "reference", "--numerics", "f32"]


def near(value, expected, what, tolerance=1e-9):
    check(math.isclose(value, expected, rel_tol=tolerance, abs_tol=tolerance),
          f"{what}: {value}, expected {expected}")


def token_file(folder, lists):
    file = folder / "tokens.json"
    file.write_text(json.dumps(lists))
    return file


def some_tokens(n, seed=0):
    return np.random.default_rng(seed).integers(0, 512, n).tolist()


def log_softmax(logits):
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def log_ps_of(folder, windows, *flags):
    """ln softmax of every row of each window, from `forward`."""
    file = folder / "windows.json"
    file.write_text(json.dumps(windows))
    out = folder / "logits.safetensors"
    good("forward", GOLDEN, "--tokens", file, "--out", out, *flags)
    logits = safetensors_io.read(out)
    return [log_softmax(logits[f"logits.{i}"]) for i in range(len(windows))]


def estimate(values):
    return np.mean(values), np.std(values) / math.sqrt(len(values) - 1)


def scored(windows, first):
    return [(w, at) for w, window in enumerate(windows) for at in range(first, len(window))]


def against_numpy(folder):
    tokens = some_tokens(70)
    windows = [tokens[0:32], tokens[32:64]]
    file = token_file(folder, [tokens])
    run = ["perplexity", GOLDEN, "--token-file", file, "--ctx", 32, "--json"]
    base_file = folder / "it.base"
    exact = json.loads(good(*run, *EXACT, "--save-base", base_file, "--base-dtype", "f32").stdout)
    base = log_ps_of(folder, windows, *EXACT)
    places = scored(windows, 17)
    base_own = np.array([base[w][at - 1][windows[w][at]] for w, at in places])
    mean, error = estimate(-base_own)
    check(exact["scored"] == len(places) == 30, f"scored: {exact['scored']}")
    check(exact["unused"] == 6 and exact["tokens"] == 70, f"unused: {exact['unused']}")
    near(exact["ppl"]["value"], math.exp(mean), "PPL", 1e-6)
    near(exact["ppl"]["error"], math.exp(mean) * error, "error of PPL", 1e-6)
    first = estimate(-base_own[:15])[0]
    near(exact["windows"][0]["ppl"]["value"], math.exp(first), "PPL of a window", 1e-6)

    other = ["--backend", "cpu-onednn", "--numerics", "bf16"]
    result = json.loads(good(*run, *other, "--base", base_file).stdout)["comparison"]
    row = log_ps_of(folder, windows, *other)
    own = np.array([row[w][at - 1][windows[w][at]] for w, at in places])
    kl = np.array([np.sum(np.exp(base[w][at - 1]) * (base[w][at - 1] - row[w][at - 1]))
                   for w, at in places])
    check(kl.mean() > 1e-7, f"bf16 and f32 hardly differ, so nothing is compared: {kl.mean()}")
    # Batches of another size may round another way; far less than the two differ.
    loose = 0.05
    near(result["kl"]["value"], kl.mean(), "mean KL", loose)
    near(result["kl_distribution"]["maximum"], kl.max(), "largest KL", loose)
    near(result["kl_distribution"]["p99.9"], np.percentile(kl, 99.9), "99.9 % of KL", loose)
    delta = np.exp(own) - np.exp(base_own)
    near(result["rms_delta_p"]["value"], math.sqrt(np.mean(delta**2)), "RMS of dp", loose)
    same = np.mean([base[w][at - 1].argmax() == row[w][at - 1].argmax() for w, at in places])
    near(result["same_top"]["value"], same, "same top")
    near(result["base_ppl"]["value"], exact["ppl"]["value"], "PPL of the base", 1e-6)
    near(result["ppl"]["value"], math.exp(-own.mean()), "PPL", loose)
    check(result["log_ratio"]["error"] < error, "the error of the ratio is not paired")


def with_itself(folder):
    """A base compared with what made it: nothing as f32, next to nothing as f16."""
    file = token_file(folder, [some_tokens(40), some_tokens(21, seed=1)])
    run = ["perplexity", GOLDEN, "--token-file", file, "--ctx", 20, "--stride", 5, *EXACT]
    for dtype, most in {"f32": 1e-12, "f16": 1e-6}.items():
        base = folder / f"{dtype}.base"
        good(*run, "--save-base", base, "--base-dtype", dtype)
        # The windows are the base's own where no flag says otherwise.
        short = ["perplexity", GOLDEN, "--token-file", file, *EXACT, "--base", base]
        report = json.loads(good(*short, "--json").stdout)
        check(report["window"] == 20 and report["stride"] == 5, f"windows: {report['window']}")
        check(len(report["windows"]) == 6 and report["scored"] == 30, f"{report['scored']} scored")
        comparison = report["comparison"]
        check(abs(comparison["kl"]["value"]) < most, f"KL with itself, {dtype}: {comparison['kl']}")
        check(comparison["same_top"]["value"] > 0.9, f"same top: {comparison['same_top']}")
        near(comparison["ratio"]["value"], 1, "ratio with itself", 1e-3)
        text = good(*short, "--by-window").stdout
        for word in ("PPL / base", "99.9 %", "RMS", "same top", "maximum", "KL mean"):
            check(word in text, f"no '{word}' in\n{text}")
    check((folder / "f16.base").stat().st_size < 0.6 * (folder / "f32.base").stat().st_size, "sizes")


def demo(_):
    story = good("run", DEMO, "Once upon a time", "-n", 120, "-t", 0.7, "--seed", 3).stdout
    report = json.loads(good("perplexity", DEMO, "--text", "-", "--ctx", 64, "--json",
                             text=story).stdout)
    check(1 < report["ppl"]["value"] < 20, f"PPL of the model's own story: {report['ppl']}")
    check("nodes" in report["placement"], "no placement")
    text = good("perplexity", DEMO, "--text", README)
    check("PPL" in text.stdout and "nodes" in text.stderr, f"demo: {text.stdout}{text.stderr}")
    whole, cut = (json.loads(good("perplexity", DEMO, "--text", README, "--numerics", "f32", "--json",
                                  "--chunk", chunk).stdout)["ppl"]["value"] for chunk in (256, 7))
    near(cut, whole, "PPL in steps of 7 tokens", 1e-2)
    check(whole > report["ppl"]["value"], "a README is as easy as a story")


def bad_input(folder):
    tokens = token_file(folder, [some_tokens(40)])
    run = ["perplexity", GOLDEN, "--token-file", tokens, "--ctx", 16]
    bad(2, ["--text FILE", "--token-file FILE"], "perplexity", DEMO)
    bad(2, ["--text FILE"], "perplexity", DEMO, "--text", README, "--token-file", tokens)
    bad(3, ["nothing.txt"], "perplexity", DEMO, "--text", folder / "nothing.txt")
    bad(3, ["names no tokenizer"], "perplexity", GOLDEN, "--text", README)
    bad(3, ["nowhere"], "perplexity", folder / "nowhere", "--token-file", tokens)
    bad(2, ["/dev/null is empty"], "perplexity", DEMO, "--text", "/dev/null")
    bad(3, ["40 tokens do not fill one window of 64", "--ctx"], *run[:-1], 64)
    bad(3, ["exceed the context"], *run[:-1], 100000)
    bad(2, ["4 or more"], *run[:-1], 3)
    bad(2, ["stride of 16", "1 to 15"], *run, "--stride", 16)
    bad(2, ["stride", "1 or more"], *run, "--stride", 0)
    bad(2, ["chunk", "1 or more"], *run, "--chunk", 0)
    bad(2, ["base-dtype", "save-base"], *run, "--base-dtype", "f32")
    bad(2, ["base-dtype"], *run, "--save-base", folder / "x", "--base-dtype", "f8")
    bad(4, ["nothing-like-it"], *run, "--backend", "nothing-like-it")
    bad(3, ["window 0, entry 2", "outside the vocabulary"], "perplexity", GOLDEN, "--ctx", 4,
        "--token-file", token_file(folder, [[1, 2, 600, 3, 4]]))
    token_file(folder, [some_tokens(40)])
    bad(3, ["README.md", "lists of token ids"], *run[:3], README, *run[4:])


def bad_bases(folder):
    tokens = token_file(folder, [some_tokens(40)])
    run = ["perplexity", GOLDEN, "--token-file", tokens, "--ctx", 16, *EXACT]
    base = folder / "it.base"
    bad(1, ["no/such/base"], *run, "--save-base", folder / "no/such/base")
    bad(1, ["/dev/full"], *run, "--save-base", "/dev/full")
    base.write_text("older")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    bad(1, ["it.base"], *run, "--save-base", base, preexec_fn=limit)
    check(base.read_text() == "older", "a base that could not be written took the older one's place")
    check(sorted(p.name for p in folder.iterdir()) == ["it.base", "tokens.json"], "left behind")
    bad(3, ["it.base", "no base log-probabilities", "--save-base"], *run, "--base", base)
    bad(3, ["nothing.base"], *run, "--base", folder / "nothing.base")
    bad(3, [str(folder)], *run, "--base", folder)
    bad(2, ["excludes"], *run, "--base", base, "--save-base", base)
    good(*run, "--save-base", base)
    data = base.read_bytes()
    for label, (content, word) in {
            "cut": (data[:-1], "cut"), "longer": (data + b"x", "cut"), "head only": (data[:30], "cut"),
            "a later version": (data[:7] + b"\x09" + data[8:], "version 9"),
            "header changed": (data[:20] + b"~" + data[21:], "checksum"),
            "row changed": (data[:-100] + bytes([data[-100] ^ 1]) + data[-99:], "row 13 of 14")}.items():
        base.write_bytes(content)
        bad(3, ["it.base", word, "--save-base"], *run, "--base", base)
    base.write_bytes(data)
    good(*run, "--base", base)
    bad(3, ["it.base", "16 tokens", "--ctx"], *run[:-5], 20, *EXACT, "--base", base)
    token_file(folder, [some_tokens(40, seed=2)])
    bad(3, ["it.base", "tokens are others"], *run, "--base", base)
    token_file(folder, [some_tokens(60)])
    bad(3, ["it.base", "2 windows, this text 3"], *run, "--base", base)
    story = folder / "story.txt"
    story.write_text(40 * "Once upon a time. ")
    bad(3, ["it.base", "512 tokens"], "perplexity", DEMO, "--text", story, "--base", base)


if __name__ == "__main__":
    run_tests(against_numpy, with_itself, demo, bad_input, bad_bases)
