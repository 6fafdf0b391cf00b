"""Where the shared data are, and what happens when they are not."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tocsin.roads import compiled_kernel

if os.environ.get("TOCSIN_ROUTER") == "scipy":
    # the whole suite on the path that serves where the compiled kernel cannot run; commands read the same name (wiring/roads.py)
    compiled_kernel.is_wanted = False

if compiled_kernel.find_kernel_router() is None:  # what tests the compiled kernel itself
    collect_ignore = [f"roads/test_{name}.py" for name in ("road_kernel", "kernel_networks", "compiled", "fleet")]

# The drawn cases are the same in every run: what is green here is green for whoever comes next. `make hunt` draws others each time.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("others", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("TOCSIN_DRAWS", "same"))

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
