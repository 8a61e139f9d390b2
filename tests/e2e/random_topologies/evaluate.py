"""Float64 evaluation of a description (see generator.py) with numpy alone.

Every prompt by itself, all of its positions at once, with masks and without a cache. It knows what
the pieces of a description mean, and nothing of topologies, graphs or ops.
"""
import copy
import math

import numpy as np

import generator

erf = np.vectorize(math.erf, otypes=[np.float64])


def logits(description, weights, tokens):
    """[T, vocab] of one prompt; `weights` of any float dtype."""
    return Evaluation(description, weights).run(np.asarray(tokens))


class Evaluation:
    def __init__(self, description, weights):
        self.model = description
        self.weights = {name: value.astype(np.float64) for name, value in weights.items()}
        self.sizes = description["sizes"]

    def run(self, tokens):
        model, embedding = self.model, self.model["embedding"]
        self.positions = np.arange(len(tokens))
        h = self.weights["tok_embeddings"][tokens]
        if embedding["positions"]:
            h = h + self.weights["pos_embeddings"][self.positions]
        if embedding["scale"]:
            h = h * self.weights["embedding_scale"]
        if embedding["norm"]:
            h = self.norm(h, "embedding_norm")
        if model["prelude"]:
            h = h + self.attend_out(self.norm(h, "front.norm"), model["prelude"], "front.", 0)
        first, stream = h, h
        for layer in range(self.sizes["n_layers"]):
            h = self.layer(h, first, layer)
            if model["stream"]:
                stream = stream * self.weights[f"layers.{layer}.stream_decay"] + h
                h = h + self.linear(stream, f"layers.{layer}.stream")
        return self.head(h)

    def head(self, h):
        if self.model["final_norm"]:
            h = self.norm(h, "norm")
        if self.model["head"]["hidden"]:
            h = activate(self.linear(h, "head_hidden"), self.model["head"]["hidden"])
        table = "tok_embeddings" if self.model["embedding"]["tied"] else "output"
        return self.linear(h, table, "output_bias")

    # Layers.

    def layer(self, h, first, layer):
        kind = self.model["kinds"][generator.kind_of_layer(self.model, layer)]
        base = f"layers.{layer}.{kind['name']}."
        step = self.sequential if kind["wiring"] == "sequential" else self.parallel
        h = step(h, kind, base, layer)
        if kind["skip"]:
            h = h + self.linear(first, base + "skip")
        if kind["topk"]:
            largest = -np.sort(-h, axis=-1)[:, :kind["topk"]]
            h = h + self.linear(largest, base + "topk")
        return h

    def sequential(self, h, kind, base, layer):
        place = kind["norm_place"]
        for block, name in ((self.attention_block, "attn"), (self.ffn_block, "ffn")):
            x = h if place == "post" else self.norm(h, f"{base}{name}_norm")
            y = block(x, kind, base, layer)
            if place == "both":
                y = self.norm(y, f"{base}{name}_out_norm")
            h = h + y
            if place == "post":
                h = self.norm(h, f"{base}{name}_norm")
        return h

    def parallel(self, h, kind, base, layer):
        """Both blocks read the same; with two norms each has its own (post: one after the other)."""
        place = kind["norm_place"]
        x_attn = x_ffn = h
        if place != "post":
            x_attn = x_ffn = self.norm(h, base + "attn_norm")
            if kind["wiring"] == "parallel_two_norms":
                x_ffn = self.norm(h, base + "ffn_norm")
        attn = self.attention_block(x_attn, kind, base, layer)
        ffn = self.ffn_block(x_ffn, kind, base, layer)
        if place == "both":
            attn = self.norm(attn, base + "attn_out_norm")
            ffn = self.norm(ffn, base + "ffn_out_norm")
        if kind["mix"]:
            share = softmax(self.linear(x_attn, base + "mix"))
            attn = attn * (share[:, :1] * self.weights[base + "mix_attn"][:, 0])
            ffn = ffn * (share[:, 1:] * self.weights[base + "mix_ffn"][:, 0])
        h = h + attn + ffn
        if place == "post":
            h = self.norm(h, base + "attn_norm")
            if kind["wiring"] == "parallel_two_norms":
                h = self.norm(h, base + "ffn_norm")
        return h

    def attention_block(self, x, kind, base, layer):
        if kind["join"] == "concat":
            parts = [self.attend(x, attention, f"{base}{attention['name']}.", layer)
                     for attention in kind["attentions"]]
            y = self.linear(np.concatenate(parts, axis=1), base + "wo")
        else:
            y = 0.0
            for number, attention in enumerate(kind["attentions"]):
                if number == 1 and kind["join"] == "chain":
                    x = self.norm(x + y, base + "chain_norm")
                y = y + self.attend_out(x, attention, f"{base}{attention['name']}.", layer)
        return y * self.weights[base + "attn_scale"] if kind["scale"] else y

    def ffn_block(self, x, kind, base, layer):
        ffn, prefix = kind["ffn"], base + "ffn."
        if ffn["roll"]:
            x = np.roll(x, x.shape[1] // 2, axis=1)
        if ffn["fused"]:
            gate, up = np.split(self.linear(x, prefix + "w13", prefix + "b13"), 2, axis=1)
        else:
            gate = (self.linear(x, prefix + "w1", prefix + "b1") if ffn["kind"] != "mlp" else None)
            up = self.linear(x, prefix + "w3", prefix + "b3")
        if ffn["kind"] == "swiglu":
            inner = activate(gate, "silu") * up
        elif ffn["kind"] == "gated":
            inner = activate(gate, ffn["activation"]) * up
        else:
            inner = activate(up, ffn["activation"])
        y = self.linear(inner, prefix + "w2", prefix + "b2")
        return y * self.weights[base + "ffn_scale"] if kind["scale"] else y

    # Attention.

    def attend_out(self, x, attention, prefix, layer):
        return self.linear(self.attend(x, attention, prefix, layer), prefix + "wo", prefix + "bo")

    def attend(self, x, attention, prefix, layer):
        """[T, heads*v_dim], before the output projection."""
        group, count = attention["group"], len(x)
        heads, kv_heads = self.sizes[attention["name"] + "_heads"], self.sizes[group + "_kv_heads"]
        dim = self.sizes[group + "_dim"]
        q, k, v = self.project(x, attention, prefix, heads * dim, kv_heads * dim)
        q, k = q.reshape(count, heads, dim), k.reshape(count, kv_heads, dim)
        v = v.reshape(count, kv_heads, -1)
        if attention["qk_norm"]:
            q = rms(q, self.model["eps"]) * self.weights[prefix + "q_norm"]
            k = rms(k, self.model["eps"]) * self.weights[prefix + "k_norm"]
        if attention["rope"]:
            q, k = self.rotate(q, attention["rope"], layer), self.rotate(k, attention["rope"], layer)
        k, v = (np.repeat(part, heads // kv_heads, axis=1) for part in (k, v))
        scale = attention["scale"] or 1 / math.sqrt(dim)
        scores = scale * np.einsum("qhd,khd->hqk", q, k)
        window = generator.at_layer(self.model["groups"][group]["window"]["values"], layer)
        scores = np.where(self.visible(window), scores, -np.inf)
        y = np.einsum("hqk,khd->qhd", softmax(scores), v).reshape(count, -1)
        return y * self.gate(x, attention, prefix) if attention["gate"] else y

    def project(self, x, attention, prefix, q_size, k_size):
        if attention["fused"]:
            qkv = self.linear(x, prefix + "wqkv", prefix + "bqkv")
            return np.split(qkv, [q_size, q_size + k_size], axis=1)
        return [self.linear(x, f"{prefix}w{part}", f"{prefix}b{part}") for part in "qkv"]

    def visible(self, window):
        query, key = self.positions[:, None], self.positions[None, :]
        mask = key <= query
        return mask if window is None else mask & (query - window < key)

    def rotate(self, x, rope, layer):
        """Multiplication of pairs, as complex numbers, by e^(i * angle)."""
        rotary = rope["rotary_dim"] or x.shape[-1]
        theta = generator.at_layer(rope["theta"], layer)
        angles = np.outer(self.positions, theta ** (-2 * np.arange(rotary // 2) / rotary))
        turn = np.exp(1j * angles)[:, None, :]
        first, second = ((slice(0, rotary, 2), slice(1, rotary, 2))
                         if rope["style"] == "interleaved"
                         else (slice(0, rotary // 2), slice(rotary // 2, rotary)))
        turned = (x[..., first] + 1j * x[..., second]) * turn
        out = x.copy()
        out[..., first], out[..., second] = turned.real, turned.imag
        return out

    def gate(self, x, attention, prefix):
        values = self.linear(x, prefix + "wgate")
        if attention["gate"] == "silu":
            return activate(values, "silu")
        if attention["gate"] == "softmax":
            return softmax(values)
        heads = self.sizes[attention["name"] + "_heads"]
        return softmax(values.reshape(len(x), heads, -1)).reshape(len(x), -1)

    # Pieces.

    def linear(self, x, weight, bias=None):
        y = x @ self.weights[weight].T
        return y + self.weights[bias] if bias in self.weights else y

    def norm(self, x, name):
        if self.model["norm"]["kind"] == "rms":
            return rms(x, self.model["eps"]) * self.weights[name]
        centred = x - x.mean(axis=-1, keepdims=True)
        y = rms(centred, self.model["eps"]) * self.weights[name]
        return y + self.weights.get(name + "_bias", 0.0)


def rms(x, eps):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def activate(x, name):
    if name == "silu":
        return x / (1 + np.exp(-x))
    if name == "gelu":
        return x / 2 * (1 + erf(x / math.sqrt(2)))
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


# Small mistakes, to show that the comparison sees them.


def _attentions(description):
    found = [attention for kind in description["kinds"] for attention in kind["attentions"]]
    return found + ([description["prelude"]] if description["prelude"] else [])


def _eps(description):
    description["eps"] *= 10


def _window(description):
    for group in description["groups"].values():
        values = group["window"]["values"]
        group["window"]["values"] = [value and value + 1 for value in values]


def _full_window(description):
    for group in description["groups"].values():
        group["window"]["values"] = [None]


def _rope_style(description):
    other = {"half": "interleaved", "interleaved": "half"}
    for attention in _attentions(description):
        if attention["rope"]:
            attention["rope"]["style"] = other[attention["rope"]["style"]]


def _theta(description):
    for attention in _attentions(description):
        if attention["rope"]:
            attention["rope"]["theta"] = [1.01 * theta for theta in attention["rope"]["theta"]]


def _rotary_dim(description):
    for attention in _attentions(description):
        if attention["rope"]:
            attention["rope"]["rotary_dim"] = None


def _scale(description):
    for attention in _attentions(description):
        if attention["scale"]:
            attention["scale"] *= 1.001


def _activation(description):
    other = {"gelu": "gelu_tanh", "gelu_tanh": "gelu", "silu": "gelu"}
    for kind in description["kinds"]:
        kind["ffn"]["activation"] = other[kind["ffn"]["activation"]]


def _norm_kind(description):
    description["norm"]["kind"] = {"rms": "layer", "layer": "rms"}[description["norm"]["kind"]]


def _roll(description):
    for kind in description["kinds"]:
        kind["ffn"]["roll"] = False


def _stream(description):
    description["stream"] = False


MUTATIONS = {
    "eps": _eps, "window": _window, "full_window": _full_window, "rope_style": _rope_style,
    "theta": _theta, "rotary_dim": _rotary_dim, "scale": _scale, "activation": _activation,
    "norm_kind": _norm_kind, "roll": _roll, "stream": _stream,
}


def mutated(description, name):
    """The description with that mistake; None where the mistake changes nothing in it."""
    changed = copy.deepcopy(description)
    MUTATIONS[name](changed)
    return None if changed == description else changed
