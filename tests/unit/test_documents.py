"""What the documents are drawn from: what counts as a change of an answer, anchors, related tools."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from answers.steady import held
from cli.answers import Step
from cli.reference import as_json, related
from cli.troubles import BEGIN, anchor, draw_troubles
from errors import Code
from tools.catalogue import CATALOGUE


def step(answer: dict[str, JsonValue], tool: str = "get_chat") -> Step:
    return Step(tool=tool, arguments={"chat_jid": "Ann"}, answer=answer)


def test_another_time_of_another_day_is_no_change() -> None:
    first = step({"timestamp": "2026-03-07T01:02:03Z", "job": "a1", "note": "since 2026-03-07T01:02:03Z"})
    second = step({"timestamp": "2026-03-08T04:05:06Z", "job": "b2", "note": "since 2026-03-08T04:05:06Z"})
    assert held(first) == held(second)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "hello!", "at": "2026-03-07T01:02:03Z", "n": 1},
        {"text": "hello", "at": "2026-03-07", "n": 2},
        {"text": "hello", "at": None, "n": 1},
        {"text": "hello", "n": 1},
        {"text": "hello", "at": "2026-03-07T01:02:03Z", "n": 1, "more": True},
    ],
)
def test_everything_else_is_a_change(changed: dict[str, JsonValue]) -> None:
    kept = step({"text": "hello", "at": "2026-03-07T01:02:03Z", "n": 1})
    assert held(kept) != held(step(changed))
    assert held(kept) != held(kept.model_copy(update={"refused": True}))
    assert held(kept) != held(kept.model_copy(update={"arguments": {"chat_jid": "Bob"}}))


def test_an_anchor_is_the_one_that_github_makes() -> None:
    assert anchor("1. Fetch the missing history first, then mark it read") == (
        "1-fetch-the-missing-history-first-then-mark-it-read"
    )
    assert anchor("spawn uv ENOENT") == "spawn-uv-enoent"
    assert anchor("The phone's `list`: what's in it?") == "the-phones-list-whats-in-it"


def test_long_lists_are_cut_and_say_so() -> None:
    assert as_json([1, 2, 3]) == "[\n  1,\n  2,\n  3\n]"
    assert '"... 7 more"' in as_json(list(range(10)))


def test_related_are_tools_that_name_each_other_or_share_a_path() -> None:
    assert "send_text_message_v2" in related(CATALOGUE["send_message"])
    assert "send_message" in related(CATALOGUE["send_text_message_v2"])
    assert {"get_sync_status", "sync_history_to_database", "resume_sync"} <= set(related(CATALOGUE["fetch_history"]))
    assert all(related(tool) for tool in CATALOGUE.values())


def test_a_code_leads_to_the_symptoms_that_name_it() -> None:
    written = "# Troubleshooting\n\n### The port is in use\n\n- Code: BRIDGE_UNREACHABLE\n"
    drawn = draw_troubles(written)
    assert drawn.startswith(written)
    assert draw_troubles(drawn) == drawn
    assert "See: [The port is in use](#the-port-is-in-use)." in drawn.partition(BEGIN)[2].partition("###")[2]
    assert all(f"\n### {code}\n" in drawn for code in Code)
