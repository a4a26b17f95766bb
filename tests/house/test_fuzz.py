"""What comes from outside is thrown at the Go parsers: for a moment here, for as long as wanted by `make fuzz`."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from settings import HOUSE

# Counted, not timed: when its time ends Go may take the end itself for a finding ("context deadline exceeded").
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "2000"))
TARGETS = [
    (str(path.parent.relative_to(HOUSE)), name)
    for module in ("whatsapp-bridge", "tests/emulator")
    for path in sorted((HOUSE / module).rglob("*_test.go"))
    for name in re.findall(r"^func (Fuzz\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
]


def test_there_is_something_to_throw_at() -> None:
    assert {"FuzzFolding", "FuzzSearch", "FuzzBatches"} <= {name for _, name in TARGETS}


@pytest.mark.timeout(240 + ROUNDS // 20)
@pytest.mark.parametrize(("package", "target"), TARGETS, ids=[name for _, name in TARGETS])
def test_it_is_read_or_refused_but_breaks_nothing(built: None, package: str, target: str) -> None:
    done = subprocess.run(
        ["go", "test", "-run", "^$", "-fuzz", f"^{target}$", "-fuzztime", f"{ROUNDS}x", "."],
        cwd=HOUSE / package,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
