"""The documents lead somewhere, name what exists, and leave nothing out."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from cli.configuration import BAILEYS_OPTIONS, GO_OPTIONS, variable
from errors import Code, WhatsAppError
from markdown import Document, documents
from safety.policy import CORE
from settings import HOUSE, Settings
from tools.catalogue import CATALOGUE
from tools.declaration import Backend

ALL = {document.name: document for document in documents()}
README, TROUBLES = ALL["README.md"], ALL["TROUBLESHOOTING.md"]
EACH = pytest.mark.parametrize("document", ALL.values(), ids=list(ALL))
SETTINGS = re.compile(r"WHATSAPP_MCP_[A-Z_]+[A-Z]")
CALL = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\(")
OUR_VARIABLES = {
    *(variable(name) for name in Settings.model_fields),
    *(option.variable for option in (*GO_OPTIONS, *BAILEYS_OPTIONS) if option.variable),
}


@EACH
def test_every_link_and_anchor_leads_somewhere(document: Document) -> None:
    for file, place in document.links:
        assert file.exists(), f"{document.name}: {file}"
        if place:
            assert place in Document(file).anchors, f"{document.name}: {file.name}#{place}"


def test_every_document_is_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [README.path]
    while ahead:
        page = ahead.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            ahead += [file for file, _ in Document(page).links]
    left = {name for name, document in ALL.items() if document.path not in reached}
    assert {name for name in left if not name.startswith("docs/decisions/")} == set()


def test_every_tool_has_its_place_in_the_reference() -> None:
    assert set(CATALOGUE) <= ALL["API_REFERENCE.md"].anchors
    entries = re.split(r"^### ", ALL["API_REFERENCE.md"].text, flags=re.MULTILINE)
    for name in CATALOGUE:
        entry = next(text for text in entries if text.startswith(f"{name}\n"))
        for part in ("**When**", "**Parameters**", "**Result**", "**Example**", "**Related**"):
            assert part in entry, f"{name}: {part}"
        assert ("**Errors**" in entry) is bool(CATALOGUE[name].errors)


@EACH
def test_a_tool_that_is_called_in_a_document_exists(document: Document) -> None:
    called = {name for language, block in document.blocks if language == "text" for name in CALL.findall(block)}
    assert called <= set(CATALOGUE)


@EACH
def test_a_setting_that_a_document_names_exists(document: Document) -> None:
    assert set(SETTINGS.findall(document.text)) <= OUR_VARIABLES


def test_every_variable_that_the_bridges_read_is_documented() -> None:
    sources = [*HOUSE.glob("whatsapp-bridge/**/*.go"), *HOUSE.glob("baileys-bridge/src/**/*.ts")]
    read = {
        name
        for path in sources
        if not path.stem.endswith("_test")
        for name in SETTINGS.findall(path.read_text(encoding="utf-8"))
    }
    assert read <= OUR_VARIABLES
    assert all(name in ALL["docs/configuration.md"].text for name in OUR_VARIABLES)


def test_the_options_of_the_bridges_are_those_that_they_know() -> None:
    go = (HOUSE / "whatsapp-bridge" / "main.go").read_text(encoding="utf-8")
    known = re.findall(r'(?:flags\.\w+\((?:&[\w.]+, )?|\{&given\.\w+, )"([\w-]+)"', go)
    assert sorted(option.flag for option in GO_OPTIONS if option.flag) == sorted(f"--{name}" for name in known)
    ts = (HOUSE / "baileys-bridge" / "src" / "settings.ts").read_text(encoding="utf-8")
    names = re.findall(r'^ +"?([\w-]+)"?: \{ type:', ts, re.MULTILINE)
    assert sorted(option.flag for option in BAILEYS_OPTIONS if option.flag) == sorted(f"--{name}" for name in names)


def test_every_error_code_has_its_heading_twice() -> None:
    anchors = {code.lower() for code in Code}
    assert anchors <= TROUBLES.anchors
    assert anchors <= ALL["docs/ERROR_HANDLING.md"].anchors


@pytest.mark.parametrize("code", Code)
def test_the_help_of_an_error_leads_to_its_heading(code: Code) -> None:
    file, _, place = WhatsAppError(code).help.partition("#")
    assert place in ALL[file].anchors


def test_every_symptom_has_cause_check_and_cure() -> None:
    by_symptom = TROUBLES.text.partition("## By symptom")[2].partition("## Error codes")[0]
    symptoms = re.split(r"^### ", by_symptom, flags=re.MULTILINE)[1:]
    assert len(symptoms) >= 24
    for symptom in symptoms:
        assert [symptom.count(f"- **{part}**: ") for part in ("Cause", "Check", "Cure")] == [1, 1, 1], symptom[:60]
        for named in re.findall(r"^- Codes?: (.+)$", symptom, re.MULTILINE):
            assert set(named.split(", ")) <= set(Code)
    linked = {place for _, place in TROUBLES.links}
    assert TROUBLES.anchors - {code.lower() for code in Code} - linked <= {
        "troubleshooting",
        "by-symptom",
        "error-codes",
    }


def test_the_counts_of_the_readme_are_the_catalogues() -> None:
    rows = dict(re.findall(r"^\| ([A-Z][a-z]+) \| (\d+) \|", README.text, re.MULTILINE))
    counts = Counter(tool.category.title() for tool in CATALOGUE.values())
    assert {name: int(count) for name, count in rows.items()} == counts
    by = Counter(tool.route.backend for tool in CATALOGUE.values())
    twice = sum(tool.also is not None for tool in CATALOGUE.values())
    said = " ".join(README.text.split())
    assert (
        f"Together {len(CATALOGUE)} tools: {by[Backend.GO]} by the Go bridge, {by[Backend.BAILEYS]} by the Baileys "
        f"bridge, {by[Backend.HYBRID]} by both. For {twice} of them"
    ) in said
    assert f"offers the {len(CORE)} of every day" in said
    for text in re.findall(
        r"\b(\d+) tools", " ".join(ALL[name].text for name in ("README.md", "docs/architecture.md"))
    ):
        assert int(text) in (len(CATALOGUE), 80), text
