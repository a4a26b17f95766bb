"""The audit log: what was done with the account, when and to which chat. Never what was said.

Each action that is not a read is a line before it begins and another when it has ended, so that one which a crash cut
off is seen too. The lines are JSON, in a file a month; several servers may write into it.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from errors import Code, WhatsAppError
from safety.subject import subject
from tools.declaration import Arguments, Effect, Tool
from tools.results import Result

log = logging.getLogger(__name__)

BEGUN = "begun"
"""The outcome of an action that has not ended: it runs still, or its server was killed."""
INTERRUPTED = "interrupted"
DONE = "done"
BEGINNING = '{"action"'


class Line(BaseModel):
    """One line of the log. Both lines of an action carry its id.

    `chat` is as the client typed it, `chat_jid` and `message_id` as the answer names them. `outcome` is `begun`, then
    `done` or the state that the answer gives, an error code, or `interrupted`.
    """

    model_config = ConfigDict(frozen=True)

    action: str
    at: AwareDatetime
    tool: str
    effect: Effect
    chat: str | None = None
    chat_jid: str | None = None
    message_id: str | None = None
    outcome: str


@dataclass
class Action:
    """An action under way; `result` is set where it succeeds."""

    result: Result | None = None

    def ended(self, begun: Line) -> Line:
        """The line of its success."""
        told = self.result
        status = getattr(told, "status", None)
        return begun.model_copy(
            update={
                "chat_jid": getattr(told, "chat_jid", None),
                "message_id": getattr(told, "message_id", begun.message_id),
                "outcome": status if isinstance(status, str) else DONE,
            }
        )


class AuditLog:
    """Writes the log into a folder, which it makes for this user alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def action(self, tool: Tool, arguments: Arguments) -> Iterator[Action]:
        """Write down what is done inside of the block.

        Raises INTERNAL, before anything is done, where that cannot be written.
        """
        begun = Line(
            action=secrets.token_hex(6),
            at=datetime.now(UTC),
            tool=tool.name,
            effect=tool.effect,
            chat=subject(arguments),
            message_id=getattr(arguments, "message_id", None),
            outcome=BEGUN,
        )
        try:
            self._write(begun)
        except OSError as error:
            raise WhatsAppError(
                Code.INTERNAL,
                f"Nothing was done, because the audit log in {self._folder} cannot be written ({error.strerror}).",
                resolution="Make room or make the folder writable, or set WHATSAPP_MCP_AUDIT_FOLDER.",
            ) from error
        action, outcome = Action(), INTERRUPTED
        try:
            yield action
            outcome = DONE
        except WhatsAppError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = Code.INTERNAL
            raise
        finally:
            ended = action.ended(begun) if outcome == DONE else begun.model_copy(update={"outcome": outcome})
            try:
                self._write(ended.model_copy(update={"at": datetime.now(UTC)}))
            except OSError as error:
                log.error("the end of %s is missing in the audit log: %s", tool.name, error.strerror)

    def _write(self, line: Line) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{line.at:%Y-%m}.jsonl"
        # One write of one line to the end of the file: lines of several servers never mix.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            text = line.model_dump_json(exclude_none=True).encode() + b"\n"
            if os.write(file, text) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)


def read(folder: Path) -> list[Line]:
    """Every action in the order in which they began, with what is known of its end.

    A line that a crash cut off is left out. Raises ACCESS_DENIED where the log cannot be read.
    """
    actions: dict[str, Line] = {}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise WhatsAppError(
                Code.ACCESS_DENIED,
                f"{path} cannot be read ({error.strerror}).",
                resolution="Make it readable for this user.",
            ) from error
        for text in lines:
            try:
                # Behind what a full disk cut off, the next line begins without a break.
                line = Line.model_validate_json(text[max(text.rfind(BEGINNING), 0) :])
            except ValidationError:
                continue
            begun = actions.get(line.action, line)
            actions[line.action] = line.model_copy(update={"at": begun.at})
    return list(actions.values())
