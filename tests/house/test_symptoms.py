"""Every symptom of TROUBLESHOOTING.md is tried by a test that says so, and no test names one that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from settings import HOUSE

TESTS = HOUSE / "tests"
RUN = ("unit", "contract", "integration", "e2e", "soak")
"""The folders that pytest collects by itself and that try something; this one only reads."""


def marked(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """The marks in the source, at a test or at one of its parameters, with the test's name."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in function.decorator_list:
                for node in ast.walk(decorator):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.symptom":
                        (symptom,) = node.args
                        yield symptom, function.name


@cache
def tried() -> dict[str, list[str]]:
    """The tests by the symptom that they try."""
    found: dict[str, list[str]] = {}
    for file in sorted(path for folder in RUN for path in (TESTS / folder).glob("test_*.py")):
        for symptom, name in marked(ast.parse(file.read_text(encoding="utf-8"))):
            assert isinstance(symptom, ast.Constant), f"{file.name}: {name} has no plain heading"
            assert name.startswith("test_"), f"{file.name}: {name} is no test"
            found.setdefault(str(symptom.value), []).append(f"{file.relative_to(TESTS)}::{name}")
    return found


@cache
def symptoms() -> list[str]:
    text = (HOUSE / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
    written = text.partition("## By symptom")[2].partition("## Error codes")[0]
    return re.findall(r"^### (.+)$", written, re.MULTILINE)


def test_every_symptom_is_tried_by_a_test() -> None:
    assert len(symptoms()) >= 24
    assert [heading for heading in symptoms() if heading not in tried()] == []


def test_every_mark_names_a_symptom() -> None:
    assert {heading: tests for heading, tests in tried().items() if heading not in symptoms()} == {}


def test_no_mark_stands_where_nobody_finds_it() -> None:
    written = {
        str(path.relative_to(TESTS)): count
        for path in sorted(TESTS.rglob("*.py"))
        if path != Path(__file__) and (count := path.read_text(encoding="utf-8").count("mark.symptom("))
    }
    counted: dict[str, int] = {}
    for tests in tried().values():
        for test in tests:
            file = test.partition("::")[0]
            counted[file] = counted.get(file, 0) + 1
    assert written == counted
