"""The few shapes of YAML a topology needs, written without a YAML library."""

# What a plain scalar may not start with.
INDICATORS = set("-?:,[]{}#&*!|>'\"%@`")


def scalar(text):
    """A plain scalar where YAML allows it, else one in double quotes."""
    if text is None or isinstance(text, bool):
        return {None: "null", True: "true", False: "false"}[text]
    if not isinstance(text, str):
        return repr(text)
    plain = text and text[0] not in INDICATORS and ": " not in text and " #" not in text
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lines(value, indent=0):
    """Block style of nested dicts, lists and scalars."""
    pad = "  " * indent
    out = []
    if isinstance(value, dict):
        for key, item in value.items():
            key = scalar(key)
            if isinstance(item, (dict, list)) and item:
                out += [f"{pad}{key}:", *lines(item, indent + 1)]
            else:
                out.append(f"{pad}{key}: {scalar(item)}")
    else:
        for item in value:
            if isinstance(item, dict):
                first, *rest = lines(item, indent + 1)
                out += [f"{pad}- {first.lstrip()}", *rest]
            else:
                out.append(f"{pad}- {scalar(item)}")
    return out


def document(value):
    return "\n".join(lines(value)) + "\n"
