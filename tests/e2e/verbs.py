#!/usr/bin/env python3
"""run, chat and tokenize as a person uses them, well and badly, with the demo model."""
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import termios
import time

from command import BUILD, DEMO, SIROCCO, SOURCE, bad, call, check, good, run_tests

PROMPT = "Once upon a time"
LONG = ["-n", "100000", "--ignore-eos"]


def run_prompts(folder):
    expected = good("run", DEMO, PROMPT, "-n", 12).stdout
    check(expected.startswith(PROMPT) and len(expected) > len(PROMPT) + 4, "run: no answer")
    file = folder / "prompt.txt"
    file.write_text(PROMPT + "\n")
    for label, result in {
            "--prompt": good("run", DEMO, "--prompt", PROMPT, "-n", 12),
            "--file": good("run", DEMO, "-f", file, "-n", 12),
            "stdin": good("run", DEMO, "-n", 12, text=PROMPT + "\n"),
            "-": good("run", DEMO, "-", "-n", 12, text=PROMPT)}.items():
        check(result.stdout == expected, f"run {label}: {result.stdout!r}, expected {expected!r}")
    bad(2, ["standard input is empty"], "run", DEMO)
    bad(2, ["twice"], "run", DEMO, PROMPT, "-f", file)
    bad(2, ["twice"], "run", DEMO, PROMPT, "--prompt", PROMPT)
    bad(3, ["nothing.txt"], "run", DEMO, "-f", folder / "nothing.txt")
    bad(2, ["/dev/null is empty"], "run", DEMO, "-f", "/dev/null")
    bad(3, [str(folder)], "run", DEMO, "-f", folder)
    bad(3, ["exceed the context"], "run", DEMO, "word " * 3000)
    bad(3, ["nowhere"], "run", folder / "nowhere", PROMPT)
    bad(3, ["names no tokenizer"], "run", SOURCE / "tests/golden/models/mistral-swa", PROMPT)


def run_sampling(folder):
    base = ["run", DEMO, PROMPT, "-n", 40, "--ignore-eos"]
    warm = [*base, "-t", 1.5, "--seed"]
    first = good(*warm, 1).stdout
    check(good(*warm, 1).stdout == first, "run: a seed does not repeat")
    check(good(*warm, 2).stdout != first, "run: another seed gives the same")
    greedy = good(*base).stdout
    check(good(*warm, 1, "--top-k", 1).stdout == greedy, "run: --top-k 1 is not greedy")
    check(good(*warm, 1, "--top-p", 0).stdout == greedy, "run: --top-p 0 is not greedy")
    check("seed" in good(*base, "-t", 1).stderr, "run: the seed that was drawn is not told")
    check("--temperature" in good(*base, "--top-k", 5).stderr, "run: no word on idle flags")
    answer = greedy[len(PROMPT):]
    stop = answer[10:14]
    stopped = good(*base, "--stop", stop, "--stop", "\x01never").stdout
    before = good("run", "--stop", stop, DEMO, PROMPT, "-n", 40, "--ignore-eos").stdout
    check(before == stopped, "run: --stop takes what follows it")
    check(stopped == PROMPT + answer[:answer.index(stop)] + "\n", f"run --stop: {stopped!r}")
    model = folder / "model.yaml"
    model.write_text(f"sirocco: model/1\nname: m\ncheckpoint: {DEMO}\ngeneration:\n"
                     f"  max_tokens: 30\n  stop: [{json.dumps(stop)}]\n")
    check(good("run", model, PROMPT, "--ignore-eos").stdout == stopped,
          "run: the document's stop is not kept")
    for flag, value in {"--temperature": -1, "--top-p": 1.2, "--top-k": -2, "--min-p": "x",
                        "--repetition-penalty": 0, "--frequency-penalty": 9, "-n": 0,
                        "--presence-penalty": -9, "--seed": -1, "--logprobs": 0}.items():
        bad(2, [flag.lstrip("-")], "run", DEMO, PROMPT, flag, value)
    bad(2, ["--stop"], "run", DEMO, PROMPT, "--stop=")
    bad(2, ["--stop: an empty text"], "run", DEMO, PROMPT, "--stop", "")
    bad(2, ["frob"], "run", DEMO, PROMPT, "--frob")


def run_json(_):
    result = good("run", DEMO, PROMPT, "-n", 6, "--ignore-eos", "--logprobs", 3, "--json", "-t", 0.5)
    report = json.loads(result.stdout)
    plain = good("run", DEMO, PROMPT, "-n", 6, "--ignore-eos", "-t", 0.5, "--seed", report["seed"])
    check(plain.stdout == PROMPT + report["text"] + "\n", "run --json: another text")
    check(len(report["tokens"]) == len(report["logprobs"]) == 6, "run --json: not 6 tokens")
    for token, entry in zip(report["tokens"], report["logprobs"]):
        check(entry["id"] == token and entry["logprob"] <= 0, f"run --json: {entry}")
        tops = [other["logprob"] for other in entry["top"]]
        check(len(tops) == 3 and tops == sorted(tops, reverse=True), f"run --json: {entry}")
    check(report["stop"] == "max_tokens", "run --json: stop")
    check("nodes" in report["placement"], "run --json: placement")
    check(report["timings"]["generated_tokens"] == 6, "run --json: timings")


def run_sample_on(_):
    """One seed, one text, wherever tokens are chosen; what cannot be had is refused."""
    drawn = ["run", DEMO, PROMPT, "-n", 8, "-t", 0.9, "--top-k", 50, "--top-p", 0.9, "--seed", 3, "--json"]
    reports = {}
    for where in ("host", "device", "auto"):
        reports[where] = json.loads(good(*drawn, "--backend", "reference", "--sample", where).stdout)
    check(len({report["text"] for report in reports.values()}) == 1, "run --sample: another text")
    check([reports[where]["sampled_on"] for where in ("host", "device", "auto")] ==
          ["host", "device", "device"], "run --sample: not where it was asked for")
    bad(2, ["--sample device", "penalties and logprobs"], *drawn, "--sample", "device", "--logprobs", 2)
    bad(2, ["--sample"], *drawn, "--sample", "gpu")
    bad(4, ["cpu-onednn: unknown op", "op `sample`"], *drawn, "--backend", "cpu-onednn", "--sample", "device")
    report = json.loads(good(*drawn, "--backend", "cpu-onednn", "--fallback", "forbid").stdout)
    check(report["sampled_on"] == "host", "run: cpu-onednn samples on a device")


def run_instruct(folder):
    prompt = ["tokenize", DEMO, "--special", "--ids", "<s>[INST]Be brief.\n\nHi[/INST]"]
    ids = json.loads(good(*prompt).stdout)
    result = good("run", DEMO, "--instruct", "--system", "Be brief.", "Hi", "-n", 8, "--json")
    check(json.loads(result.stdout)["timings"]["prompt_tokens"] == len(ids), "run --instruct: ids")
    check("template mistral-v3" in result.stderr, "run --instruct: the template is not told")
    shown = good("run", DEMO, "--instruct", "Hi", "-n", 8).stdout
    check("[INST]" not in shown and not shown.startswith("Hi"), "run --instruct: shows the prompt")
    model = folder / "model.yaml"
    model.write_text(f"sirocco: model/1\nname: m\ncheckpoint: {DEMO}\ntemplate: nowhere\n")
    bad(3, ["model.yaml", "no template named 'nowhere'"], "run", model, "--instruct", "Hi")
    model.write_text(f"sirocco: model/1\nname: m\ncheckpoint: {DEMO}\ntemplate: mistral-v3\n")
    check(good("run", model, "--instruct", "Hi", "-n", 8).stdout == shown, "run: template: of a model")
    bad(3, ["no template named 'mistral-v4'", "mistral-v3"], "run", DEMO, "Hi", "--template",
        "mistral-v4")
    file = folder / "t.yaml"
    file.write_text("sirocco: template/1\nname: t\nroles: {}\n")
    bad(3, ["t.yaml:3", "user"], "run", DEMO, "Hi", "--template", file)
    file.write_text("sirocco: template/1\nname: t\nbegin:\n  - control: '<|im_start|>'\nroles:\n"
                    "  user:\n    then: [assistant]\n  assistant:\n    then: [user]\n")
    bad(3, ["t.yaml:4", "<|im_start|>"], "run", DEMO, "Hi", "--template", file)


class BlockedRun:
    """`run` on a pipe with room for so many bytes, so that it cannot end by itself."""

    def __init__(self, room):
        self.out, end = os.pipe()
        size = fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
        self.filler = size - room
        os.write(end, b"." * self.filler)
        self.process = subprocess.Popen([str(SIROCCO), "run", str(DEMO), PROMPT, *LONG],
                                        stdin=subprocess.DEVNULL, stdout=end,
                                        stderr=subprocess.PIPE)
        os.close(end)
        while self.process.poll() is None and not self.watches():
            time.sleep(0.01)

    def watches(self):
        """Whether Ctrl-C is handled by now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1

    def waiting(self):
        buffer = fcntl.ioctl(self.out, termios.FIONREAD, b"\0\0\0\0")
        return int.from_bytes(buffer, sys.byteorder) - self.filler

    def read(self):
        shown = b""
        while block := os.read(self.out, 65536):
            shown += block
        return shown[self.filler:].decode()


def run_interrupted(_):
    once = BlockedRun(60)
    while once.process.poll() is None and once.waiting() < 30:
        time.sleep(0.01)
    once.process.send_signal(signal.SIGINT)
    shown = once.read()
    _, messages = once.process.communicate(timeout=60)
    check(once.process.returncode == 130, f"Ctrl-C: exit {once.process.returncode}")
    check(shown.startswith(PROMPT) and shown.endswith("\n"), f"Ctrl-C: printed {shown!r}")
    check(len(shown) < 200, f"Ctrl-C: went on for {len(shown)} bytes")
    check(b"stopped" in messages and b"nodes" in messages, f"Ctrl-C: said {messages!r}")
    twice = BlockedRun(2)  # less than the prompt: not even that is printed
    twice.process.send_signal(signal.SIGINT)
    time.sleep(0.1)  # two at once would be taken for one
    check(twice.process.poll() is None, "Ctrl-C: the first one ends a run that waits")
    twice.process.send_signal(signal.SIGINT)
    twice.process.communicate(timeout=60)
    check(twice.process.returncode == -signal.SIGINT, f"Ctrl-C twice: {twice.process.returncode}")


def chat_piped(folder):
    save = folder / "talk.json"
    script = f"Hello\nAnd now?\n/save {save}\n/reset\nHello\n/bogus\n/help\n"
    result = good("chat", DEMO, "-n", 12, "--stop", "\n", text=script)
    answers = result.stdout.split("\n")
    check(len(answers) == 4 and answers[0] == answers[2], f"chat: {answers}")
    talk = json.loads(save.read_text())["messages"]
    check([m["role"] for m in talk] == ["user", "assistant"] * 2, f"chat /save: {talk}")
    check([m["content"] for m in talk[1::2]] == answers[:2], f"chat /save: {talk}")
    whole = json.loads(good("tokenize", DEMO, "--special", "--ids", "<s>[INST]Hello[/INST]").stdout)
    counts = [int(line.split()[0].lstrip("(")) for line in result.stderr.splitlines()
              if "prompt tokens" in line]
    check(len(counts) == 3 and counts[0] == len(whole), f"chat: prefilled {counts}")
    check("no command '/bogus'" in result.stderr and "/reset " in result.stderr, "chat: commands")
    # The second turn runs the last token of the answer, its end, and the new message; no more.
    more = json.loads(good("tokenize", DEMO, "--special", "--ids",
                           "</s>[INST]And now?[/INST]").stdout)
    check(counts[1] <= len(more) + 2, f"chat: the second turn ran {counts[1]} tokens")
    check(counts[2] < counts[0], f"chat: after /reset {counts[2]} tokens")
    system = good("chat", DEMO, "-n", 4, text="/system Be brief.\nHi\n").stdout
    check(system == good("chat", DEMO, "-n", 4, "--system", "Be brief.", text="Hi").stdout,
          "chat: /system and --system differ")


def chat_bad(folder):
    result = good("chat", DEMO, "-n", 300, "--ctx", 512, "--ignore-eos",
                  text="Hello\nAgain\nAnd again\n/reset\nHi\n")
    check("/reset starts anew" in result.stderr, f"chat: a full context is not told\n{result.stderr}")
    check(result.stdout.count("\n") >= 2, "chat: no answer after the context was full")
    result = good("chat", DEMO, text=f"/save {folder / 'no/such/folder'}\n/save\n")
    check("cannot be written" in result.stderr and "needs a file" in result.stderr, "chat /save")
    bad(3, ["no template named"], "chat", DEMO, "--template", "nothing", text="Hi\n")
    file = folder / "t.yaml"
    file.write_text("sirocco: template/1\nname: t\nroles:\n  user:\n    then: [assistant]\n"
                    "    write:\n      - text: ${content}\n  assistant:\n    then: [user]\n"
                    "    write:\n      - text: ${content}\n        when: content\n")
    saved = folder / "kept.json"
    result = good("chat", DEMO, "--template", file, "-n", 4,
                  text=f"Hi\r\n/system Be brief.\nAnd now?\n/system\n/save {saved}\n")
    check("not sent" in result.stderr and "system" in result.stderr, f"chat: {result.stderr}")
    check(json.loads(saved.read_text())["messages"][0]["content"] == "Hi", "chat: CRLF")
    bad(2, ["temperature"], "chat", DEMO, "-t", "hot", text="Hi\n")
    bad(3, ["nowhere"], "chat", folder / "nowhere", text="Hi\n")
    good("chat", DEMO, text="")


def chat_terminal(_):
    """A terminal: a prompt, line editing and history, and Ctrl-C."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "vt100"
        os.execv(SIROCCO, [str(SIROCCO), "chat", str(DEMO), "-n", "4"])
    seen = b""

    def wait_for(word, start=0):
        nonlocal seen
        end = time.time() + 60
        while word not in seen[start:] and time.time() < end:
            if select.select([terminal], [], [], 1)[0]:
                try:
                    seen += os.read(terminal, 4096)
                except OSError:
                    break
        check(word in seen[start:], f"chat on a terminal: {word!r} does not come: {seen[-300:]!r}")
        return seen.find(word, start) + len(word)

    at = wait_for(b"> ")
    os.write(terminal, b"Helo\x02l\x05!\n")  # one letter back, a letter, to the end
    at = wait_for(b"of context", at)
    at = wait_for(b"> ", at)
    os.write(terminal, b"\x1b[A\n")  # the line before
    at = wait_for(b"of context", at)
    at = wait_for(b"> ", at)
    os.write(terminal, b"/save /dev/stderr\n")
    wait_for(b'"role": "user"', at)
    wait_for(b"messages in", at)
    check(seen[at:].count(b"Hello!") >= 2, f"chat: editing or history: {seen[at:]!r}")
    os.write(terminal, b"\x03")
    _, status = os.waitpid(child, 0)
    check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT,
          f"chat: Ctrl-C at the prompt gives status {status}")


def tokenize(folder):
    text = "Once upon [INST] a time, \u00e9t\u00e9 \U0001F600"
    table = good("tokenize", DEMO, text).stdout.splitlines()
    ids = json.loads(good("tokenize", DEMO, "--ids", text).stdout)
    check([int(line.split()[0]) for line in table] == ids, "tokenize: the table has other ids")
    check(3 not in ids, "tokenize: a control token's name in a text became the token")
    check(good("tokenize", DEMO, "--count", text).stdout == f"{len(ids)}\n", "tokenize --count")
    report = json.loads(good("tokenize", DEMO, "--json", text).stdout)
    check([t["id"] for t in report["tokens"]] == ids and report["count"] == len(ids), "tokenize --json")
    listed = ",".join(map(str, ids))
    check(good("tokenize", DEMO, "--decode", listed).stdout == text + "\n", "tokenize --decode")
    check(good("tokenize", DEMO, "-d", "-", text=str(ids)).stdout == text + "\n", "decode stdin")
    special = json.loads(good("tokenize", DEMO, "--special", "--bos", "--ids", "a[INST]b").stdout)
    check(special[0] == 1 and 3 in special[1:], f"tokenize --special: {special}")
    shown = good("tokenize", DEMO, "--special", "--decode", "1,3").stdout
    check(shown == "<s>[INST]\n", f"tokenize --special --decode: {shown!r}")
    check(good("tokenize", DEMO, "--decode", "1,3").stdout == "\n", "tokenize --decode: controls")
    bad(2, ["'x1' is no token id"], "tokenize", DEMO, "--decode", "1,x1")
    bad(2, ["99999999", "vocabulary"], "tokenize", DEMO, "--decode", "99999999")
    bad(2, ["-5", "vocabulary"], "tokenize", DEMO, "--decode=-5")
    bad(2, ["standard input is empty"], "tokenize", DEMO)
    bad(2, ["--decode"], "tokenize", DEMO, "text", "--decode", "1")
    bad(2, ["--ids"], "tokenize", DEMO, "text", "--ids", "--count")
    bad(2, ["--count"], "tokenize", DEMO, "--decode", "1", "--count")
    bad(3, ["nothing.txt"], "tokenize", DEMO, "-f", folder / "nothing.txt")
    bad(3, ["names no tokenizer"], "tokenize", SOURCE / "tests/golden/models/mistral-swa", "x")
    broken = folder / "broken"
    broken.mkdir()
    for path in DEMO.iterdir():
        if path.name != "tokenizer.model":
            (broken / path.name).symlink_to(path)
    (broken / "tokenizer.model").write_bytes((DEMO / "tokenizer.model").read_bytes()[:1000])
    bad(3, ["tokenizer.model"], "tokenize", broken, "x")


def allocations(_):
    """Nothing is allocated in the whole process between the 10th and the 200th shown token."""
    library = BUILD / "tests/plugins/count_allocations.so"
    if not library.exists():
        print("SKIPPED: allocations: a sanitizer owns malloc in this build")
        return
    result = good("run", DEMO, PROMPT, "-n", 300, "--ignore-eos", "-t", 1, "--top-p", 0.95,
                  env=os.environ | {"LD_PRELOAD": str(library), "ALLOCATIONS_FROM": "10",
                                    "ALLOCATIONS_TO": "200"})
    last = result.stderr.strip().splitlines()[-1]
    print(last)
    check(last.startswith("allocations: 0 in"), f"run: {last}")


def main():
    run_tests(run_prompts, run_sampling, run_json, run_sample_on, run_instruct, run_interrupted, chat_piped, chat_bad,
              chat_terminal, tokenize, allocations)


if __name__ == "__main__":
    main()
