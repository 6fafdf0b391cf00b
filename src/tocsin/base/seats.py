"""Who may sit at a desk: accounts with one role each, and the sessions in which they are signed in. No password or token lives here."""

import re
import unicodedata
from typing import Literal, NamedTuple, get_args

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant

Role = Literal["call_taker", "dispatcher", "commander", "crew", "supervisor", "wall"]
"""What a seat is there for. What each may do is told in ``web/grants.py``; ``crew`` is bound to one unit."""

ROLES: tuple[Role, ...] = get_args(Role)

RESERVED = frozenset({"tocsin", "all", "log"})
"""Names that mean something else in the journal: the program itself, every seat, the shift log."""

MOST_NAME = 40
LEAST_PASSWORD, MOST_PASSWORD = 10, 1_000


class Account(NamedTuple):
    """One account: name = seat = ``actor`` in the journal."""

    name: str
    role: Role
    unit: UnitId | None
    """The unit that a crew is bound to; None for every other role."""
    language: str | None
    has_password: bool
    """False until the first sign-in by a one-time key has set one."""
    is_disabled: bool


class KeptSession(NamedTuple):
    """Somebody is signed in."""

    id: str
    """SHA-256 of its token, hexadecimal: names the session without opening it."""
    account: Account
    seen: Instant
    """The last question that was written down."""
    expires: Instant
    """If nothing more is asked."""


def name_key(name: str) -> str:
    """What two spellings of one account name share: sign-in is blind to case and to how letters with accents are put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def checked_name(name: str) -> str:
    """A name that may be a seat, in normal form C.

    Letters and digits of any script with single spaces, dots, dashes, underscores between them: nothing that reads like ``unit:E1``, and
    nothing invisible. Raises BadInput ``account_name``.
    """
    plain = unicodedata.normalize("NFC", name)
    parts = re.split("[ ._-]", plain)
    is_good = len(plain) <= MOST_NAME and all(part and all(_is_of_a_name(sign) for sign in part) for part in parts)
    if not is_good or name_key(plain) in RESERVED:
        raise BadInput("account_name", field="name", value=ascii(name[: 2 * MOST_NAME]), most=MOST_NAME)
    return plain


def _is_of_a_name(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign).startswith("M")  # many scripts write vowels as marks on letters


def checked_role(role: str, unit: str | None) -> Role:
    """A role with its unit: a crew has one, nobody else has. Raises BadInput ``account_role`` or ``account_unit``."""
    known = next((one for one in ROLES if one == role), None)
    if known is None:
        raise BadInput("account_role", field="role", value=role, known=", ".join(ROLES))
    if (known == "crew") != bool(unit):
        raise BadInput("account_unit", field="unit", role=known)
    return known


def checked_password(password: str) -> str:
    """A password in normal form C, so that keyboards that compose letters differently agree.

    Length is all that is asked for (NIST SP 800-63B, 5.1.1.2). Raises BadInput ``password_short``, ``password_long``, ``password_signs``.
    """
    if len(password) > MOST_PASSWORD:
        raise BadInput("password_long", field="password", most=MOST_PASSWORD)
    plain = unicodedata.normalize("NFC", password)
    if len(plain) < LEAST_PASSWORD:
        raise BadInput("password_short", field="password", least=LEAST_PASSWORD)
    try:
        plain.encode()
    except UnicodeEncodeError:  # half of a pair, or bytes of a terminal that are no text
        raise BadInput("password_signs", field="password") from None
    return plain
