"""Draws the bridges' tables of error codes from the registry."""

from __future__ import annotations

from errors import REGISTRY

HEADER = "drawn from unified-mcp/errors.py by `make docs`; not edited by hand."


def draw_go_codes() -> str:
    """The text of whatsapp-bridge/fault/codes.go."""
    width = max(len(_pascal(code)) for code in REGISTRY)
    constants = "\n".join(f'\t{_pascal(code):<{width}} Code = "{code}"' for code in REGISTRY)
    rows = "\n".join(
        f"\t{_pascal(code) + ':':<{width + 1}} {{{entry.status}, {_quoted(entry.meaning)}, {_quoted(entry.cure)}}},"
        for code, entry in REGISTRY.items()
    )
    return (
        f"// Code {HEADER} DO NOT EDIT.\n\npackage fault\n\n"
        "// Code is the part of an error that programs and documents refer to.\ntype Code string\n\n"
        f"// The error codes.\nconst (\n{constants}\n)\n\n"
        "// entry is one row of the registry: HTTP status, meaning and cure.\n"
        "type entry struct {\n\tstatus  int\n\tmeaning string\n\tcure    string\n}\n\n"
        f"var registry = map[Code]entry{{\n{rows}\n}}\n"
    )


def draw_ts_codes() -> str:
    """The text of baileys-bridge/src/codes.ts."""
    rows = "\n".join(
        f"  {code}: {{\n    status: {entry.status},\n    meaning: {_quoted(entry.meaning)},\n"
        f"    cure: {_quoted(entry.cure)},\n  }},"
        for code, entry in REGISTRY.items()
    )
    return (
        f"// {HEADER[0].upper()}{HEADER[1:]}\n\n"
        "/** Every error code with its HTTP status, its meaning and what to do about it. */\n"
        f"export const CODES = {{\n{rows}\n}} as const;\n\n"
        "/** The part of an error that programs and documents refer to. */\nexport type Code = keyof typeof CODES;\n"
    )


def _pascal(code: str) -> str:
    small = {"JID": "JID", "API": "API"}
    return "".join(small.get(part, part.title()) for part in code.split("_"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
