"""Packed training rows. Batch i depends on the seed and i only, so that a run can be resumed."""

import dataclasses
import random

import sentencepiece
import torch

import generator
from corpus.document import Document
from tokenizer import BOS, EOS

ANSWER_WEIGHT = 4.0


@dataclasses.dataclass(frozen=True)
class Batch:
    """Three tensors [rows, length]: token ids, document numbers, what predicting each token counts."""

    ids: torch.Tensor
    documents: torch.Tensor
    weights: torch.Tensor


def _weights(document: Document, ids: list[int], colon: int, newline: int) -> list[float]:
    """1 for each token, 0 for <s>, ANSWER_WEIGHT where a question's answer stands.

    A random question cannot be predicted and its answer can, yet answers are few of the tokens.
    """
    weights = [0.0] + [1.0] * (len(ids) - 1)
    if document.kind != "questions":
        return weights
    answer_line, inside = False, False
    for index, token in enumerate(ids):
        if inside:
            weights[index] = ANSWER_WEIGHT
        if token == newline:
            answer_line, inside = not answer_line, False
        elif token == colon and answer_line:
            inside = True
    return weights


def _row(rng: random.Random, pieces: sentencepiece.SentencePieceProcessor, length: int,
         ) -> tuple[list[int], list[int], list[float]]:
    """Whole documents one after another; the last one is cut where the row ends."""
    colon = pieces.encode("Answer:")[-1], pieces.encode("Réponse :")[-1]
    newline = pieces.piece_to_id("<0x0A>")
    ids: list[int] = []
    documents: list[int] = []
    weights: list[float] = []
    while len(ids) < length:
        document = generator.write(rng)
        encoded = [BOS, *pieces.encode(document.text), EOS]
        documents += [documents[-1] + 1 if documents else 0] * len(encoded)
        weights += _weights(document, encoded, colon[document.language == "fr"], newline)
        ids += encoded
    return ids[:length], documents[:length], weights[:length]


def batch(seed: int, index: int, pieces: sentencepiece.SentencePieceProcessor, rows: int, length: int,
          ) -> Batch:
    rng = random.Random(f"batch-{seed}-{index}")
    made = [_row(rng, pieces, length) for _ in range(rows)]
    return Batch(*(torch.tensor(part) for part in zip(*made)))
