"""The graph of a description, as statements in the topology language.

`style` (a seeded random generator) decides what does not matter: names or nested calls, functions
or statements in place, `when` or a conditional expression, one spelling or another.
"""
import generator


class Statements(list):
    """A list of statements: {name: expression}, or a block."""

    def __init__(self, style):
        super().__init__()
        self.style = style
        self.uses = {}

    def bind(self, name, expression):
        self.append({name: expression})
        return name

    def maybe_bind(self, name, expression):
        """The expression, or a name of its own, since the text that uses it may come much later."""
        if len(expression) <= 160 and self.style.chance(0.4):
            return expression
        self.uses[name] = self.uses.get(name, 0) + 1
        return self.bind(name if self.uses[name] == 1 else f"{name}_{self.uses[name]}", expression)


class GraphText:
    def __init__(self, description, style, values):
        """`values` gives the spelling of eps, windows, thetas, …: see emit.Spelling."""
        self.model, self.style, self.values = description, style, values
        self.functions = {}
        self.norm_function = style.chance(0.3)
        # What the weights of a layer are reached by: L.main.attn.wq or M.attn.wq.
        short = style.chance(0.3)
        self.bases = {"main": "M.", "alt": "A."} if short else {"main": "L.main.", "alt": "L.alt."}

    def graph(self):
        """The statements and the expression of the logits."""
        model, embedding, out = self.model, self.model["embedding"], Statements(self.style)
        h = out.bind("h", "embedding(tokens, tok_embeddings)")
        if embedding["positions"]:
            out.bind("h", "add(h, embedding(positions, pos_embeddings))")
        if embedding["scale"]:
            out.bind("h", "mul(h, embedding_scale)")
        if embedding["norm"]:
            out.bind("h", self.norm(h, "embedding_norm"))
        if model["prelude"]:
            x = out.bind("x", self.norm(h, "front.norm"))
            out.bind("h", f"add(h, {self.attend_out(out, x, model['prelude'], 'front.', '')})")
        if any(kind["skip"] for kind in model["kinds"]):
            out.bind("first", "h")
        if model["stream"]:
            out.bind("stream", "h")
        header = "i in n_layers, L = layers.{i}"
        if "M." in self.bases.values():
            header += ", M = L.main"
            header += ", A = layers.{i}.alt" if len(self.model["kinds"]) > 1 else ""
        out.append({"repeat": header, "do": self.layer()})
        return out, self.logits(out)

    def logits(self, out):
        early = self.style.chance(0.5)
        h = "gather_rows(h, wanted)" if early else "h"
        if self.model["final_norm"]:
            h = out.maybe_bind("y", self.norm(h, "norm"))
        if self.model["head"]["hidden"]:
            y = f"linear({h}, head_hidden)"
            h = out.maybe_bind("y", self.activation(y, self.model["head"]["hidden"]))
        if not early:
            h = f"gather_rows({h}, wanted)"
        table = self.values.head_table
        return f"linear({h}, {table}{', output_bias' if self.model['head']['bias'] else ''})"

    # Layers.

    def layer(self):
        out = Statements(self.style)
        kinds = self.model["kinds"]
        as_function = self.style.chance(0.35)
        if len(kinds) == 1:
            self.put_kind(out, kinds[0], as_function)
        elif as_function and self.style.chance(0.5):
            calls = [self.layer_call(kind) for kind in kinds]
            out.bind("h", f"{self.values.condition} ? {calls[1]} : {calls[0]}")
        else:
            out += self.chosen(kinds, as_function)
        if self.model["stream"]:
            out.bind("stream", "add(mul(stream, L.stream_decay), h)")
            out.bind("h", "add(h, linear(stream, L.stream))")
        return out

    def chosen(self, kinds, as_function):
        bodies = []
        for kind in kinds:
            body = Statements(self.style)
            self.put_kind(body, kind, as_function)
            bodies.append(body)
        condition = self.values.condition
        if self.style.chance(0.6):
            return [{"when": condition, "do": bodies[1], "else": bodies[0]}]
        return [{"when": f"not ({condition})", "do": bodies[0]}, {"when": condition, "do": bodies[1]}]

    def put_kind(self, out, kind, as_function):
        if as_function:
            out.bind("h", self.layer_call(kind))
        else:
            self.kind_body(out, kind)

    def layer_call(self, kind):
        name = "layer_" + kind["name"]
        arguments = f"h, {'first, ' if kind['skip'] else ''}{self.prefix_of(kind)}, i"
        body = Statements(self.style)
        self.kind_body(body, kind)
        body.append({"return": "h"})
        self.functions[f"{name}({arguments})"] = body
        return f"{name}({arguments})"

    def prefix_of(self, kind):
        return self.bases[kind["name"]].split(".")[0]

    def kind_body(self, out, kind):
        base = self.bases[kind["name"]]
        (self.sequential if kind["wiring"] == "sequential" else self.parallel)(out, kind, base)
        if kind["skip"]:
            out.bind("h", f"add(h, linear(first, {base}skip))")
        if kind["topk"]:
            out.bind("largest, places", f"top_k(h, k={kind['topk']})")
            out.bind("h", f"add(h, linear(largest, {base}topk))")

    def sequential(self, out, kind, base):
        place = kind["norm_place"]
        for block, name in ((self.attention_block, "attn"), (self.ffn_block, "ffn")):
            x = "h" if place == "post" else out.bind("x", self.norm("h", f"{base}{name}_norm"))
            y = out.maybe_bind("y", block(out, x, kind, base))
            if place == "both":
                y = out.maybe_bind("y", self.norm(y, f"{base}{name}_out_norm"))
            out.bind("h", self.sum("h", y))
            if place == "post":
                out.bind("h", self.norm("h", f"{base}{name}_norm"))

    def parallel(self, out, kind, base):
        place, two_norms = kind["norm_place"], kind["wiring"] == "parallel_two_norms"
        x_attn = x_ffn = "h"
        if place != "post":
            x_attn = x_ffn = out.bind("x", self.norm("h", base + "attn_norm"))
            if two_norms:
                x_ffn = out.bind("x_ffn", self.norm("h", base + "ffn_norm"))
        attn = self.attention_block(out, x_attn, kind, base)
        if place == "both":
            attn = self.norm(attn, base + "attn_out_norm")
        attn = out.bind("y_attn", attn)
        ffn = self.ffn_block(out, x_ffn, kind, base)
        if place == "both":
            ffn = self.norm(ffn, base + "ffn_out_norm")
        if kind["mix"]:
            share = out.bind("share", f"softmax(linear({x_attn}, {base}mix))")
            attn = f"mul({attn}, linear(slice({share}, axis=-1, begin=0, end=1), {base}mix_attn))"
            ffn = f"mul({ffn}, linear(slice({share}, axis=1, begin=1, end=2), {base}mix_ffn))"
        out.bind("h", self.sum(self.sum("h", attn), ffn))
        if place == "post":
            out.bind("h", self.norm("h", base + "attn_norm"))
            if two_norms:
                out.bind("h", self.norm("h", base + "ffn_norm"))

    def attention_block(self, out, x, kind, base):
        if kind["join"] == "concat":
            parts = [self.attend(out, x, attention, f"{base}{attention['name']}.", "i")
                     for attention in kind["attentions"]]
            y = f"linear(concat({', '.join(parts)}{self.style.choice(['', ', axis=1'])}), {base}wo)"
        else:
            y = None
            for number, attention in enumerate(kind["attentions"]):
                if number == 1 and kind["join"] == "chain":
                    y = out.bind("chained", y)
                    x = out.bind("x_next", self.norm(f"add({x}, {y})", base + "chain_norm"))
                part = self.attend_out(out, x, attention, f"{base}{attention['name']}.", "i")
                y = part if y is None else f"add({y}, {part})"
        return f"mul({y}, {base}attn_scale)" if kind["scale"] else y

    def ffn_block(self, out, x, kind, base):
        name, prefix = "ffn_" + kind["name"], base + "ffn."
        if self.style.chance(0.4):
            body = Statements(self.style)
            y = self.ffn(body, "x", kind["ffn"], prefix)
            arguments = f"x, {self.prefix_of(kind)}"
            self.functions[f"{name}({arguments})"] = [*body, {"return": y}]
            y = f"{name}({arguments.replace('x', x, 1)})"
        else:
            y = self.ffn(out, x, kind["ffn"], prefix)
        return f"mul({y}, {base}ffn_scale)" if kind["scale"] else y

    def ffn(self, out, x, ffn, prefix):
        bias, size = ffn["bias"], ffn["size"]
        if ffn["roll"]:
            half = self.values.half_dim
            x = out.bind("rolled", f"concat(slice({x}, axis=1, begin={half}, end=dim), "
                                   f"slice({x}, axis=-1, begin=0, end={half}))")
        if ffn["fused"]:
            both = out.bind("gate_up", self.linear(x, prefix, "13", bias["up"]))
            gate = f"slice({both}, axis=-1, begin=0, end={size})"
            up = f"slice({both}, axis=-1, begin={size}, end=2*{size})"
        else:
            gate = self.linear(x, prefix, "1", bias["gate"])
            up = self.linear(x, prefix, "3", bias["up"])
        if ffn["kind"] == "mlp":
            inner = self.activation(up, ffn["activation"])
        else:
            gate, up = out.maybe_bind("g", gate), out.maybe_bind("u", up)
            inner = (f"swiglu({gate}, {up})" if ffn["kind"] == "swiglu"
                     else f"mul({self.activation(gate, ffn['activation'])}, {up})")
        return self.linear(out.maybe_bind("inner", inner), prefix, "2", bias["down"])

    # Attention. `index` is "i" inside the layers and empty outside.

    def attend_out(self, out, x, attention, prefix, index):
        y = out.maybe_bind("a", self.attend(out, x, attention, prefix, index))
        return self.linear(y, prefix, "o", attention["bias"]["o"])

    def attend(self, out, x, attention, prefix, index):
        name = attention["name"]
        if index and self.style.chance(0.3):
            body = Statements(self.style)
            y = self.attend_here(body, "x", attention, prefix, index)
            layer = prefix.split(".")[0]
            self.functions[f"attend_{name}(x, {layer}, i)"] = [*body, {"return": y}]
            return out.bind("seen_" + name, f"attend_{name}({x}, {layer}, i)")
        return out.bind("seen_" + name, self.attend_here(out, x, attention, prefix, index))

    def attend_here(self, out, x, attention, prefix, index):
        group = attention["group"]
        q, k, v = self.project(out, x, attention, prefix)
        if attention["qk_norm"]:
            q = self.head_norm(q, prefix + "q_norm", attention["name"] + "_heads", group)
            k = self.head_norm(k, prefix + "k_norm", group + "_kv_heads", group)
        if attention["rope"]:
            q, k = (f"rope({part}, positions, {self.values.rope(attention, index)})"
                    for part in (q, k))
        q, k, v = out.maybe_bind("q", q), out.maybe_bind("k", k), out.maybe_bind("v", v)
        state = f"kv_{group}[{index}]" if index else f"kv_{group}"
        extra = self.values.attention(attention)
        y = f"attention({q}, {k}, {v}, state={state}{extra})"
        return f"mul({y}, {self.gate(x, attention, prefix)})" if attention["gate"] else y

    def project(self, out, x, attention, prefix):
        bias = attention["bias"]
        if not attention["fused"]:
            return [self.linear(x, prefix, part, bias[part]) for part in "qkv"]
        name, group = attention["name"], attention["group"]
        qkv = out.bind("qkv", self.linear(x, prefix, "qkv", bias["q"]))
        q_end = f"{name}_heads*{group}_dim"
        k_end = f"{q_end} + {group}_kv_heads*{group}_dim"
        v_end = f"{k_end} + {group}_kv_heads*{group}_v_dim"
        edges = ["0", q_end, k_end, v_end]
        return [f"slice({qkv}, axis=1, begin={begin}, end={end})"
                for begin, end in zip(edges, edges[1:])]

    def head_norm(self, x, weight, heads, group):
        rows = f"reshape({x}, shape=[{self.style.choice([heads, '-1'])}, {group}_dim])"
        normed = f"rms_norm({rows}, {weight}, eps={self.values.eps})"
        return f"reshape({normed}, shape=[{heads}*{group}_dim])"

    def gate(self, x, attention, prefix):
        values = f"linear({x}, {prefix}wgate)"
        if attention["gate"] == "silu":
            return f"silu({values})"
        if attention["gate"] == "softmax":
            return f"softmax({values})"
        heads = f"{attention['name']}_heads"
        return (f"reshape(softmax(reshape({values}, shape=[{heads}, -1]), axis=-1), "
                f"shape=[{generator.value_size(attention)}])")

    # Pieces.

    def linear(self, x, prefix, part, bias):
        """A bias that is not there is left out, null, or a weight declared absent."""
        third = f", {prefix}b{part}"
        if not bias:
            form = self.style.choice(["out", "out", "null", "absent"])
            third = "" if form == "out" else ", null"
            if form == "absent":
                third = ", " + self.values.absent_weight()
        return f"linear({x}, {prefix}w{part}{third})"

    def norm(self, x, name):
        norm = self.model["norm"]
        weights = f"{name}, {name}_bias" if norm["bias"] else name
        if self.norm_function:
            arguments = "w, b" if norm["bias"] else "w"
            self.functions[f"normed(x, {arguments})"] = [
                {"return": f"{norm['kind']}_norm(x, {arguments}, eps={self.values.eps})"}]
            return f"normed({x}, {weights})"
        return f"{norm['kind']}_norm({x}, {weights}, eps={self.values.eps})"

    def activation(self, x, name):
        spelling = {"silu": ["silu({})"], "gelu_tanh": ["gelu({}, approximate='tanh')"],
                    "gelu": ["gelu({})", "gelu({}, approximate='none')"]}
        return self.style.choice(spelling[name]).format(x)

    def sum(self, a, b):
        if self.style.chance(0.1):
            wide = f"add(cast({a}, dtype='f64'), cast({b}, dtype='f64'))"
            return f"cast({wide}, dtype={self.style.choice(['activation', 'f32'])!r})"
        return f"add({a}, {b})"
