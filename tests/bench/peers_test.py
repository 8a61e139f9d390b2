#!/usr/bin/env python3
"""The comparison with peers but for the peers: ratios, tables, judgement, the line protocol, failures."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

BENCH = pathlib.Path(os.environ["SIROCCO_SOURCE_DIR"]) / "bench"
sys.path.insert(0, str(BENCH))
from peers import agreement, report, tokenizer  # noqa: E402
from peers.environment import Environment, Failure, last_words  # noqa: E402

KEYS = ("pp", "tg", "tg_deep", "load_seconds")


def samples(*speeds, noise=()):
    """A sample a speed; noise is the disturbance of each, none where it says nothing."""
    noise = [*noise, *[0.0] * (len(speeds) - len(noise))]
    return [{**dict.fromkeys(KEYS, speed), "disturbances": dict.fromkeys(KEYS, share),
             "peak_resident_bytes": 2 ** 20, "weights": "bf16", "computes": "f32", "version": "peer 1.2",
             "placement": "all nodes", "build": "optimised"}
            for speed, share in zip(speeds, noise, strict=True)]


class Ratios(unittest.TestCase):
    def test_rounds_are_paired(self):
        found = report.ratio(samples(10, 40, 90), samples(10, 20, 30), "tg")
        self.assertEqual((found["least"], found["median"], found["most"]), (1, 2, 3))
        self.assertFalse(found["disturbed"])

    def test_a_round_is_disturbed_by_either(self):
        ours = samples(8, 2, 2, 2, 2, noise=[0.5])
        theirs = samples(1, 1, 1, 1, 4, noise=[0, 0, 0, 0, 0.13])
        found = report.ratio(ours, theirs, "tg")
        self.assertEqual((found["least"], found["most"], found["undisturbed"]), (2, 2, 3))
        self.assertFalse(found["disturbed"])

    def test_too_few_undisturbed(self):
        found = report.ratio(samples(8, 2, 2, noise=[0.5]), samples(1, 1, 1), "tg")
        self.assertEqual((found["most"], found["undisturbed"], found["disturbed"]), (8, 2, True))

    def test_figures(self):
        self.assertEqual(report.figure(samples(1, 2, 3, 100, noise=[0, 0, 0, 1]), "pp"), (2, False))
        self.assertEqual(report.figure(samples(1, 2, 3, noise=[0, 0, 1]), "pp"), (2, True))
        self.assertEqual(report.figure(samples(5), "pp"), (5, False))


class Table(unittest.TestCase):
    def found(self, theirs, depth=4096):
        same = {"prompts": 8, "same": 7, "nmse": None}
        return {"fingerprint": {"cpu": "a processor", "instructions": "avx2", "threads": 2},
                "shape": "100m", "prompt": 512, "generate": 64, "depth": depth, "command": "bench/peers/run",
                "sirocco": {"version": "abc", "agreement": {**same, "nmse": 1e-4}, "samples": samples(6, 6, 6)},
                "peers": {"one": {"how": "built here", "agreement": same, "samples": theirs}},
                "could_not": {"two": "needs a thing"}}

    def test_all_is_told(self):
        text = report.tables(self.found(samples(3, 3, 3)))
        for words in ("a processor (avx2), 2 threads", "tg64 @ d4096", "| one | bf16; f32 | 3.0 | 2.00 [2.00–2.00]",
                      "built here", "7 of 8 tokens, tokens alone", "NMSE 1.0e-04", "- two: needs a thing"):
            self.assertIn(words, text)
        widths = {line.count("|") for line in text.split("\n") if line.startswith("|")}
        self.assertEqual(widths, {11, 5})

    def test_disturbed_figures_are_marked(self):
        text = report.tables(self.found(samples(3, 3, 3, noise=[1])))
        self.assertIn("| one | bf16; f32 | 3.0 † | 2.00 [2.00–2.00] † |", text)

    def test_no_depth(self):
        self.assertNotIn("@ d", report.tables(self.found(samples(3, 3, 3), depth=0)))


class Judgement(unittest.TestCase):
    SCORES = [0.0, 1.0, 2.0, 10.0]

    def test_the_same(self):
        found = agreement.judge([{"token": 3, "logits": self.SCORES}], [self.SCORES])
        self.assertEqual(found, {"prompts": 1, "same": 1, "nmse": 0})

    def test_other_scores(self):
        with self.assertRaisesRegex(Failure, "NMSE"):
            agreement.judge([{"token": 3, "logits": [0.0, 2.0, 1.0, 7.0]}], [self.SCORES])
        with self.assertRaisesRegex(Failure, "NMSE nan"):
            agreement.judge([{"token": 3, "logits": [float("nan")] * 4}], [self.SCORES])

    def test_tokens_alone(self):
        with self.assertRaisesRegex(Failure, "token 2 where 3"):
            agreement.judge([{"token": 2}], [self.SCORES])
        close = [0.0, 1.0, 9.9, 10.0]
        self.assertEqual(agreement.judge([{"token": 2}], [close])["same"], 0)

    def test_last_rows(self):
        values = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
        data = b"".join(struct.pack("<2f", *row) for row in values)
        header = json.dumps({"logits.1": {"dtype": "F32", "shape": [1, 2], "data_offsets": [16, 24]},
                             "logits.0": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "logits.safetensors"
            path.write_bytes(struct.pack("<Q", len(header)) + header + data)
            self.assertEqual([list(row) for row in agreement.last_rows(path)], [[3, 4], [5, 6]])


class Protocol(unittest.TestCase):
    """A peer that scores token t + 1 highest behind t, and fails on token 9."""
    PEER = """
from peers import arm
class Counting(arm.Stepwise):
    def open(self, path, threads, context):
        print("noise of a library")
        return {"vocabulary": 9, "version": path, "weights": "f32", "computes": "f32"}
    def clear(self):
        self.last = 0
    def feed(self, sequence):
        if 9 in sequence:
            raise ValueError("no token 9")
        self.last = sequence[-1]
    def logits(self):
        return [float(token == self.last + 1) for token in range(9)]
arm.serve(Counting())
"""

    def talk(self, *lines):
        run = subprocess.run([sys.executable, "-B", "-c", self.PEER], cwd=BENCH, text=True,
                             input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True,
                             timeout=60)
        return [json.loads(line) for line in run.stdout.splitlines()], run

    def test_answers(self):
        found, run = self.talk(["load", "here", 1, 64], ["next", [1, 2]], ["pp", 5], ["tg", 2, 3], ["quit"])
        self.assertEqual(run.returncode, 0)
        self.assertIn("noise of a library", run.stderr)
        self.assertEqual((found[0]["vocabulary"], found[0]["version"]), (9, "here"))
        self.assertEqual((found[1]["token"], sum(found[1]["logits"])), (3, 1))
        self.assertTrue(all(answer["seconds"] > 0 for answer in found[2:4]))
        self.assertGreater(found[4]["peak_resident_bytes"], 0)

    def test_errors(self):
        found, run = self.talk(["load", "here", 1, 64], ["next", [9]], ["pp", 5])
        self.assertEqual((run.returncode, len(found)), (1, 2))
        self.assertEqual(found[1], {"error": "ValueError: no token 9"})


class Environments(unittest.TestCase):
    def made(self, folder, minutes=1.0):
        """One whose Python is this one, which installs nothing."""
        environment = Environment(pathlib.Path(folder) / "peer", minutes)
        environment.python.parent.mkdir(parents=True)
        environment.python.symlink_to(sys.executable)
        return environment

    def test_failures(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = self.made(folder)
            environment.run(["-c", "print('fine')"])
            with self.assertRaisesRegex(Failure, "exit 3: error: no such wheel"):
                environment.run(["-c", "print('error: no such wheel\\ntrailing'); raise SystemExit(3)"])

    def test_time(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(Failure, "did not finish within 0.01 minutes"):
                self.made(folder, minutes=0.01).run(["-c", "import time; time.sleep(50)"])

    def test_what_is_there_is_used_again(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = self.made(folder)
            environment.remember(["a", "b"], "built here")
            self.assertEqual(environment.install("a", "b"), "built here")
            self.assertIsNone(environment.installed(["a"]))

    def test_last_words(self):
        self.assertEqual(last_words("a\nERROR: b\nc\nerror: d\ne\n"), "ERROR: b / error: d")
        self.assertEqual(last_words("a\nb\nc\n"), "b / c")
        # Of a build, the first is the cause; a compiler's flags are none, nor is where it was unpacked.
        build = "c++ -Werror=x a.cpp\nCMake Error: Error in /tmp/pip-x/y/z.cmake\nerror: b\nerror: build failed\n"
        self.assertEqual(last_words(build), "CMake Error: Error in …/z.cmake / error: build failed")
        self.assertEqual(last_words("ERROR: none\n"), "ERROR: none")
        banner = "error: subprocess-exited-with-error\nCMake Error at a.txt\nERROR: Failed building\n"
        self.assertEqual(last_words(banner), "CMake Error at a.txt / ERROR: Failed building")


class Words(unittest.TestCase):
    def test_tokenizer(self):
        with tempfile.TemporaryDirectory() as folder:
            tokenizer.write(pathlib.Path(folder), 12)
            told = json.loads((pathlib.Path(folder) / "tokenizer.json").read_text())
            self.assertEqual(told["model"]["vocab"]["w11"], 11)
            self.assertEqual(len(told["model"]["vocab"]), 12)


class Driver(unittest.TestCase):
    def test_usage(self):
        for arguments, words in ((["--peers", "abacus"], "there is no abacus; there are llama_cpp"),
                                 (["--rounds", "0"], "--rounds: 1 or more")):
            run = subprocess.run([sys.executable, "-B", BENCH / "peers/run", *arguments],
                                 capture_output=True, text=True, timeout=60)
            self.assertEqual((run.returncode, run.stdout), (2, ""))
            self.assertIn(words, run.stderr)


if __name__ == "__main__":
    unittest.main()
