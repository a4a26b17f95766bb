"""The recorded answers of the demo's world: what API_REFERENCE.md and the pages of docs/examples show."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from settings import HOUSE

FOLDER = HOUSE / "docs" / "answers"


class Recorded(BaseModel):
    """A part of a recording."""

    model_config = ConfigDict(extra="forbid")


class Step(Recorded):
    """A call with its answer, or with its error envelope; `before` is what happens first, in a sentence."""

    tool: str
    arguments: dict[str, JsonValue]
    answer: JsonValue
    refused: bool = False
    before: str = ""


class ToolExample(Recorded):
    """One tool's example: for which question it is called, and what it answered."""

    question: str
    step: Step


class Example(Recorded):
    """A question a person asks, the calls that answer it, and what they can be told then."""

    title: str
    question: str
    steps: list[Step]
    told: str


class Page(Recorded):
    """A page of examples."""

    name: str
    title: str
    opening: str
    examples: list[Example]


def tool_path(name: str, folder: Path = FOLDER) -> Path:
    """The file of a tool's example."""
    return folder / f"{name}.json"


def page_path(name: str, folder: Path = FOLDER) -> Path:
    """The file of a page of examples."""
    return folder / "pages" / f"{name}.json"


def read_tool(name: str) -> ToolExample | None:
    """A tool's example, or None where none was recorded."""
    path = tool_path(name)
    return ToolExample.model_validate_json(path.read_bytes()) if path.is_file() else None


def read_pages() -> list[Page]:
    """Every page of examples that was recorded."""
    return [Page.model_validate_json(path.read_bytes()) for path in sorted((FOLDER / "pages").glob("*.json"))]
