#!/usr/bin/env python3
"""Cuts a checkpoint's model.safetensors into shards with an index, as large checkpoints come."""
import argparse
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import safetensors_io  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--shards", type=int, default=2)
    arguments = parser.parse_args()

    shutil.rmtree(arguments.target, ignore_errors=True)
    arguments.target.mkdir(parents=True)
    shutil.copy(arguments.source / "config.json", arguments.target)
    tensors = safetensors_io.read_raw(arguments.source / "model.safetensors")
    names = sorted(tensors)
    weight_map = {}
    for shard in range(arguments.shards):
        file = f"model-{shard + 1:05}-of-{arguments.shards:05}.safetensors"
        # Dealt out like cards, so that one layer's weights lie in different files.
        held = names[shard::arguments.shards]
        safetensors_io.write_raw(arguments.target / file, {name: tensors[name] for name in held})
        weight_map |= {name: file for name in held}
    index = {"metadata": {"total_size": sum(len(raw) for _, _, raw in tensors.values())},
             "weight_map": weight_map}
    (arguments.target / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    print(f"{len(names)} tensors in {arguments.shards} files")


if __name__ == "__main__":
    main()
