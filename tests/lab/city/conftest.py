"""The two real cities, each made once."""

from pathlib import Path

import pytest

from tocsin.lab.city.model import City
from tocsin.wiring.cities import open_city


@pytest.fixture(scope="session")
def auckland(shared: Path) -> City:
    return open_city(shared / "data" / "jemss" / "auckland", is_kept=False)


@pytest.fixture(scope="session")
def manhattan(shared: Path) -> City:
    return open_city(shared / "data" / "jemss" / "manhattan", is_kept=False)
