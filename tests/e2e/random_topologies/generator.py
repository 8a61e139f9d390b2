"""Seeded random models as plain data, and their weights.

A description is a dict that JSON can hold. It says what is computed, never how a topology is
written: `emit.py` writes it down, `evaluate.py` evaluates it, and neither looks at the other.
"""
import random

import numpy as np

ACTIVATIONS = ["silu", "gelu", "gelu_tanh"]


class Chooser(random.Random):
    def chance(self, probability):
        return self.random() < probability


def describe(seed):
    """The random model of that seed."""
    rng = Chooser(seed)
    sizes = {"n_layers": rng.randint(1, 5), "dim": rng.choice([16, 24, 32, 48]),
             "vocab": rng.randint(30, 90), "context": 64, "ff": rng.choice([20, 32, 56]),
             "alt_ff": rng.choice([12, 28])}
    description = {
        "seed": seed,
        "sizes": sizes,
        "eps": rng.choice([1e-5, 1e-4, 1e-3, 1e-2]),
        "norm": {"kind": rng.choice(["rms", "layer"]), "bias": rng.chance(0.5)},
        "groups": {},
        "kinds": [],
    }
    if description["norm"]["kind"] == "rms":
        description["norm"]["bias"] = False
    description["kinds"].append(_kind(rng, description, alternative=False))
    if sizes["n_layers"] > 1 and rng.chance(0.5):
        description["kinds"].append(_kind(rng, description, alternative=True))
    else:
        del sizes["alt_ff"]
    description["pattern"] = _pattern(rng, len(description["kinds"]))
    description["prelude"] = _prelude(rng, description) if rng.chance(0.25) else None
    description["embedding"] = {"tied": rng.chance(0.4), "positions": rng.chance(0.25),
                                "scale": rng.chance(0.25), "norm": rng.chance(0.25)}
    description["stream"] = rng.chance(0.25)
    post = all(kind["norm_place"] == "post" for kind in description["kinds"])
    description["final_norm"] = not (post and rng.chance(0.5))
    description["head"] = {"bias": rng.chance(0.3), "hidden": _maybe(rng, 0.25, ACTIVATIONS)}
    if description["embedding"]["tied"]:
        description["head"]["bias"] = False
    return description


def kind_of_layer(description, layer):
    """Index into `kinds`; the pattern is a rule on the layer's index."""
    pattern = description["pattern"]
    if pattern["rule"] == "every":
        return 1 if layer % pattern["period"] == pattern["phase"] else 0
    if pattern["rule"] == "from":
        return 1 if layer >= pattern["first"] else 0
    return 0


def at_layer(values, layer):
    """An element of a list that tiles over the layers."""
    return values[layer % len(values)]


def _maybe(rng, probability, choices):
    return rng.choice(choices) if rng.chance(probability) else None


def _pattern(rng, kinds):
    if kinds == 1:
        return {"rule": "all"}
    if rng.chance(0.6):
        period = rng.randint(2, 3)
        return {"rule": "every", "period": period, "phase": rng.randrange(period)}
    return {"rule": "from", "first": 1}


def _kind(rng, description, alternative):
    prefix = "alt_" if alternative else ""
    attentions = [_attention(rng, description, prefix + "attn", alternative)]
    if rng.chance(0.3):
        attentions.append(_attention(rng, description, prefix + "attn2", False))
    wiring = rng.choice(["sequential", "sequential", "parallel", "parallel_two_norms"])
    return {
        "name": "alt" if alternative else "main",
        "wiring": wiring,
        "norm_place": rng.choice(["pre", "pre", "post", "both"]),
        "attentions": attentions,
        "join": rng.choice(["sum", "concat", "chain"]) if len(attentions) > 1 else "sum",
        "ffn": _ffn(rng, alternative),
        "scale": rng.chance(0.25),
        "mix": wiring != "sequential" and rng.chance(0.4),
        "skip": rng.chance(0.2),
        "topk": _maybe(rng, 0.15, [2, 3, 5]),
    }


def _attention(rng, description, name, may_share):
    groups, sizes = description["groups"], description["sizes"]
    group = "attn" if may_share and rng.chance(0.5) else name
    if group not in groups:
        sizes[f"{group}_kv_heads"] = rng.randint(1, 3)
        sizes[f"{group}_dim"] = rng.choice([4, 6, 8, 12])
        sizes[f"{group}_v_dim"] = rng.choice([sizes[f"{group}_dim"]] * 3 + [5, 10])
        groups[group] = {"window": _windows(rng, sizes["n_layers"])}
    head_dim = sizes[f"{group}_dim"]
    sizes[f"{name}_heads"] = sizes[f"{group}_kv_heads"] * rng.randint(1, 3)
    return {
        "name": name,
        "group": group,
        "rope": _rope(rng, head_dim, sizes["n_layers"]) if rng.chance(0.85) else None,
        "scale": _maybe(rng, 0.3, [0.2, 0.3, 0.5]),
        "bias": {part: rng.chance(0.3) for part in "qkvo"},
        "qk_norm": rng.chance(0.25),
        "fused": rng.chance(0.3),
        "gate": _maybe(rng, 0.35, ["silu", "softmax", "grouped_softmax"]),
    }


def _windows(rng, n_layers):
    """Windows by layer: a list that tiles, null where all is seen."""
    rule = rng.choice(["none", "one", "tile", "alternate", "each"])
    size = rng.choice([1, 2, 3, 5, 8, 16, 17])
    if rule == "none":
        return {"rule": rule, "values": [None]}
    if rule == "one":
        return {"rule": rule, "values": [size]}
    if rule == "tile":
        return {"rule": rule, "values": [rng.choice([None, 2, 4, 9, 16]) for _ in range(2)] + [size]}
    if rule == "alternate":
        return {"rule": rule, "values": [size, None]}
    return {"rule": rule, "values": [rng.choice([None, 1, 4, 7, 16, 33]) for _ in range(n_layers)]}


def _rope(rng, head_dim, n_layers):
    per_layer = rng.chance(0.25)
    partial = rng.chance(0.3)
    return {
        "style": rng.choice(["interleaved", "half"]),
        "theta": [rng.choice([100.0, 10000.0, 1e6, 333.5])
                  for _ in range(n_layers if per_layer else 1)],
        "rotary_dim": 2 * rng.randint(1, head_dim // 2) if partial else None,
    }


def _ffn(rng, alternative):
    kind = rng.choice(["swiglu", "gated", "mlp"])
    return {
        "kind": kind,
        "size": "alt_ff" if alternative else "ff",
        "activation": rng.choice(ACTIVATIONS),
        "bias": {part: rng.chance(0.3) for part in ("gate", "up", "down")},
        "fused": kind != "mlp" and rng.chance(0.3),
        "roll": rng.chance(0.2),
    }


def _prelude(rng, description):
    """One attention before the layers, with a state of its own that is not one of every layer."""
    attention = _attention(rng, description, "front", False)
    group = description["groups"]["front"]
    group["window"] = {"rule": "one", "values": [rng.choice([None, 3, 11])]}
    if attention["rope"] is not None:
        attention["rope"]["theta"] = attention["rope"]["theta"][:1]
    return attention


# Weights. An extent is an expression over the sizes, in the notation both languages share.


def weight_list(description):
    """[{name, shape, kind}]: `{i}` in the name stands for the layer, `kind` is the index of the
    layers that have it (None: all, or no layer's at all), `std` and `mean` those of its values."""
    out = []
    if description["stream"]:
        out.append(_weight("layers.{i}.stream_decay", ["dim"], 0.1, mean=0.7))
        out.append(_linear("layers.{i}.stream", "dim", "dim", 0.3))
    out += [_weight("tok_embeddings", ["vocab", "dim"], _embedding_std(description))]
    embedding = description["embedding"]
    if embedding["positions"]:
        out.append(_weight("pos_embeddings", ["context", "dim"], 0.3))
    if embedding["scale"]:
        out.append(_weight("embedding_scale", ["dim"], 0.3, mean=1.5))
    if embedding["norm"]:
        out += _norm(description, "embedding_norm")
    if description["prelude"]:
        out += _norm(description, "front.norm")
        out += _attention_weights(description["prelude"], "front.")
        out.append(_output("front.wo", description["prelude"]))
        out += _bias(description["prelude"]["bias"]["o"], "front.bo", "dim")
    for index, kind in enumerate(description["kinds"]):
        for weight in _kind_weights(description, kind):
            weight["kind"] = index if len(description["kinds"]) > 1 else None
            out.append(weight)
    if description["final_norm"]:
        out += _norm(description, "norm")
    head = description["head"]
    if head["hidden"]:
        out.append(_linear("head_hidden", "dim", "dim", 1.5))
    if not embedding["tied"]:
        out.append(_linear("output", "vocab", "dim", 2.0))
    return out + _bias(head["bias"], "output_bias", "vocab")


def make_weights(description):
    """{name: f32 array}, `{i}` replaced."""
    rng = np.random.default_rng(description["seed"])
    sizes = description["sizes"]
    weights = {}
    for weight in weight_list(description):
        shape = [extent(expression, sizes) for expression in weight["shape"]]
        std = weight["std"] / np.sqrt(shape[-1]) if weight["fan_in"] else weight["std"]
        for layer in layers_with(description, weight):
            name = weight["name"].replace("{i}", str(layer))
            values = weight["mean"] + std * rng.standard_normal(shape)
            weights[name] = values.astype(np.float32)
    return weights


def layers_with(description, weight):
    """The layers that have this weight; [None] for one that belongs to no layer."""
    if "{i}" not in weight["name"]:
        return [None]
    return [layer for layer in range(description["sizes"]["n_layers"])
            if weight["kind"] in (None, kind_of_layer(description, layer))]


def extent(expression, sizes):
    """Value of an extent: products, sums and the names of sizes."""
    return int(eval(str(expression), {"__builtins__": {}}, sizes))  # our own strings only


def _embedding_std(description):
    # A tied table is the head too: its logits get a standard deviation of about 2.
    return 2.0 / np.sqrt(description["sizes"]["dim"]) if description["embedding"]["tied"] else 0.8


def _weight(name, shape, std, mean=0.0, fan_in=False):
    return {"name": name, "shape": shape, "std": std, "mean": mean, "fan_in": fan_in, "kind": None}


def _linear(name, out, features, gain):
    return _weight(name, [out, features], gain, fan_in=True)


def _bias(present, name, size):
    return [_weight(name, [size], 0.3)] if present else []


def _norm(description, name, size="dim"):
    weights = [_weight(name, [size], 0.2, mean=1.0)]
    return weights + _bias(description["norm"]["bias"], name + "_bias", size)


def value_size(attention):
    """Elements of a row of the attention's result, as an expression."""
    return f"{attention['name']}_heads*{attention['group']}_v_dim"


def _output(name, attention):
    return _linear(name, "dim", value_size(attention), 1.2)


def _attention_weights(attention, prefix):
    name, group = attention["name"], attention["group"]
    q = f"{name}_heads*{group}_dim"
    k = f"{group}_kv_heads*{group}_dim"
    v = f"{group}_kv_heads*{group}_v_dim"
    bias = attention["bias"]
    if attention["fused"]:
        out = [_linear(prefix + "wqkv", f"{q}+{k}+{v}", "dim", 1.0)]
        out += _bias(bias["q"], prefix + "bqkv", f"{q}+{k}+{v}")
    else:
        out = []
        for part, size in zip("qkv", (q, k, v)):
            out.append(_linear(prefix + "w" + part, size, "dim", 1.0))
            out += _bias(bias[part], prefix + "b" + part, size)
    if attention["qk_norm"]:
        out += [_weight(prefix + part, [f"{group}_dim"], 0.2, mean=1.0)
                for part in ("q_norm", "k_norm")]
    if attention["gate"]:
        out.append(_linear(prefix + "wgate", value_size(attention), "dim", 1.5))
    return out


def _kind_weights(description, kind):
    base = f"layers.{{i}}.{kind['name']}."
    out = _norm(description, base + "attn_norm")
    if kind["wiring"] != "parallel":
        out += _norm(description, base + "ffn_norm")
    if kind["norm_place"] == "both":
        out += _norm(description, base + "attn_out_norm") + _norm(description, base + "ffn_out_norm")
    for attention in kind["attentions"]:
        prefix = base + attention["name"] + "."
        out += _attention_weights(attention, prefix)
        if kind["join"] != "concat":
            out.append(_output(prefix + "wo", attention))
            out += _bias(attention["bias"]["o"], prefix + "bo", "dim")
    if kind["join"] == "concat":
        size = "+".join(value_size(attention) for attention in kind["attentions"])
        out.append(_linear(base + "wo", "dim", size, 1.2))
    if kind["join"] == "chain":
        out += _norm(description, base + "chain_norm")
    out += _ffn_weights(kind["ffn"], base + "ffn.")
    if kind["scale"]:
        out += [_weight(base + part, ["dim"], 0.3, mean=0.8) for part in ("attn_scale", "ffn_scale")]
    if kind["mix"]:
        out.append(_linear(base + "mix", 2, "dim", 1.5))
        out += [_weight(base + part, ["dim", 1], 0.5, mean=1.0) for part in ("mix_attn", "mix_ffn")]
    if kind["skip"]:
        out.append(_linear(base + "skip", "dim", "dim", 0.5))
    if kind["topk"]:
        out.append(_linear(base + "topk", "dim", kind["topk"], 0.4))
    return out


def _ffn_weights(ffn, prefix):
    size, bias = ffn["size"], ffn["bias"]
    out = []
    if ffn["fused"]:
        out.append(_linear(prefix + "w13", f"2*{size}", "dim", 1.0))
        out += _bias(bias["up"], prefix + "b13", f"2*{size}")
    else:
        if ffn["kind"] != "mlp":
            out.append(_linear(prefix + "w1", size, "dim", 1.0))
            out += _bias(bias["gate"], prefix + "b1", size)
        out.append(_linear(prefix + "w3", size, "dim", 1.0))
        out += _bias(bias["up"], prefix + "b3", size)
    out.append(_linear(prefix + "w2", "dim", size, 1.2))
    return out + _bias(bias["down"], prefix + "b2", "dim")


def make_prompts(seed, vocab):
    """Two or three ragged prompts of 1 to 40 tokens."""
    rng = Chooser(f"prompts {seed}")
    longest = rng.randint(20, 40)
    lengths = [longest] + [rng.randint(1, 40) for _ in range(rng.randint(1, 2))]
    rng.shuffle(lengths)
    return [[rng.randrange(vocab) for _ in range(length)] for length in lengths]
