"""How the tables of ``dispatch_tables.py`` are written: Markdown, intervals, and the command that gives the same figures."""

from collections.abc import Iterable, Sequence

from tocsin.views.experiment_answer import Difference


class Page:
    """What becomes docs/dispatch-figures.md, told line by line to whoever waits."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, *lines: str) -> None:
        """Into the page, and to whoever waits."""
        self.lines += lines
        print(*lines, sep="\n", flush=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """The first column to the left, figures to the right; each row as soon as it is known."""
        self.say("| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1))
        for row in rows:
            if len(row) != len(head):
                raise ValueError(f"{len(row)} cells under {len(head)} heads: {row}")
            self.say("| " + " | ".join(row) + " |")
        self.say("")

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines).rstrip() + "\n"


def signed(value: float, unit: str, places: int = 1) -> str:
    """``−3.4 s``, with a true minus; never a negative nought."""
    text = f"{value:+.{places}f}"
    if not float(text):
        text = text.lstrip("+-")
    return f"{text} {unit}".rstrip().replace("-", "−")


def change(one: Difference | None, unit: str, scale: float = 1.0, places: int = 1) -> str:
    """``−3.4 ± 0.2 s``; in brackets where no difference is shown; a dash where there is nothing to compare."""
    if one is None:
        return "–"
    half = "" if one.half_width is None else f" ± {one.half_width * scale:.{places}f}"
    return _told(signed(one.mean * scale, "", places) + half + f" {unit}", one.is_shown)


def relative(one: Difference | None) -> str:
    """The same in per cent of the base."""
    if one is None or one.relative is None:
        return "–"
    half = "" if one.relative_half_width is None else f" ± {one.relative_half_width * 100:.1f}"
    return _told(f"{signed(one.relative * 100, '')}{half} %", one.is_shown)


def share(value: float | None) -> str:
    """``34.1 %``."""
    return "–" if value is None else f"{value * 100:.1f} %"


def number(value: float | None, unit: str, places: int = 0) -> str:
    """``458 s``."""
    return "–" if value is None else f"{value:.{places}f} {unit}"


def _told(text: str, is_shown: bool) -> str:
    return text if is_shown else f"({text})"


def command(verb: str, city: str, **options: object) -> str:
    """As somebody types it in the folder of the project. ``most_driving=25`` is ``--most-driving 25``, ``stress=""`` is ``--stress``."""
    texts = {name.replace("_", "-"): f"{value:g}" if isinstance(value, float) else str(value) for name, value in options.items()}
    words = [f"--{name} {text}" for name, text in texts.items()]
    return f"`tocsin {verb} ../shared/data/jemss/{city} {' '.join(word.strip() for word in words)}`"
