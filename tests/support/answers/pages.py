"""The three pages of examples, in an order in which each finds the world as it needs it."""

from __future__ import annotations

from answers import community, hybrid, messaging, tools
from answers.recorder import Recorder


async def play(recorder: Recorder) -> None:
    """History is fetched chat by chat before whole communities are, and the last example stops a bridge."""
    await hybrid.play(recorder)
    await community.play(recorder)
    await messaging.play(recorder)
    await tools.wipe(recorder)
    await hybrid.without_baileys(recorder)
