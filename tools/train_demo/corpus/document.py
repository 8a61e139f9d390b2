"""One training document: its text and where it came from."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Document:
    """Text that stands between <s> and </s>; `kind` and `language` serve mixes and statistics."""

    kind: str
    language: str
    text: str


@dataclasses.dataclass(frozen=True)
class Question:
    """A question with one right answer. `held_out` questions are never written for training."""

    topic: str
    prompt: str
    answer: str
    held_out: bool = False
