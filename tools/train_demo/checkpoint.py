"""Reads a checkpoint folder that train.py wrote."""

import pathlib

import safetensors.torch
import sentencepiece
import torch

import tokenizer
from model import Config, Mistral


def load(folder: pathlib.Path, dtype: torch.dtype,
         ) -> tuple[Mistral, sentencepiece.SentencePieceProcessor]:
    """The model with its bf16 weights widened to `dtype`, and its tokenizer."""
    model = Mistral(Config.load(folder / "config.json"))
    model.load_state_dict(safetensors.torch.load_file(folder / "model.safetensors"))
    return model.to(dtype).eval(), tokenizer.load(folder / "tokenizer.model")


def encode(pieces: sentencepiece.SentencePieceProcessor, text: str) -> list[int]:
    """Ids with <s> in front."""
    return [tokenizer.BOS, *pieces.encode(text)]


def continuation(pieces: sentencepiece.SentencePieceProcessor, prompt: list[int],
                 generated: list[int]) -> str:
    """What `generated` adds to the text of `prompt` (leading space kept), up to the first </s>."""
    if tokenizer.EOS in generated:
        generated = generated[:generated.index(tokenizer.EOS)]
    return pieces.decode(prompt[1:] + generated)[len(pieces.decode(prompt[1:])):]
