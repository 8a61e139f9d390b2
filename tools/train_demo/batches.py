"""Packed training rows. Batch i depends on the seed and i only, so that a run can be resumed."""

import random

import sentencepiece
import torch

import generator
from tokenizer import BOS, EOS


def _row(rng: random.Random, pieces: sentencepiece.SentencePieceProcessor, length: int,
         ) -> tuple[list[int], list[int]]:
    """Whole documents one after another; the last one is cut where the row ends."""
    ids: list[int] = []
    documents: list[int] = []
    while len(ids) < length:
        encoded = [BOS, *pieces.encode(generator.write(rng).text), EOS]
        documents += [documents[-1] + 1 if documents else 0] * len(encoded)
        ids += encoded
    return ids[:length], documents[:length]


def batch(seed: int, index: int, pieces: sentencepiece.SentencePieceProcessor, rows: int, length: int,
          ) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and document numbers, both [rows, length]."""
    rng = random.Random(f"batch-{seed}-{index}")
    ids, documents = zip(*(_row(rng, pieces, length) for _ in range(rows)))
    return torch.tensor(ids), torch.tensor(documents)
