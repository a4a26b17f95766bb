"""What a call carries, checked: a wrong argument is named with its format in one sentence of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from errors import Code, WhatsAppError
from tools.declaration import Arguments, Tool

SENTENCES: Mapping[str, str] = {
    "string_type": "must be text",
    "string_unicode": "must be text without halves of characters",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have {max_length:,} characters at most",
    "string_pattern_mismatch": "must have the form of its example",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be {ge:,} or more",
    "less_than_equal": "must be {le:,} or less",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "list_type": "must be a list",
    "too_short": "must have {min_length} or more entries",
    "too_long": "must have {max_length:,} entries at most",
    "value_error": "{error}",
}
"""What is said of each kind of error that a word of the vocabulary can raise, filled from the error's context."""


def parse(tool: Tool, arguments: Mapping[str, object]) -> Arguments:
    """The call's arguments, checked; raises INVALID_ARGUMENT for the first that is wrong.

    Some models send lists, numbers and booleans as strings, and null for what they leave out: those are read as what
    they stand for.
    """
    fields = tool.arguments.model_fields
    given = {
        name: value
        for name, value in arguments.items()
        if value is not None or name not in fields or fields[name].is_required()
    }
    try:
        return tool.arguments.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "arguments"
    if first["type"] == "extra_forbidden":
        name = name if re.fullmatch(r"\w{1,40}", name) else "of this name"
        problem = f"{tool.name} has no argument {name}"
        cure = f"Its arguments are: {', '.join(fields) or 'none'}."
    elif first["type"] == "missing":
        problem, cure = f"{tool.name} needs {name}", _described(tool, name)
    else:
        problem, cure = f"{_place(first)} {_sentence(first)}", _described(tool, name)
    raise WhatsAppError(Code.INVALID_ARGUMENT, f"{problem}.", details={"argument": name}, resolution=cure)


def _place(error: ErrorDetails) -> str:
    """The argument, or the entry of a list."""
    name, *inner = error["loc"] or ("arguments",)
    return f"Entry {inner[0] + 1} of {name}" if inner and isinstance(inner[0], int) else str(name)


def _sentence(error: ErrorDetails) -> str:
    context = dict(error.get("ctx", {}))
    if "expected" in context:  # quoted as Python writes it
        context["expected"] = str(context["expected"]).replace("'", "")
    return SENTENCES.get(error["type"], "has not the right form").format(**context)


def _described(tool: Tool, name: str) -> str:
    field = tool.arguments.model_fields.get(name)
    if field is None or not field.description:
        return "Correct the argument and call again."
    example = f" Example: {json.dumps(field.examples[0], ensure_ascii=False)}." if field.examples else ""
    return f"{name}: {field.description}{example}"
