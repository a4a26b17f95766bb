"""Both bridges while they are linked: their codes and states, looked at again and again until there is nothing left."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from backends.bridge import Bridge
from errors import WhatsAppError

LOOK_SECONDS = 0.5
ABSENT_SECONDS = 10.0
"""A bridge that does not answer for so long is not waited for once the other one is linked."""
TITLES = {"whatsapp-bridge": "Messages", "baileys-bridge": "History and catalogs"}


class View(BaseModel):
    """A bridge as it is shown. `number` counts its codes; `code` is what is typed instead of scanning."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    state: str = "starting"
    account: str | None = None
    number: int = 0
    qr: str | None = None
    drawing: str | None = None
    expires_at: str | None = None
    code: str | None = None
    code_expires_at: str | None = None
    note: str | None = None

    @property
    def linked(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == "connected"


class Watch:
    """The bridges' views. With a phone number each bridge is asked for a code in its turn.

    One after the other, because of a number's codes WhatsApp may keep only the last.
    """

    def __init__(
        self, bridges: Sequence[Bridge], phone: str | None = None, absent_seconds: float = ABSENT_SECONDS
    ) -> None:
        self._bridges = {bridge.name: bridge for bridge in bridges}
        self._phone = phone
        self._absent_seconds = absent_seconds
        self._refused: set[str] = set()
        self._answered = dict.fromkeys(self._bridges, time.monotonic())
        self._changed = asyncio.Condition()
        self.views = {name: View(name=name, title=TITLES[name]) for name in self._bridges}

    @property
    def done(self) -> bool:
        """Whether all are linked, or all that are there."""
        now = time.monotonic()
        linked = [view.linked for view in self.views.values()]
        absent = [now - self._answered[name] > self._absent_seconds for name in self.views]
        return any(linked) and all(one or other for one, other in zip(linked, absent, strict=True))

    async def renew(self) -> None:
        """Ask for fresh codes where there is none, also after the phone removed the device."""
        self._refused.clear()
        await asyncio.gather(*(self._renew(bridge) for bridge in self._bridges.values()))

    async def _renew(self, bridge: Bridge) -> None:
        with contextlib.suppress(WhatsAppError):  # the next look says so
            await bridge.pair_again()

    async def look(self) -> None:
        """Ask both bridges once."""
        await asyncio.gather(*(self._look(bridge) for bridge in self._bridges.values()))

    async def run(self) -> None:
        """Look until everything is done."""
        await self.renew()
        while True:
            await self.look()
            if self._phone is not None:
                await self._ask_for_code(self._phone)
            if self.done:
                async with self._changed:
                    self._changed.notify_all()
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def change(self, seconds: float) -> None:
        """Wait for the next change, so long at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._change(), seconds)

    async def _change(self) -> None:
        async with self._changed:
            await self._changed.wait()

    async def _look(self, bridge: Bridge) -> None:
        view = self.views[bridge.name]
        try:
            status, pairing = await bridge.status(), await bridge.pairing()
        except WhatsAppError as error:
            await self._show(view.model_copy(update={**_NO_CODES, "state": "unreachable", "note": error.message}))
            return
        self._answered[bridge.name] = time.monotonic()
        fresh = pairing.qr is not None and pairing.qr != view.qr
        note = status.resolution if pairing.qr is None else None
        waits = pairing.state == "not_paired" and pairing.qr is not None
        changes: dict[str, str | int | None] = {
            **({} if waits and not _over(view.code_expires_at) else _NO_CODES),
            "state": status.state,
            "account": (status.push_name or status.jid) if status.logged_in else None,
            "number": view.number + fresh,
            "qr": pairing.qr,
            "drawing": pairing.qr_terminal,
            "expires_at": pairing.expires_at,
            "note": view.note if view.name in self._refused and waits else note,
        }
        await self._show(view.model_copy(update=changes))

    async def _ask_for_code(self, phone: str) -> None:
        for view in self.views.values():
            if view.linked or view.state == "unreachable":
                continue
            if view.qr is not None and view.code is None and view.name not in self._refused:
                try:
                    given = await self._bridges[view.name].pair_by_code(phone)
                    changes = {"code": given.code, "code_expires_at": given.expires_at, "note": None}
                except WhatsAppError as error:
                    self._refused.add(view.name)
                    changes = {"note": f"No code: {error.message} {error.resolution}"}
                await self._show(self.views[view.name].model_copy(update=changes))
            return

    async def _show(self, view: View) -> None:
        if view != self.views[view.name]:
            async with self._changed:
                self.views[view.name] = view
                self._changed.notify_all()


_NO_CODES: dict[str, str | int | None] = dict.fromkeys(("qr", "drawing", "expires_at", "code", "code_expires_at"))


def _over(when: str | None) -> bool:
    return when is not None and datetime.fromisoformat(when) <= datetime.now(UTC)
