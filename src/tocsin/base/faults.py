"""What can go wrong, split by whose fault it is. A fault carries a code and values; ``words/`` says it in the reader's language.

Refusals are not here: they are answers (``core/messages/refusal.py``).
"""


class Fault(Exception):  # noqa: N818 - the field's word; its two kinds say whose fault it is
    """A code, where it was met, and the values that its sentence needs."""

    def __init__(
        self,
        code: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        **values: object,
    ) -> None:
        self.code = code
        self.file = file
        self.line = line
        self.field = field
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(code)

    def at(self, *, file: str | None = None, line: int | None = None, field: str | None = None) -> "Fault":
        """The same fault, told with where it was met; what is already known stays."""
        self.file = self.file or file
        self.line = self.line if self.line is not None else line
        self.field = self.field or field
        return self

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.field) if part is not None)
        values = " ".join(f"{name}={value}" for name, value in self.values.items())
        return " ".join(part for part in (where, self.code, values) if part)


class BadInput(Fault):
    """The sender's fault: a file, a message or an option that cannot be used. Exit status 2; nothing was written."""


class Broken(Fault):
    """Our fault or the machine's: a belief did not hold. Stop and shout."""
