"""Trains the demos' SentencePiece model: BPE with byte fallback, laid out like Mistral's v3."""

import io
import pathlib

import sentencepiece

import generator

CONTROL = ["[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
           "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[IMG]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"]
BOS, EOS, INST, END_INST = 1, 2, 3, 4


def train(path: pathlib.Path, vocab_size: int, seed: int, steps: int = 800) -> None:
    """Writes `path`; ids are <unk> <s> </s>, CONTROL from 3, 256 bytes, then the BPE pieces."""
    lines = (line for step in range(steps)
             for document in generator.documents(f"tokenizer-{seed}", step) for line in document.lines())
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines, model_writer=model, model_type="bpe", vocab_size=vocab_size,
        byte_fallback=True, split_digits=True, normalization_rule_name="identity",
        remove_extra_whitespaces=False, add_dummy_prefix=True, character_coverage=1.0,
        unk_id=0, bos_id=BOS, eos_id=EOS, pad_id=-1, control_symbols=CONTROL, num_threads=1,
        minloglevel=1)
    path.write_bytes(model.getvalue())


def load(path: pathlib.Path) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def ask(pieces: sentencepiece.SentencePieceProcessor, text: str) -> list[int]:
    """The ids of one user turn, up to where the answer begins; <s> is not among them."""
    return [INST, *pieces.encode(text), END_INST]
