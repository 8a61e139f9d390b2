"""Medians, ratios and the tables of a comparison, from the samples of its rounds. Nothing here measures."""
import statistics

from measure import DISTURBED, clean, count, quiet

MARK = "†"


def labels(prompt, generate, depth):
    """(key, what a column is headed) of the speeds that were measured, in tokens a second."""
    found = [("pp", f"pp{prompt}"), ("tg", f"tg{generate}")]
    return found + ([("tg_deep", f"tg{generate} @ d{depth}")] if depth else [])


def told(samples, key):
    """(value, disturbance) of a figure in every sample."""
    return [(sample[key], sample["disturbances"][key]) for sample in samples]


def of_disturbed(pairs):
    """Whether disturbed ones count, since there are too few others."""
    return len(quiet(pairs)) < min(3, len(pairs))


def figure(samples, key):
    """(median, whether it is of disturbed samples): undisturbed ones alone, where there are three."""
    pairs = told(samples, key)
    return statistics.median(clean(pairs)), of_disturbed(pairs)


def ratio(ours, theirs, key):
    """Ours over theirs, round by round: {median, least, most, rounds, undisturbed, disturbed}.

    A round is disturbed where one of the two was; undisturbed rounds alone count where there are three.
    """
    pairs = [(a / b, max(x, y)) for (a, x), (b, y) in
             zip(told(ours, key), told(theirs, key), strict=True)]
    used = clean(pairs)
    return {"median": statistics.median(used), "least": min(used), "most": max(used),
            "rounds": len(pairs), "undisturbed": len(quiet(pairs)),
            "disturbed": of_disturbed(pairs)}


def marked(text, disturbed):
    return f"{text} {MARK}" if disturbed else text


def speeds(samples, key):
    value, disturbed = figure(samples, key)
    return marked(f"{value:.1f}", disturbed)


def ratios(ours, theirs, key):
    found = ratio(ours, theirs, key)
    return marked(f"{found['median']:.2f} [{found['least']:.2f}–{found['most']:.2f}]", found["disturbed"])


def line(name, samples, ours, keys):
    """One row: speeds each with its ratio, load, memory. Sirocco's own where `ours` is None."""
    cells = [name, f"{samples[0]['weights']}; {samples[0]['computes']}"]
    for key, _ in keys:
        cells += [speeds(samples, key), ratios(ours, samples, key) if ours else "1"]
    load, disturbed = figure(samples, "load_seconds")
    peak = statistics.median(sample["peak_resident_bytes"] for sample in samples)
    cells += [marked(f"{load:.2f}", disturbed), f"{peak / 2 ** 20:.0f}"]
    return "| " + " | ".join(cells) + " |"


def agreement(found):
    error = "tokens alone" if found["nmse"] is None else f"NMSE {found['nmse']:.1e}"
    return f"{found['same']} of {found['prompts']} tokens, {error}"


def tables(found):
    """The report as Markdown, from what the driver writes as JSON (bench/peers/run says what is in it)."""
    mark, ours = found["fingerprint"], found["sirocco"]["samples"]
    keys = labels(found["prompt"], found["generate"], found["depth"])
    lines = [f"# {found['shape']} beside its peers, {mark['instructions']}", "",
             f"{mark['cpu']} ({mark['instructions']}), {mark['threads']} threads; "
             f"{ours[0]['placement']}; runs in turn, a process each, {len(ours)} rounds "
             f"(Sirocco's prefill: {count(told(ours, 'pp'))}). Tokens a second; a ratio is Sirocco's over "
             f"the peer's in the same round, median [least–most]. {MARK}: fewer than three samples in which "
             f"others used at most {DISTURBED:.0%} of a processor, so that disturbed ones count.", ""]
    head = ["", "weights; products"]
    for _, label in keys:
        head += [label, "ratio"]
    head += ["load, s", "resident at most, MiB"]
    lines += ["| " + " | ".join(head) + " |", "| " + " | ".join(["---"] * len(head)) + " |",
              line("Sirocco", ours, None, keys)]
    lines += [line(name, peer["samples"], ours, keys) for name, peer in found["peers"].items()]
    lines += ["", "| | version | how it came | same function as Sirocco in f32 |",
              "| --- | --- | --- | --- |",
              f"| Sirocco | {found['sirocco']['version']} | {ours[0]['build']} build | "
              f"{agreement(found['sirocco']['agreement'])} |"]
    for name, peer in found["peers"].items():
        lines.append(f"| {name} | {peer['samples'][0]['version']} | {peer['how']} | "
                     f"{agreement(peer['agreement'])} |")
    if found["could_not"]:
        lines += ["", "Could not be run here:", ""]
        lines += [f"- {name}: {why}" for name, why in found["could_not"].items()]
    return "\n".join([*lines, "", f"`{found['command']}`"]) + "\n"
