"""What the generator writes: documents for training, and questions that have one right answer."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Question:
    """`key` names the operands whatever the wording, the language or their order: see split.py."""

    kind: str
    language: str
    key: str
    prompt: str
    answer: str


@dataclasses.dataclass(frozen=True)
class Document:
    """Either plain text or the turns of a chat, (user, reply) each; it stands between <s> and </s>."""

    kind: str
    language: str
    text: str = ""
    turns: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[str]:
        """Everything that is read from it, for the tokenizer."""
        return self.text.splitlines() + [line for turn in self.turns for part in turn
                                         for line in part.splitlines()]
