"""`whatsapp-mcp audit`: what clients did with the account, newest last. What was said is not in the log."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from cli.picture import clean
from safety.audit import BEGUN, INTERRUPTED, Line, read
from settings import load_settings

USUAL = 20
CUT_OFF = {BEGUN: "begun, and no end is known", INTERRUPTED: "interrupted"}


def shown(line: Line) -> str:
    """An action as one row, in the time of this machine."""
    chat = clean(line.chat or line.chat_jid or "")
    outcome = CUT_OFF.get(line.outcome, line.outcome)
    return f"{line.at.astimezone():%Y-%m-%d %H:%M:%S}  {line.tool}  {chat or '-'}  {clean(outcome)}\n"


def run(arguments: Sequence[str]) -> int:
    """Print the last actions."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp audit", description=__doc__)
    parser.add_argument("--last", type=int, default=USUAL, metavar="N", help=f"how many actions (default: {USUAL})")
    parser.add_argument("--json", action="store_true", help="one JSON object for each action, with all that is known")
    options = parser.parse_args(arguments)
    if options.last < 1:
        parser.error("--last is 1 or more")
    folder = load_settings().audit_path
    actions = read(folder)[-options.last :]
    if options.json:
        sys.stdout.write(
            "".join(f"{json.dumps(line.model_dump(mode='json', exclude_none=True))}\n" for line in actions)
        )
        return 0
    sys.stdout.write("".join(map(shown, actions)) or f"Nothing was done yet; the log will stand in {folder}.\n")
    return 0
