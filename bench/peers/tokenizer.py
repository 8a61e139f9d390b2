"""A made-up tokenizer for peers that load none without one: a word a token, w11 for token 11."""
import json


def words(count):
    return ["<unk>", "<s>", "</s>"] + [f"w{index}" for index in range(3, count)]


def write(folder, count):
    """tokenizer.json and tokenizer_config.json of `count` words, as Hugging Face's libraries read them."""
    names = words(count)
    special = [{"id": index, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
                "normalized": False, "special": True} for index, name in enumerate(names[:3])]
    # The decoder changes nothing of such words; some peers refuse a tokenizer without one.
    decoder = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    model = {"type": "WordLevel", "unk_token": names[0],
             "vocab": {name: index for index, name in enumerate(names)}}
    (folder / "tokenizer.json").write_text(json.dumps(
        {"version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
         "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None,
         "decoder": decoder, "model": model}))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": names[0], "bos_token": names[1],
         "eos_token": names[2]}))
