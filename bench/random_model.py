#!/usr/bin/env python3
"""Writes a model of random weights for measurements: shapes like real ones, words that mean nothing.

    bench/random_model.py --shape 1b OUT

makes OUT/config.json and OUT/model.safetensors (Hugging Face layout, bf16) and, with --gguf, the same
weights as OUT/model.gguf (BF16, norms F32, q and k rows interleaved as that format's readers expect).
"""
import argparse
import json
import pathlib
import struct

import numpy as np

from shapes import SHAPES

CONTEXT = 32768
ROPE_THETA = 1e6
EPS = 1e-5


def tensors(shape):
    """(Hugging Face name, GGUF name, extents) of every tensor, in file order."""
    d, ff, vocab = shape["dim"], shape["ff"], shape["vocab"]
    q, kv = shape["heads"] * shape["head_dim"], shape["kv_heads"] * shape["head_dim"]
    yield "model.embed_tokens.weight", "token_embd.weight", (vocab, d)
    for i in range(shape["layers"]):
        hf, gguf = f"model.layers.{i}.", f"blk.{i}."
        yield hf + "input_layernorm.weight", gguf + "attn_norm.weight", (d,)
        yield hf + "self_attn.q_proj.weight", gguf + "attn_q.weight", (q, d)
        yield hf + "self_attn.k_proj.weight", gguf + "attn_k.weight", (kv, d)
        yield hf + "self_attn.v_proj.weight", gguf + "attn_v.weight", (kv, d)
        yield hf + "self_attn.o_proj.weight", gguf + "attn_output.weight", (d, q)
        yield hf + "post_attention_layernorm.weight", gguf + "ffn_norm.weight", (d,)
        yield hf + "mlp.gate_proj.weight", gguf + "ffn_gate.weight", (ff, d)
        yield hf + "mlp.up_proj.weight", gguf + "ffn_up.weight", (ff, d)
        yield hf + "mlp.down_proj.weight", gguf + "ffn_down.weight", (d, ff)
    yield "model.norm.weight", "output_norm.weight", (d,)
    yield "lm_head.weight", "output.weight", (vocab, d)


def values(seed, index, extents):
    """bf16 bits of one tensor: norms are ones, the rest is normal with the spread of a new model."""
    if len(extents) == 1:
        numbers = np.ones(extents, np.float32)
    else:
        rng = np.random.default_rng([seed, index])
        numbers = rng.standard_normal(extents, dtype=np.float32) * np.float32(0.02)
    return (numbers.view(np.uint32) >> 16).astype(np.uint16)


def config(shape):
    return {"architectures": ["MistralForCausalLM"], "model_type": "mistral",
            "vocab_size": shape["vocab"], "hidden_size": shape["dim"],
            "intermediate_size": shape["ff"], "num_hidden_layers": shape["layers"],
            "num_attention_heads": shape["heads"], "num_key_value_heads": shape["kv_heads"],
            "head_dim": shape["head_dim"], "hidden_act": "silu", "rms_norm_eps": EPS,
            "rope_theta": ROPE_THETA, "sliding_window": None, "max_position_embeddings": CONTEXT,
            "tie_word_embeddings": False, "torch_dtype": "bfloat16",
            "bos_token_id": 1, "eos_token_id": 2}


def write_safetensors(path, shape, seed):
    header, offset = {}, 0
    for name, _, extents in tensors(shape):
        size = 2 * int(np.prod(extents))
        header[name] = {"dtype": "BF16", "shape": list(extents),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for index, (_, _, extents) in enumerate(tensors(shape)):
            file.write(values(seed, index, extents).tobytes())


class GgufHeader:
    """GGUF version 3: magic, version, counts, then key-value pairs and tensor infos."""
    UINT32, INT32, FLOAT32, STRING, ARRAY = 4, 5, 6, 8, 9
    ALIGNMENT = 32

    def __init__(self):
        self.pairs, self.count = b"", 0

    @staticmethod
    def string(text):
        data = text.encode()
        return struct.pack("<Q", len(data)) + data

    def add(self, key, kind, data):
        self.pairs += self.string(key) + struct.pack("<I", kind) + data
        self.count += 1

    def number(self, key, value):
        kind, form = (self.FLOAT32, "<f") if isinstance(value, float) else (self.UINT32, "<I")
        self.add(key, kind, struct.pack(form, value))

    def text(self, key, value):
        self.add(key, self.STRING, self.string(value))

    def array(self, key, kind, items):
        self.add(key, self.ARRAY, struct.pack("<IQ", kind, len(items)) + b"".join(items))


def gguf_header(shape):
    header = GgufHeader()
    header.text("general.architecture", "llama")
    header.text("general.name", "random")
    for key, value in {"block_count": shape["layers"], "context_length": CONTEXT,
                       "embedding_length": shape["dim"], "feed_forward_length": shape["ff"],
                       "attention.head_count": shape["heads"],
                       "attention.head_count_kv": shape["kv_heads"],
                       "attention.key_length": shape["head_dim"],
                       "attention.value_length": shape["head_dim"],
                       "rope.dimension_count": shape["head_dim"], "rope.freq_base": ROPE_THETA,
                       "attention.layer_norm_rms_epsilon": EPS,
                       "vocab_size": shape["vocab"]}.items():
        header.number("llama." + key, value)
    # A vocabulary must be there; no text is ever read with it.
    special = [("<unk>", 2), ("<s>", 3), ("</s>", 3)] + [(f"<0x{b:02X}>", 6) for b in range(256)]
    words = special + [(f"w{i}", 1) for i in range(shape["vocab"] - len(special))]
    header.text("tokenizer.ggml.model", "llama")
    header.array("tokenizer.ggml.tokens", GgufHeader.STRING,
                 [GgufHeader.string(word) for word, _ in words])
    header.array("tokenizer.ggml.scores", GgufHeader.FLOAT32,
                 [struct.pack("<f", -float(i)) for i in range(len(words))])
    header.array("tokenizer.ggml.token_type", GgufHeader.INT32,
                 [struct.pack("<i", kind) for _, kind in words])
    header.number("tokenizer.ggml.bos_token_id", 1)
    header.number("tokenizer.ggml.eos_token_id", 2)
    return header


def interleaved(bits, head_dim):
    """Rows of heads whose halves rotate together, as rows of which neighbours do."""
    rows, width = bits.shape
    return bits.reshape(rows // head_dim, 2, head_dim // 2, width).swapaxes(1, 2).reshape(rows, width)


def gguf_data(shape, seed, index, name, extents):
    bits = values(seed, index, extents)
    if len(extents) == 1:
        return (bits.astype(np.uint32) << 16).tobytes()
    if "q_proj" in name or "k_proj" in name:
        bits = interleaved(bits, shape["head_dim"])
    return bits.tobytes()


def write_gguf(path, shape, seed):
    header = gguf_header(shape)
    f32, bf16 = 0, 30
    infos, offset, n = b"", 0, 0
    for _, name, extents in tensors(shape):
        one = len(extents) == 1
        infos += GgufHeader.string(name) + struct.pack("<I", len(extents))
        infos += b"".join(struct.pack("<Q", extent) for extent in reversed(extents))
        infos += struct.pack("<IQ", f32 if one else bf16, offset)
        size = int(np.prod(extents)) * (4 if one else 2)
        offset += size + -size % GgufHeader.ALIGNMENT
        n += 1
    start = struct.pack("<4sIQQ", b"GGUF", 3, n, header.count) + header.pairs + infos
    with open(path, "wb") as file:
        file.write(start + b"\0" * (-len(start) % GgufHeader.ALIGNMENT))
        for index, (name, _, extents) in enumerate(tensors(shape)):
            data = gguf_data(shape, seed, index, name, extents)
            file.write(data + b"\0" * (-len(data) % GgufHeader.ALIGNMENT))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="100m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gguf", action="store_true", help="also OUT/model.gguf")
    arguments = parser.parse_args()
    shape = SHAPES[arguments.shape]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "config.json").write_text(json.dumps(config(shape), indent=1) + "\n")
    write_safetensors(arguments.out / "model.safetensors", shape, arguments.seed)
    if arguments.gguf:
        write_gguf(arguments.out / "model.gguf", shape, arguments.seed)


if __name__ == "__main__":
    main()
