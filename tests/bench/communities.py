"""A scenario of communities: how many groups each has, what was said there, what linking brings and what is unread."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

PEOPLE = 8
THEMES = ("street", "garden", "festival", "tools", "notices", "football")
BYSTANDER = "Nobody's Business"


@dataclass(frozen=True)
class Communities:
    """So many communities of so many groups, with so many messages each."""

    communities: int
    groups: int
    messages: int
    pushed: int
    """How many of a group's newest messages linking a device brings; the others come on demand."""
    unread: int

    def name(self, number: int) -> str:
        """A community's name."""
        return f"Quarter {number + 1}"

    def write(self, path: Path) -> tuple[str, str]:
        """Write the scenario; the emulator's arguments for it. A group of no community has unread messages too."""
        path.write_text(json.dumps(self._scenario(), ensure_ascii=False), encoding="utf-8")
        return "--scenario", str(path)

    def _scenario(self) -> dict[str, object]:
        people = [f"Neighbour {number + 1}" for number in range(PEOPLE)]
        names = [(n, g) for n in range(self.communities) for g in range(self.groups)]
        rooms = [
            {
                "name": f"{self.name(n)} Room {g + 1}",
                "jid": str(120363777000000000 + n * 1000 + g),
                "community": self.name(n),
                "admins": people[:1],
                "members": people[1:],
            }
            for n, g in names
        ]
        alone = {"name": BYSTANDER, "jid": "120363778000000000", "admins": people[:1], "members": people[1:]}
        return {
            "account": {"name": "Alex", "pn": "15550100", "lid": "210000000000100"},
            "contacts": [
                {"name": name, "pn": str(15550110 + n), "lid": str(210000000000110 + n)}
                for n, name in enumerate(people)
            ],
            "communities": [
                {"name": self.name(n), "jid": str(120363776000000000 + n)} for n in range(self.communities)
            ],
            "groups": [*rooms, alone],
            "chats": [self._chat(str(room["name"]), n) for n, room in enumerate([*rooms, alone])],
        }

    def _chat(self, name: str, number: int) -> dict[str, object]:
        themes = [*islice(cycle(THEMES), number % len(THEMES), number % len(THEMES) + 2)]
        said = {"themes": themes, "messages": self.messages, "from": "-120d 08:00", "to": "-4d 20:00"}
        return {"chat": name, "chatter": said, "pushed": self.pushed, "unread": self.unread}
