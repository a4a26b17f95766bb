"""Every symptom of TROUBLESHOOTING.md has a test that tries its check and its cure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from settings import HOUSE

TESTS = HOUSE / "tests"


def symptoms() -> list[str]:
    """The headings before the error codes."""
    by_hand, _, _ = (HOUSE / "TROUBLESHOOTING.md").read_text(encoding="utf-8").partition("## Error codes")
    return [line.removeprefix("### ") for line in by_hand.splitlines() if line.startswith("### ")]


def marked() -> Iterator[str]:
    """What the markers name, read off the tests without running them."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (str(call.args[0].value) for call in node.decorator_list if _is_symptom(call))


def _is_symptom(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.symptom"


def test_every_symptom_is_tried_by_a_test() -> None:
    assert len(symptoms()) >= 24
    assert sorted(set(symptoms()) - set(marked())) == []


def test_every_marker_names_a_symptom() -> None:
    assert sorted(set(marked()) - set(symptoms())) == []
