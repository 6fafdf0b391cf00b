"""How the kernel is compiled: all of it at import, from a cache where there is one, and without one where there can be none."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel_start import answers, dispatchers

from tocsin.roads.kernel.order import in_runs

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src" / "tocsin"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with nothing compiled in it."""
    folder = tmp_path_factory.mktemp("package")
    for part in ("base", "roads"):
        shutil.copytree(SOURCE / part, folder / "tocsin" / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SOURCE / "__init__.py", folder / "tocsin")
    return folder


def start(package: Path, cache: Path, home: Path, *, largest_file: int | None = None) -> dict[str, Any]:
    """What a new process answers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_", "PYTEST_"))}
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, (package, HERE))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "NUMBA_CACHE_DIR": str(cache),
    }

    def hold() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    ended = subprocess.run(
        [sys.executable, HERE / "kernel_start.py"], env=environment, capture_output=True, text=True, check=False, preexec_fn=hold
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["answers"] == json.loads(json.dumps(answers()))
    return told["functions"]


@pytest.fixture(scope="module")
def warm(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that a first start has filled."""
    folder = tmp_path_factory.mktemp("warm")
    functions = start(package, folder / "cache", folder)
    assert len(functions) > 10
    assert all(each["misses"] == 1 and each["hits"] == 0 for each in functions.values())
    return folder / "cache"


def test_the_second_start_compiles_nothing(package: Path, warm: Path, tmp_path: Path) -> None:
    functions = start(package, warm, tmp_path)
    assert all(each["hits"] == 1 and each["misses"] == 0 for each in functions.values())
    assert all(Path(each["cache"]).is_relative_to(warm) for each in functions.values())


def test_where_no_cache_can_be_kept_everything_is_compiled_in_memory(package: Path, tmp_path: Path) -> None:
    # folders below a file, and a file in place of the folder beside the source: not even root can write there
    file = tmp_path / "file"
    file.touch()
    cached = package / "tocsin" / "roads" / "kernel" / "__pycache__"
    cached.touch()
    try:
        functions = start(package, file / "cache", file / "home")
    finally:
        cached.unlink()
    assert all(each["cache"] is None and each["hits"] == 0 for each in functions.values())
    assert all(each["signatures"] == [1, 1] for each in functions.values())


def copied(warm: Path, tmp_path: Path) -> tuple[Path, list[Path]]:
    """The cache again, and the files of three of its functions."""
    shutil.copytree(warm, tmp_path / "cache")
    files = sorted(
        path for path in (tmp_path / "cache").rglob("*.nb?") if path.name.startswith(("sweeping.", "labels._fill", "ways._climb"))
    )
    assert len(files) == 8
    return tmp_path / "cache", files


def test_a_full_disk_is_no_hindrance(package: Path, warm: Path, tmp_path: Path) -> None:
    cache, files = copied(warm, tmp_path)
    for path in files:
        path.unlink()
    functions = start(package, cache, tmp_path, largest_file=0)
    assert sum(each["hits"] for each in functions.values()) == len(functions) - len(files) // 2
    assert all(each["signatures"] == [1, 1] for each in functions.values())
    assert not any(path.exists() for path in files)


@pytest.mark.parametrize("kept_bytes", [0, 5, 200])
def test_a_damaged_cache_is_no_hindrance(package: Path, warm: Path, tmp_path: Path, kept_bytes: int) -> None:
    cache, files = copied(warm, tmp_path)
    for path in files:
        path.write_bytes(path.read_bytes()[:kept_bytes])
    functions = start(package, cache, tmp_path)
    assert all(each["signatures"] == [1, 1] for each in functions.values())


def test_no_call_compiles_anything() -> None:
    functions = dispatchers()
    before = {name: function.signatures for name, function in functions.items()}
    answers()
    assert {name: function.signatures for name, function in functions.items()} == before
    assert all(len(signatures) == 1 for signatures in before.values())


def test_arguments_of_other_types_are_refused_and_not_compiled_for() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        in_runs(np.zeros(2, np.int64), np.zeros(0, np.float32), np.zeros(1, np.int32))  # type: ignore[arg-type]


def test_a_compiled_function_calls_those_of_its_own_file_only() -> None:
    functions = dispatchers()
    home = {name.partition(".")[2]: name.partition(".")[0] for name in functions}
    for name, function in functions.items():
        called = set(function.py_func.__code__.co_names) & set(home)
        elsewhere = [one for one in called if function.py_func.__globals__[one].py_func.__module__ != function.py_func.__module__]
        assert elsewhere == [], f"{name} would be taken from the cache although what it calls has changed"
