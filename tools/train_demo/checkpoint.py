"""Reads and writes checkpoint folders in the Hugging Face layout."""

import json
import pathlib

import safetensors.torch
import sentencepiece
import torch

import tokenizer
from model import Config, Decoder


def load(folder: pathlib.Path, dtype: torch.dtype,
         ) -> tuple[Decoder, sentencepiece.SentencePieceProcessor]:
    """The model with its bf16 weights widened to `dtype`, and its tokenizer."""
    model = Decoder(Config.load(folder / "config.json"))
    model.load_state_dict(safetensors.torch.load_file(folder / "model.safetensors"))
    return model.to(dtype).eval(), tokenizer.load(folder / "tokenizer.model")


def save(folder: pathlib.Path, model: Decoder, tokenizer_model: pathlib.Path, training: dict) -> None:
    """`training` says what the checkpoint has read; tests replay it."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.bfloat16().contiguous() for name, value in model.state_dict().items()}
    serialised = safetensors.torch.save(weights, metadata={"format": "pt"})
    (folder / "model.safetensors").write_bytes(serialised)
    generation = {"bos_token_id": tokenizer.BOS, "eos_token_id": tokenizer.EOS, "do_sample": False}
    for name, content in (("config", model.config.to_hugging_face()), ("generation_config", generation),
                          ("training", training)):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
    (folder / "tokenizer.model").write_bytes(tokenizer_model.read_bytes())


def encode(pieces: sentencepiece.SentencePieceProcessor, text: str) -> list[int]:
    """Ids with <s> in front."""
    return [tokenizer.BOS, *pieces.encode(text)]


def continuation(pieces: sentencepiece.SentencePieceProcessor, prompt: list[int],
                 generated: list[int]) -> str:
    """What `generated` adds to the text of `prompt` (leading space kept), up to the first </s>."""
    if tokenizer.EOS in generated:
        generated = generated[:generated.index(tokenizer.EOS)]
    return pieces.decode(prompt[1:] + generated)[len(pieces.decode(prompt[1:])):]


def answer(pieces: sentencepiece.SentencePieceProcessor, generated: list[int]) -> str:
    """The text of an answer, up to the first </s>."""
    if tokenizer.EOS in generated:
        generated = generated[:generated.index(tokenizer.EOS)]
    return pieces.decode(generated)
