"""What only Go can measure: the bare SQLite driver, and live messages beside a merge. `go test -bench` runs both."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from settings import HOUSE

LINE = re.compile(r"^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$", re.MULTILINE)
METRIC = re.compile(r"([\d.e+]+) (\S+)")
Metrics = dict[str, float]


def go_bench(pattern: str, **environment: Path) -> dict[str, Metrics]:
    """Run benchmarks of the store once; their metrics by name."""
    done = subprocess.run(
        ("go", "test", "./store", "-run", "^$", "-bench", pattern, "-benchtime", "1x", "-timeout", "60m"),
        cwd=HOUSE / "whatsapp-bridge",
        env={**os.environ, "CGO_ENABLED": "0", **{name: str(path) for name, path in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {
        line[1]: {unit: float(value) for value, unit in METRIC.findall(line[2])} for line in LINE.finditer(done.stdout)
    }
    if done.returncode != 0 or not found:
        raise RuntimeError(f"go test failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return found


def versions() -> dict[str, str]:
    """Of Go and the SQLite driver."""
    go = subprocess.run(("go", "env", "GOVERSION"), capture_output=True, text=True, check=True).stdout.strip()
    listed = subprocess.run(
        ("go", "list", "-m", "-f", "{{.Version}}", "modernc.org/sqlite"),
        cwd=HOUSE / "whatsapp-bridge",
        capture_output=True,
        text=True,
        check=True,
    )
    return {"Go": go.removeprefix("go"), "modernc.org/sqlite": listed.stdout.strip()}
