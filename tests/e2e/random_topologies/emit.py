"""Writes a description (see generator.py) as a topology, a model and a checkpoint folder."""
import json

import generator
import graph_text
import safetensors_io
import yaml_text


def emit(description, weights, folder):
    """Writes topologies/random.yaml, model.yaml, checkpoint/ and description.json. Returns what to
    run: the model document or, for some, the checkpoint, which the topology's `matches` fit when
    `folder` is in the config path."""
    topology, checkpoint = Topology(description), folder / "checkpoint"
    for inner in (folder / "topologies", checkpoint):
        inner.mkdir(exist_ok=True)
    document = topology.document()
    (folder / "topologies" / "random.yaml").write_text(yaml_text.document(document))
    model = folder / "model.yaml"
    model.write_text(yaml_text.document({"sirocco": "model/1", "name": f"random-{description['seed']}",
                                         "topology": "topologies/random.yaml",
                                         "checkpoint": "checkpoint"}))
    (checkpoint / topology.config_file).write_text(json.dumps(topology.config, indent=1))
    safetensors_io.write_f32(checkpoint / topology.weights_file,
                             {topology.file_name(name): value for name, value in weights.items()})
    (folder / "description.json").write_text(json.dumps(description, indent=1))
    return checkpoint if topology.matched else model


class Topology:
    def __init__(self, description):
        self.model, self.sizes = description, description["sizes"]
        self.style = generator.Chooser(f"style {description['seed']}")
        self.layout = self.style.choice(["hf", "native"])
        self.config_file = self.style.choice(["config.json", "params.json"])
        self.weights_file = self.style.choice(["model.safetensors", "consolidated.safetensors"])
        self.naming = self.style.choice(["plain", "blocks", "suffix"])
        self.matched = self.style.chance(0.3)
        self.pinned = {}
        self.config, self.params = {"model_type": f"random-{description['seed']}"}, {}

    def document(self):
        for name, value in self.sizes.items():
            self.param(name, "int", value)
        spelling = Spelling(self)
        text = graph_text.GraphText(self.model, self.style, spelling)
        graph, logits = text.graph()
        document = {"sirocco": "topology/1", "name": f"random-{self.model['seed']}"}
        parts = {
            "layouts": {self.layout: {"config": self.config_file, "weights": self.weight_files()}},
            "params": self.params,
            "state": self.state(spelling),
            "weights": self.weights(spelling),
            "graph": list(graph),
            "outputs": {"logits": logits},
            "matches": [self.match()],
            "context": "context",
        }
        if text.functions:
            parts["functions"] = text.functions
        names = list(parts)
        if self.style.chance(0.3):
            self.style.shuffle(names)
        return document | {name: parts[name] for name in names}

    def match(self):
        match = {"layout": self.layout, "if": f"model_type == 'random-{self.model['seed']}'",
                 "why": "it was made for this topology"}
        return match | ({"pin": self.pinned} if self.pinned else {})

    def weight_files(self):
        """One that is not there may come first."""
        return self.style.choice([[self.weights_file], ["absent.safetensors", self.weights_file]])

    # Params: each is read from somewhere in the config file, computed or defaulted.

    def param(self, name, kind, value, per_layer=False):
        param = {"type": kind}
        if per_layer:
            param["per"] = "layer"
        self.params[name] = param
        form = self.style.choice(["key", "key", "nested", "second", "default", "value", "pin"])
        if form == "value" and name not in ("n_layers", "vocab", "context"):
            param["value"] = self.computed(name, value)
        elif form == "default":
            param["from"] = {self.config_file: f"absent.{name}"}
            param["default"] = value
        elif form == "pin" and not isinstance(value, list):
            param["from"] = {self.config_file: f"absent.{name}"}
            self.pinned[name] = value
        elif form == "nested":
            part = self.style.choice(["text_config", "parameters"])
            self.config.setdefault(part, {})[name] = value
            param["from"] = {self.config_file: f"{part}.{name}"}
        elif form == "second":
            self.config[name + "_"] = value
            param["from"] = {self.config_file: [f"absent.{name}", name + "_"]}
        else:
            self.config[name] = value
            param["from"] = {self.config_file: name}
        return name

    def computed(self, name, value):
        """The value as an expression, sometimes over another size."""
        dim = self.sizes["dim"]
        if name == "dim" or type(value) is not int or self.style.chance(0.4):
            return value
        if self.style.chance(0.5):
            return f"dim {'+' if value >= dim else '-'} {abs(value - dim)}"
        return f"min({value}, dim*{1 + value // dim})"

    # State and weights.

    def state(self, spelling):
        groups = {}
        for name in self.model["groups"]:
            group = {"kind": "paged", "heads": f"{name}_kv_heads", "head_dim": f"{name}_dim"}
            if name != "front":
                group["per"] = "layer"
            same = self.sizes[name + "_dim"] == self.sizes[name + "_v_dim"]
            if not same or self.style.chance(0.3):
                group["v_dim"] = f"{name}_v_dim"
            window = spelling.windows[name]
            if window != "null" and self.style.chance(0.75):
                group["window"] = window
            if self.style.chance(0.3):
                group["page_tokens"] = self.style.choice([4, 16, 32])
            groups["kv_" + name] = group
        return groups

    def weights(self, spelling):
        declared = {}
        for weight in generator.weight_list(self.model):
            entry = {"shape": ", ".join(map(str, weight["shape"]))}
            if self.style.chance(0.2):
                entry["shape"] = list(weight["shape"])
            entry["names"] = {self.layout: self.file_name(weight["name"])}
            if weight["kind"] is not None:
                entry["when"] = spelling.kind_condition(weight["kind"])
            declared[weight["name"]] = entry
        declared.update(spelling.extra_weights)
        return declared

    def file_name(self, name):
        """Layers of different kinds may share names; a layer has only one kind."""
        if self.naming == "blocks":
            return name.replace("layers.", "blk.").replace(".main.", ".").replace(".alt.", ".")
        return f"model.{name}.weight" if self.naming == "suffix" else name


class Spelling:
    """How values of the description are written inside expressions."""

    def __init__(self, topology):
        self.topology, self.style = topology, topology.style
        model = topology.model
        self.eps = self.number("norm_eps", model["eps"])
        self.half_dim = self.style.choice(["dim//2", str(topology.sizes["dim"] // 2)])
        self.windows = {name: self.window(name, group["window"])
                        for name, group in model["groups"].items()}
        self.condition = self.pattern(model["pattern"])
        self.extra_weights = {}
        self.head_table = self.table(model)

    def kind_condition(self, index):
        return self.condition if index == 1 else f"not ({self.condition})"

    def absent_weight(self):
        """A weight that `when` takes away; as an optional input it is none."""
        self.topology.params["has_absent"] = {"type": "bool", "value": False}
        self.extra_weights["absent_bias"] = {"shape": "dim",
                                             "names": {self.topology.layout: "absent_bias"},
                                             "when": "has_absent"}
        return "absent_bias"

    def number(self, name, value):
        """A float: a param or a literal."""
        return self.topology.param(name, "float", value) if self.style.chance(0.7) else repr(value)

    def table(self, model):
        if not model["embedding"]["tied"]:
            return "output"
        form = self.style.choice(["same", "same file", "chosen"])
        if form == "same":
            return "tok_embeddings"
        output = {"shape": "vocab, dim", "names": {}}
        self.extra_weights["output"] = output
        layout = self.topology.layout
        if form == "same file":
            output["names"][layout] = self.topology.file_name("tok_embeddings")
            return "output"
        self.topology.param("tied", "bool", True)
        output["names"][layout] = self.topology.file_name("output")
        output["when"] = "not tied"
        return "(tied ? tok_embeddings : output)"

    def pattern(self, pattern):
        if pattern["rule"] == "every":
            return f"i % {pattern['period']} == {pattern['phase']}"
        return self.style.choice(["i >= {}", "not (i < {})"]).format(pattern.get("first", 0))

    def window(self, name, window):
        """An expression over the layer's index."""
        values, rule = window["values"], window["rule"]
        if rule == "none" and self.style.chance(0.5):
            return "null"
        if rule == "alternate" and self.style.chance(0.3):
            self.topology.params[f"{name}_window"] = {
                "type": "int | null", "per": "layer",
                "value": f"i % 2 == 0 ? {values[0]} : null"}
            return f"{name}_window[i]"
        if rule == "alternate" and self.style.chance(0.6):
            size = self.topology.param(f"{name}_window", "int", values[0])
            return self.style.choice([f"i % 2 == 0 ? {size} : null", f"i % 2 != 0 ? null : {size}"])
        if len(values) == 1 and (name == "front" or self.style.chance(0.5)):
            return self.topology.param(f"{name}_window", "int | null", values[0])
        spelt = values[0] if len(values) == 1 and self.style.chance(0.5) else values
        return self.topology.param(f"{name}_window", "int | null", spelt, per_layer=True) + "[i]"

    def rope(self, attention, index):
        rope, group = attention["rope"], attention["group"]
        thetas, name = rope["theta"], f"{attention['name']}_theta"
        if len(thetas) > 1:
            theta = self.topology.param(name, "float", thetas, per_layer=True) + f"[{index}]"
        else:
            theta = self.number(name, thetas[0])
        arguments = [f"theta={theta}", f"head_dim={group}_dim", f"style={self.rope_style(attention)}"]
        if rope["rotary_dim"]:
            rotary = rope["rotary_dim"]
            arguments.append(f"rotary_dim={self.style.choice([rotary, f'min({rotary}, {group}_dim)'])}")
        self.style.shuffle(arguments)
        return ", ".join(arguments)

    def rope_style(self, attention):
        style = attention["rope"]["style"]
        if self.style.chance(0.5):
            return f"'{style}'"
        name = f"{attention['name']}_style"
        self.topology.params[name] = {"type": "string", "layout": {self.topology.layout: style},
                                      "choices": ["interleaved", "half"]}
        return name

    def attention(self, attention):
        """Arguments after `state`."""
        out = ""
        window = self.windows[attention["group"]]
        if window != "null" or self.style.chance(0.3):
            out += f", window={window}"
        if attention["scale"]:
            out += f", scale={self.number(attention['name'] + '_scale', attention['scale'])}"
        elif self.style.chance(0.3):
            out += ", scale=null"
        return out
