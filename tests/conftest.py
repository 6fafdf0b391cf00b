"""Where the shared data are, and what happens when they are not."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TOCSIN_SHARED") or Path(__file__).resolve().parents[2] / "shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project. Skips without it; fails where TOCSIN_REQUIRE_SHARED is set (CI)."""
    if not (SHARED / "data").is_dir():
        message = f"no real data at {SHARED}: set TOCSIN_SHARED to the folder that holds data/ and standards/"
        if os.environ.get("TOCSIN_REQUIRE_SHARED"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED
