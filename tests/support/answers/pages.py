"""Everything that is played, in an order in which each call finds the world as it needs it."""

from __future__ import annotations

from answers import community, hybrid, messaging, tools
from answers.recorder import Recorder


async def play(recorder: Recorder) -> None:
    """History comes first, chat by chat before whole communities: what is sent reaches the bridges at its own pace."""
    await hybrid.begin(recorder)
    await tools.reading(recorder)
    await hybrid.play(recorder)
    await community.play(recorder)
    await tools.wipe(recorder)
    await tools.acting(recorder)
    await messaging.play(recorder)
    await hybrid.without_baileys(recorder)
