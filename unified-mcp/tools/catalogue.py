"""Every tool, in the order in which clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tools import (
    business,
    chats,
    communities,
    contacts,
    history,
    messaging,
    newsletters,
    privacy,
    queries,
    receipts,
    status,
)
from tools.declaration import Tool

SHELVES = (status, messaging, receipts, contacts, chats, communities, history, queries, privacy, business, newsletters)


def _collect() -> dict[str, Tool]:
    found: dict[str, Tool] = {}
    for shelf in SHELVES:
        for value in vars(shelf).values():
            if isinstance(value, Tool):
                if value.name in found:
                    raise TypeError(f"{value.name} is declared twice")
                found[value.name] = value
    return found


CATALOGUE: Mapping[str, Tool] = MappingProxyType(_collect())
"""Tools by name."""
