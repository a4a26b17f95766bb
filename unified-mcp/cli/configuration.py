"""Draws docs/configuration.md: the server's settings from their declaration, the bridges' from the table here."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cli.reference import DRAWN
from safety.policy import CATEGORIES, CORE
from settings import HOUSE, Settings


class Option(NamedTuple):
    """An option of a bridge's command line; a test holds that the bridge knows it."""

    flag: str
    variable: str
    default: str
    meaning: str


SEND_LIMITS = (
    Option(
        "--sends-per-minute",
        "WHATSAPP_MCP_SENDS_PER_MINUTE",
        "`12`",
        "How many messages may be sent, five at once and the rest at an even pace; 0 for no limit, which risks the "
        "account.",
    ),
    Option("--sends-per-hour", "WHATSAPP_MCP_SENDS_PER_HOUR", "`60`", "The same for an hour."),
)
RECIPIENTS = Option(
    "--allowed-recipients",
    "WHATSAPP_MCP_ALLOWED_RECIPIENTS",
    "everybody",
    "The only JIDs and phone numbers that anything is sent to, with commas between them, or `nobody`. A list that is "
    "not understood keeps the bridge from starting.",
)
GO_OPTIONS = (
    Option("--listen", "", "`127.0.0.1:8080`", "Where it listens; loopback only, port 0 picks a free one."),
    Option("--store", "", "`store`", "The folder of messages.db, whatsapp.db, media and the token."),
    Option("--token-file", "", "`bridge.token` in the store", "The token that callers show."),
    Option("", "WHATSAPP_MCP_TOKEN", "", "The token itself. Preferred is the file."),
    Option(
        "--send-root",
        "WHATSAPP_MCP_SEND_ROOTS",
        "`~/Downloads`",
        "A folder that files may be sent from, beside the received ones; the option may be repeated, the variable is "
        "separated like PATH.",
    ),
    Option(
        "--number-checks-per-minute",
        "WHATSAPP_MCP_NUMBER_CHECKS_PER_MINUTE",
        "`3`",
        "How many numbers may be looked up at WhatsApp; 0 for no limit, which risks the account.",
    ),
    RECIPIENTS,
    *SEND_LIMITS,
    Option(
        "--first-contacts-per-hour",
        "WHATSAPP_MCP_FIRST_CONTACTS_PER_HOUR",
        "`5`",
        "To how many people of whom no message is stored may be written in an hour; 0 for no limit.",
    ),
    Option(
        "--first-contacts-per-day",
        "WHATSAPP_MCP_FIRST_CONTACTS_PER_DAY",
        "`15`",
        "The same for a day.",
    ),
    Option("--ffmpeg", "WHATSAPP_MCP_FFMPEG", "as found in PATH", "What makes voice notes."),
    Option("--check", "", "", "Look whether messages.db is whole, for so long (30s), and end."),
    Option("--verbose", "", "off", "Log more; so does `WHATSAPP_MCP_LOG_LEVEL=debug`."),
    Option("--emulator", "", "", "For tests only: `ws://127.0.0.1:PORT` of an emulated WhatsApp."),
)
BAILEYS_OPTIONS = (
    Option("--listen", "", "`127.0.0.1:8081`", "Where it listens; loopback only, port 0 picks a free one."),
    Option("--store", "", "the working folder", "The folder of baileys_temp.db and auth_info_baileys."),
    Option("--token-file", "", "`../whatsapp-bridge/store/bridge.token`", "The token that callers show."),
    Option("", "WHATSAPP_MCP_TOKEN", "", "The token itself. Preferred is the file."),
    RECIPIENTS,
    *SEND_LIMITS,
    Option("", "WHATSAPP_MCP_LOG_LEVEL", "`info`", "debug, info, warn, error or silent."),
    Option("--emulator", "", "", "For tests only: `ws://127.0.0.1:PORT` of an emulated WhatsApp."),
)


def draw_configuration() -> str:
    """docs/configuration.md."""
    rows = "".join(
        f"| `{variable(name)}` | {_default(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    return (
        f"{DRAWN}# Configuration\n\nNothing has to be set: the defaults fit a checkout. What you set goes into the "
        "`env` of the client's entry for the server, and into the environment or the command line of a bridge.\n\n"
        f"## The server\n\n| environment variable | default | meaning |\n|---|---|---|\n{rows}\n"
        "An unknown tool, a port that is none or an address beyond this machine ends the start with one clear line on "
        "stderr. Paths are relative to the checkout.\n\n### Toolsets\n\n"
        "`WHATSAPP_MCP_TOOLSETS` takes `all`, `core` and the categories. Cursor has stopped at 40 tools and now warns "
        f"at 80, counted over all servers together; there `core` is enough for every day: {_toolsets()}\n"
        f"## The Go bridge\n\n{_options(GO_OPTIONS)}\n## The Baileys bridge\n\n{_options(BAILEYS_OPTIONS)}"
    )


def variable(name: str) -> str:
    """A setting's environment variable."""
    return f"WHATSAPP_MCP_{name.upper()}"


def _default(field: FieldInfo) -> str:
    value: object = field.default
    if value is None or value is PydanticUndefined or value == ():
        return ""
    if isinstance(value, Path):
        return f"`{value.relative_to(HOUSE).as_posix()}`"
    if isinstance(value, bool):
        return f"`{int(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _toolsets() -> str:
    core = ", ".join(f"`{name}`" for name in CORE)
    return f"{core}.\n\nCategories: {', '.join(f'`{name}`' for name in CATEGORIES)}.\n"


def _options(options: tuple[Option, ...]) -> str:
    rows = "".join(
        f"| {_code(one.flag)} | {_code(one.variable)} | {one.default} | {one.meaning} |\n" for one in options
    )
    return f"| option | environment variable | default | meaning |\n|---|---|---|---|\n{rows}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
