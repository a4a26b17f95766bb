"""Other people's words, as a model reads them: between marks that nobody can forge, and with nothing invisible in them.

An answer's text block is for the model, its structured content for programs (docs/decisions/0020). Only the first is
fenced; both hold the same values.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Final

from tools.results import Result

MARK: Final = re.compile(r"<(?=/?[0-9a-f]{8}>)")
BROKEN: Final = "\u2039"
"""What stands in a text in place of the bracket of a mark: it looks alike and closes nothing."""
HIDDEN: Final = re.compile(
    # Flags of England, Scotland and Wales are spelled with tags, so these stay.
    "\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f"
    # Directions, spaces without width, fillers, controls, tags and what else has no look of its own.
    "|[\u0080-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e01ef]"
    # Joiners and variation selectors belong to emoji and to many scripts, one at a time: a row of them hides a message.
    "|[\u200c\u200d\ufe00-\ufe0f]{2,}"
)


class Fence:
    """The marks of one answer. Their number is drawn anew each time, so that no text can close its own fence."""

    def __init__(self) -> None:
        self.number = secrets.token_hex(4)

    def __call__(self, words: str) -> str:
        """The words between the marks; what looks like a mark in them is none any more."""
        return words and f"<{self.number}>{MARK.sub(BROKEN, words)}</{self.number}>"


def visible(text: str) -> str:
    """JSON in which what cannot be seen is written as an escape: the same values, and nothing hidden from a reader."""
    return text if text.isascii() else HIDDEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    hidden = found[0]
    return hidden if hidden.startswith("\U0001f3f4") else json.dumps(hidden)[1:-1]


def text_of(result: Result) -> str:
    """An answer as JSON for a model."""
    return visible(result.model_dump_json(exclude_none=True, context=Fence()))
