"""A bridge that is being linked, as the pairing sees it: what it says next is set by the test."""

from __future__ import annotations

from backends.bridge import Bridge
from backends.operations import BridgeStatus, Pairing, PairingCode
from errors import Code, WhatsAppError
from settings import Settings
from tools.declaration import Backend
from tools.results import BridgeState


class FakeLink(Bridge):
    """Answers from its attributes, and counts what it is asked for."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend, Settings())
        self.state: BridgeState = "not_paired"
        self.qr: str | None = "2@first"
        self.reachable = True
        self.refuses_code = False
        self.renewed = 0
        self.codes = 0

    def _answers(self) -> None:
        if not self.reachable:
            raise WhatsAppError(Code.BRIDGE_UNREACHABLE)

    async def status(self) -> BridgeStatus:
        self._answers()
        return BridgeStatus.model_validate(
            {
                "bridge": self.name,
                "version": "0.1.0",
                "state": self.state,
                "since": "2026-11-23T01:40:00Z",
                "logged_in": self.state == "connected",
                "push_name": "Alex",
                "resolution": None if self.state == "connected" else "Do this.",
                "queue_depth": 0,
                "messages": 0,
                "chats": 0,
                "sqlite_version": "3.54.1",
                "emulated": True,
            }
        )

    async def pairing(self) -> Pairing:
        self._answers()
        qr = self.qr if self.state == "not_paired" else None
        return Pairing(state=self.state, qr=qr, qr_terminal=qr, expires_at=qr and "2999-01-01T00:00:00Z")

    async def pair_again(self) -> Pairing:
        self._answers()
        self.renewed += 1
        return await self.pairing()

    async def pair_by_code(self, phone: str) -> PairingCode:
        self._answers()
        self.codes += 1
        if self.refuses_code:
            raise WhatsAppError(Code.INVALID_ARGUMENT, "WhatsApp gives no code for this number.")
        return PairingCode(code="ABCD-1234", expires_at="2999-01-01T00:00:00Z")
