"""A peer's own process: reads one JSON list a line, answers with one JSON object a line.

    ["load", PATH, THREADS, CONTEXT]  -> seconds until a first token, vocabulary, version, weights, computes
    ["next", [TOKEN, ...]]            -> what follows them: token, and logits (a list) where the peer tells
    ["pp", N]                         -> seconds that reading N tokens took
    ["tg", N, DEPTH]                  -> seconds that making N tokens behind DEPTH others took
    ["quit"]                          -> peak_resident_bytes; the process ends

What a library prints goes to standard error, so that it cannot be taken for an answer. A failure is
answered with {"error": ...} and ends the process.
"""
import importlib.metadata
import json
import os
import resource
import sys
import time
import traceback


def timed(body):
    """Seconds that a call took."""
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def tokens(count, vocabulary, shift=0):
    """Token ids that look like no text and are the same for every peer."""
    return [(7919 * i + 11 + 101 * shift) % vocabulary for i in range(count)]


def version(*packages):
    return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)


class Peer:
    """`open(path, threads, context)` loads and gives the answer of a load but for its seconds.

    Libraries are imported before, in __init__: that is Python's time, and no model's.
    """
    calls = 0

    def fresh(self, count):
        """Tokens that no earlier call began with, for peers that remember prefixes."""
        self.calls += 1
        return tokens(count, self.vocabulary, self.calls)

    def load(self, path, threads, context):
        facts = {}

        def body():
            facts.update(self.open(path, threads, context))
            self.first()

        seconds = timed(body)
        self.vocabulary = facts["vocabulary"]
        return {"seconds": seconds, **facts}


class Stepwise(Peer):
    """A peer that is handed tokens and keeps what came before them.

    `clear()` forgets all tokens, `feed(tokens)` appends some, `logits()` are the scores behind the last.
    """
    CHUNK = 512

    def first(self):
        self.clear()
        self.feed([1])

    def read(self, sequence):
        for i in range(0, len(sequence), self.CHUNK):
            self.feed(sequence[i:i + self.CHUNK])

    def next(self, sequence):
        self.clear()
        self.read(sequence)
        scores = list(map(float, self.logits()))
        return {"token": max(range(len(scores)), key=scores.__getitem__), "logits": scores}

    def pp(self, count):
        self.clear()
        sequence = self.fresh(count)
        return {"seconds": timed(lambda: self.read(sequence))}

    def tg(self, count, depth):
        self.clear()
        self.read(self.fresh(depth))
        sequence = self.fresh(count)

        def body():
            for token in sequence:
                self.feed([token])

        return {"seconds": timed(body)}


class Generating(Peer):
    """A peer that only continues a prompt by itself.

    `generate(tokens, count)` yields each of `count` tokens as it is made: the first when the prompt
    was read.
    """

    def first(self):
        list(self.generate([1], 1))

    def next(self, sequence):
        return {"token": list(self.generate(sequence, 1))[0]}

    def pp(self, count):
        sequence = self.fresh(count)
        return {"seconds": timed(lambda: list(self.generate(sequence, 1)))}

    def tg(self, count, depth):
        """From the first token, which ends the reading, to the last of `count` more."""
        times = [time.perf_counter()
                 for _ in self.generate(self.fresh(max(depth, 1)), count + 1)]
        if len(times) != count + 1:
            raise RuntimeError(f"{len(times)} tokens came where {count + 1} were wanted")
        return {"seconds": times[-1] - times[0]}


def serve(peer):
    """Answers lines until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        try:
            if verb == "quit":
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
                answer = {"peak_resident_bytes": peak}
            else:
                answer = getattr(peer, verb)(*arguments)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
        if verb == "quit" or "error" in answer:
            # Some libraries' threads outlive their objects and hang at a normal end.
            os._exit(0 if verb == "quit" else 1)
