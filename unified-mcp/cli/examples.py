"""Draws the pages of docs/examples from what was recorded."""

from __future__ import annotations

from cli.answers import Example, Page, Step
from cli.reference import DRAWN, as_json
from cli.troubles import anchor


def draw_page(page: Page) -> str:
    """One page: every example with its question, its calls and their real answers."""
    titles = [f"{number}. {example.title}" for number, example in enumerate(page.examples, 1)]
    contents = "".join(f"- [{title}](#{anchor(title)})\n" for title in titles)
    parts = [f"{DRAWN}# {page.title}\n\n{page.opening}\n\n{contents}"]
    parts += [_example(title, example) for title, example in zip(titles, page.examples, strict=True)]
    return "".join(parts)


def _example(title: str, example: Example) -> str:
    steps = "".join(_step(step) for step in example.steps)
    return f"\n## {title}\n\n> {example.question}\n{steps}\n{example.told}\n"


def _step(step: Step) -> str:
    before = f"\n{step.before}\n" if step.before else ""
    says = "is refused with" if step.refused else "answers"
    return (
        f"{before}\n[{step.tool}](../../API_REFERENCE.md#{step.tool})\n\n```json\n{as_json(step.arguments)}\n```\n\n"
        f"{says}\n\n```json\n{as_json(step.answer)}\n```\n"
    )
