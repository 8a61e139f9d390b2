"""The declarations of the ABI headers, read without a compiler: what layout_digest.py measures."""

import re
from dataclasses import dataclass, field

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
DEFINE = re.compile(r"^\s*#define\s+(SIROCCO_\w+)[ \t]+(.+)$", re.M)
STRUCT = re.compile(r"typedef\s+struct\s+(\w+)\s*\{(.*?)\}\s*\w+\s*;", re.S)
ENUM = re.compile(r"\benum\s*\{(.*?)\}\s*;", re.S)
SCALAR = re.compile(r"typedef\s+(u?int\d+_t|float|double)\s+(\w+)\s*;")
FUNCTION_TYPE = re.compile(r"typedef\s+([^;{}]*?\(\s*\*\s*(\w+)\s*\)[^;{}]*);", re.S)
FUNCTION = re.compile(r"^(.*?)\(\s*\*\s*(?:const\s+)?(\w+)\s*\)\s*\((.*)\)$", re.S)
OBJECT = re.compile(r"^(.*?[\s*])(\w+)\s*((?:\[[^\]]*\]\s*)*)$", re.S)
# Words that are part of a type and never a parameter's name.
TYPE_WORDS = {"const", "struct", "void", "char", "float", "double", "size_t"}


@dataclass
class Declarations:
    constants: list = field(default_factory=list)   # (name, "text" or "number")
    scalars: list = field(default_factory=list)     # names
    functions: list = field(default_factory=list)   # (name, signature)
    structs: dict = field(default_factory=dict)     # name: [(member, type as text)]


class HeaderError(Exception):
    pass


def squeeze(text):
    return re.sub(r"\s*([*(),\[\]])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def split_top(text):
    """Parts between commas outside parentheses."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part for part in [*parts, current] if part.strip()]


def parameter_type(text):
    """A parameter without its name: renaming one changes nothing."""
    text = text.strip()
    if "(" in text:
        return declaration(text)[1]
    match = OBJECT.match(text)
    is_name = match and match[2] not in TYPE_WORDS and not match[2].endswith("_t")
    if is_name and squeeze(match[1]) not in ("", "const", "struct", "const struct"):
        return squeeze(match[1] + match[3])
    return squeeze(text)


def declaration(text):
    """(name, type) of one member, parameter or typedef."""
    text = text.strip()
    function = FUNCTION.match(text)
    if function:
        parameters = ",".join(parameter_type(p) for p in split_top(function[3]))
        return function[2], f"{squeeze(function[1])}(*)({parameters})"
    match = OBJECT.match(text)
    if not match:
        raise HeaderError(f"not understood: {text!r}")
    return match[2], squeeze(match[1] + match[3])


def add_header(declarations, text):
    text = COMMENT.sub("", text)
    for name, value in DEFINE.findall(text):
        if "__attribute__" in value:
            continue
        declarations.constants.append((name, "text" if value.strip().startswith('"') else "number"))
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    for body in ENUM.findall(text):
        for entry in split_top(body):
            declarations.constants.append((entry.split("=")[0].strip(), "number"))
    for name, body in STRUCT.findall(text):
        members = [declaration(member) for member in body.split(";") if member.strip()]
        declarations.structs[name] = members
    declarations.scalars += [name for _, name in SCALAR.findall(text)]
    for whole, _ in FUNCTION_TYPE.findall(STRUCT.sub("", text)):
        declarations.functions.append(declaration(whole))
    # Nothing may slip by unread.
    rest = STRUCT.sub("", ENUM.sub("", SCALAR.sub("", text)))
    rest = FUNCTION_TYPE.sub("", rest)
    rest = re.sub(r'typedef\s+struct\s+\w+\s+\w+\s*;|extern\s+"C"\s*\{|[;}\s]', "", rest)
    if rest:
        raise HeaderError(f"declarations of a form that is not measured: {rest[:80]!r}")


def read_headers(paths):
    declarations = Declarations()
    for path in paths:
        try:
            add_header(declarations, path.read_text())
        except HeaderError as error:
            raise HeaderError(f"{path}: {error}") from None
    return declarations
