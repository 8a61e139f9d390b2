"""Begins a mixture where a dense model ended: everything is copied, the MLPs are cut into experts.

An expert is a quarter of the dense MLP's hidden units, and each quarter is there twice. Two experts, at
about half weight each, stand for four quarters: hence the factor on what leaves them.
"""

import pathlib

import safetensors.torch

from model import Decoder

DENSE_NAMES = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}


def start(model: Decoder, dense: pathlib.Path) -> None:
    """Fills `model` from the checkpoint in the folder `dense`; the routers keep their random weights."""
    config = model.config
    size, parts = config.intermediate_size, config.num_local_experts // 2
    given = safetensors.torch.load_file(dense / "model.safetensors")
    state = model.state_dict()
    for name, value in state.items():
        if name in given:
            value.copy_(given[name])
        elif ".experts." in name:
            before, after = name.split("block_sparse_moe.experts.")
            expert, matrix, _ = after.split(".")
            whole = given[f"{before}mlp.{DENSE_NAMES[matrix]}.weight"]
            units = slice(int(expert) % parts * size, (int(expert) % parts + 1) * size)
            value.copy_(whole[:, units] * parts if matrix == "w2" else whole[units])
