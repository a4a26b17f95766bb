"""`whatsapp-mcp down`: stop both bridges and what keeps them running."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli.supervisor import Plan, UpError, stop
from settings import load_settings


def run(arguments: Sequence[str]) -> int:
    """Stop them in order; 0 also where nothing ran."""
    argparse.ArgumentParser(prog="whatsapp-mcp down", description=__doc__).parse_args(arguments)
    try:
        stopped = stop(Plan(load_settings()))
    except UpError as error:
        sys.stderr.write(f"whatsapp-mcp down: {error}\n")
        return 1
    sys.stdout.write("Stopped.\n" if stopped else "Nothing ran.\n")
    return 0
