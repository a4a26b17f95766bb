"""What was measured beside what is promised, as a table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """How long each of many calls took, in milliseconds."""

    each: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the calls took longer."""
        return statistics.median(self.each)

    @property
    def p95(self) -> float:
        """One call in twenty took longer."""
        return statistics.quantiles(self.each, n=20)[-1]

    @property
    def spread(self) -> str:
        """The quartiles and the 95th percentile."""
        low, _, high = statistics.quantiles(self.each, n=4)
        return f"quartiles {low:.2f} and {high:.2f}, p95 {self.p95:.2f}"


@dataclass(frozen=True)
class Figure:
    """One row. Without a bound it stands there for reference."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    at_least: bool = False
    more: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its bound."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def promised(self) -> str:
        """The bound as text."""
        if self.bound is None:
            return ""
        return f"{'>=' if self.at_least else '<='} {number(self.bound)} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """A word."""
        return "" if self.bound is None else "holds" if self.holds else "BROKEN"

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The row's texts."""
        return self.name, f"{number(self.value)} {self.unit}".rstrip(), self.promised, self.verdict, self.more


@dataclass(frozen=True)
class Part:
    """Figures that belong together."""

    title: str
    figures: Sequence[Figure]


HEAD = ("", "measured", "promised", "", "spread and remarks")


def number(value: float) -> str:
    """Three digits that count, thousands parted."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def told(parts: Sequence[Part]) -> str:
    """The tables as plain text."""
    widths = [max(len(row[n]) for part in parts for row in _rows(part)) for n in range(len(HEAD))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    return _joined(parts, lambda part: [part.title, *(f"  {line(row)}" for row in _rows(part))])


def markdown(parts: Sequence[Part]) -> str:
    """The tables for docs/performance.md."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return _joined(
        parts,
        lambda part: [f"## {part.title}", "", line(HEAD), "|" + "---|" * len(HEAD), *map(line, _rows(part)[1:])],
    )


def _rows(part: Part) -> list[tuple[str, ...]]:
    return [HEAD, *(figure.cells for figure in part.figures)]


def _joined(parts: Sequence[Part], lines: Callable[[Part], list[str]]) -> str:
    return "\n\n".join("\n".join(lines(part)) for part in parts) + "\n"
