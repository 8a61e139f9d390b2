#!/usr/bin/env python3
"""500 questions that the demo models have never seen, asked in one chat each.

First the training text is written again, all of it up to the step where each checkpoint stopped, to see
that neither a question's sentence nor its operands occur in it, in any wording. Then the questions are
asked: the dense model must be right on 95 % of all and on 90 % of each kind; the mixture must not fall far
behind the 496 that it is known for.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"])
SIROCCO = pathlib.Path(os.environ["SIROCCO_BUILD_DIR"]) / "bin/sirocco"
MODELS = SOURCE / "models"
sys.path.insert(0, str(SOURCE / "tools/train_demo"))
import generator  # noqa: E402
from corpus.split import held_out  # noqa: E402

DENSE_OVERALL, DENSE_OF_EACH_KIND, MIXTURE_OVERALL = 0.95, 0.90, 0.95
COUNT = 500


def operands(prompt, answer):
    """What a question is about, read from its text alone: the same for every wording of it."""
    if found := re.match(r"(\d+) ([+-]) (\d+) =", answer):
        return found[2], *sorted((int(found[1]), int(found[3])))
    numbers = sorted(map(int, re.findall(r"\d+", answer)))
    if re.fullmatch(r"\d+(, \d+)+\.", answer):
        return "range", numbers[0], numbers[-1]
    if answer.endswith((" things.", " choses.")):
        return "list", *sorted(re.findall(r"\d+ (\w+)[, :]", answer))
    if re.match(r"1 [^,]+, 2 ", answer):
        return "path", answer
    if len(numbers) == 2:
        return "words", *numbers
    person, _, deeds = prompt.split(". ")[0].partition(" ")
    return "facts", person, *sorted(re.split(", | and | et ", deeds))


def check_split(questions):
    prompts = {item["prompt"] for item in questions}
    about = {operands(item["prompt"], item["answer"]) for item in questions}
    sums = {pair[1:] for pair in about if pair[0] == "+"}
    differences = {pair[1:] for pair in about if pair[0] == "-"}
    if len(prompts) != COUNT or not all(held_out(item["key"]) for item in questions):
        sys.exit("the questions are not what they should be: 500, all different, all held out")
    runs = collections.defaultdict(int)
    for model in ("demo", "demo-mixture"):
        seen = json.loads((MODELS / model / "training.json").read_text())
        runs[seen["seed"]] = max(runs[seen["seed"]], seen["first_step"] + seen["steps"])
    turns = 0
    for seed, steps in runs.items():
        for step in range(steps):
            for document in generator.chats(seed, step):
                for prompt, answer in document.turns:
                    turns += 1
                    if prompt in prompts or operands(prompt, answer) in about:
                        sys.exit(f"step {step} of training asks: {prompt}")
                    for a, sign, b in re.findall(r"(\d+) ([+-]) (\d+)", f"{prompt} {answer}"):
                        low, high = sorted((int(a), int(b)))
                        if (low, high) in (sums if sign == "+" else differences):
                            sys.exit(f"step {step} of training contains {a} {sign} {b}: {prompt}")
    print(f"{turns} exchanges of the training text: none is about any of the {COUNT} questions")


def answers(model, questions):
    """One chat, forgotten after each question; an answer is one line."""
    script = "".join(f"{item['prompt']}\n/reset\n" for item in questions)
    result = subprocess.run([str(SIROCCO), "chat", str(MODELS / model), "-n", "100", "--stop", "\n",
                             "--backend", "cpu-onednn", "--threads", "1"], input=script,
                            capture_output=True, text=True)
    lines = result.stdout.splitlines()
    if result.returncode != 0 or len(lines) != len(questions):
        sys.exit(f"{model}: exit {result.returncode}, {len(lines)} answers\n{result.stderr[-2000:]}")
    return lines


def ask(model, questions):
    """The share of right answers, overall and of the worst kind."""
    asked, right = collections.Counter(), collections.Counter()
    for item, answer in zip(questions, answers(model, questions)):
        asked[item["kind"]] += 1
        right[item["kind"]] += answer == item["answer"]
        if answer != item["answer"]:
            print(f"  {item['prompt']}\n    answered {answer!r}\n    expected {item['answer']!r}")
    for kind in asked:
        print(f"{model:14} {kind:14} {right[kind]:4} of {asked[kind]}")
    print(f"{model:14} {'all':14} {right.total():4} of {asked.total()}")
    return right.total() / asked.total(), min(right[kind] / asked[kind] for kind in asked)


def main():
    lines = (MODELS / "demo/questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    check_split(questions)
    overall, worst_kind = ask("demo", questions)
    if overall < DENSE_OVERALL or worst_kind < DENSE_OF_EACH_KIND:
        sys.exit("demo: fewer right answers than promised")
    overall, _ = ask("demo-mixture", questions)
    if overall < MIXTURE_OVERALL:
        sys.exit("demo-mixture: fewer right answers than it is known for")


if __name__ == "__main__":
    main()
