"""The documents of a step as packed rows: whole documents, which do not see each other."""

import dataclasses

import sentencepiece
import torch

import generator
from corpus.document import Document
from tokenizer import BOS, EOS, ask

# What predicting a token counts. A random question cannot be predicted and its answer can, so the first
# is not trained on; answers are short beside stories.
TEXT, PROMPT, ANSWER = 1.0, 0.0, 2.0


@dataclasses.dataclass(frozen=True)
class Batch:
    """Three tensors [rows, length]: token ids, document numbers (0 is padding), weights."""

    ids: torch.Tensor
    documents: torch.Tensor
    weights: torch.Tensor


def encode(pieces: sentencepiece.SentencePieceProcessor, document: Document,
           ) -> tuple[list[int], list[float]]:
    """<s> text </s>, or <s> and for each turn [INST] question [/INST] answer </s>."""
    if document.text:
        text = [*pieces.encode(document.text), EOS]
        return [BOS, *text], [0.0] + [TEXT] * len(text)
    ids, weights = [BOS], [0.0]
    weight = ANSWER if document.kind == "chat" else TEXT
    for user, reply in document.turns:
        prompt, answer = ask(pieces, user), [*pieces.encode(reply), EOS]
        ids += prompt + answer
        weights += [PROMPT] * len(prompt) + [weight] * len(answer)
    return ids, weights


def pack(encoded: list[tuple[list[int], list[float]]], length: int) -> Batch:
    """First fit, the longest first; a document longer than a row is cut."""
    rows: list[list[list]] = []
    for number, (ids, weights) in enumerate(sorted(encoded, key=lambda pair: -len(pair[0])), 1):
        ids, weights = ids[:length], weights[:length]
        row = next((row for row in rows if len(row[0]) + len(ids) <= length), None)
        if row is None:
            rows.append(row := [[], [], []])
        row[0] += ids
        row[1] += [number] * len(ids)
        row[2] += weights
    padded = [[part + [0] * (length - len(part)) for part in row] for row in rows]
    ids, documents, weights = (torch.tensor(part) for part in zip(*padded))
    return Batch(ids, documents, weights.float())


def batch(seed: int, step: int, pieces: sentencepiece.SentencePieceProcessor, length: int) -> Batch:
    return pack([encode(pieces, document) for document in generator.documents(seed, step)], length)
