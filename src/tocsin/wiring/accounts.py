"""Accounts of a centre, from the command line: who may sign in, and which devices speak for units. They lie in the centre's folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, after, iso
from tocsin.base.quantities import Millis
from tocsin.base.seats import Account, Role
from tocsin.clocks.live import WallClock
from tocsin.edge.accounts import AccountsFile, open_accounts, open_or_create_accounts
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.words import catalogue

FILE = "accounts.db"
KEY_MS = Millis(24 * 3_600_000)
"""How long a one-time key waits."""


class AccountRow(msgspec.Struct, frozen=True):
    """One account."""

    name: str
    role: Role
    unit: str | None
    language: str | None
    has_password: bool
    is_disabled: bool


class AccountAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin account add``, ``enable``, ``disable`` and ``password`` with ``--json``."""

    account: AccountRow
    key: str | None = None
    """One-time key, told this once."""
    key_expires: str | None = None
    """UTC, ISO 8601."""


class AccountsAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin account list --json``."""

    accounts: list[AccountRow]


class TokenAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin account token --json``."""

    unit: str
    token: str | None
    """Of the unit's device, told this once; None where its tokens were ended."""
    ended: int
    """Tokens of the unit that serve no longer."""


def add(centre: Path, name: str, role: str, *, unit: str | None, language: str | None, password: str | None) -> AccountAnswer:
    """A new account; without a password, with a one-time key.

    Raises BadInput of the centre's folder, of ``AccountsFile.add``, ``account_unit_unknown``, ``language``.
    """
    if language is not None:
        catalogue(language)
    if unit is not None:
        _check_unit(centre, unit)
    with _accounts(centre, is_first=True) as accounts:
        return _answer(accounts, accounts.add(name, role, unit=unit, language=language, password=password), has_key=password is None)


def list_all(centre: Path) -> AccountsAnswer:
    """Everybody, by name. Raises BadInput ``accounts_absent`` and others of the file."""
    with _accounts(centre) as accounts:
        return AccountsAnswer([_row(account) for account in accounts.list_accounts()])


def set_disabled(centre: Path, name: str, *, is_disabled: bool) -> AccountAnswer:
    """Let nobody in by it, at once; or let it in again. Raises BadInput ``account_absent``."""
    with _accounts(centre) as accounts:
        return _answer(accounts, accounts.set_disabled(name, is_disabled=is_disabled), has_key=False)


def set_password(centre: Path, name: str, password: str | None) -> AccountAnswer:
    """Another password, ending its sessions; or a one-time key beside the old one. Raises BadInput ``account_absent``, ``password_…``."""
    with _accounts(centre) as accounts:
        account = accounts.get(name) if password is None else accounts.set_password(name, password)
        return _answer(accounts, account, has_key=password is None)


def draw_token(centre: Path, unit: str, *, is_further: bool) -> TokenAnswer:
    """A token for the unit's device; older ones end, unless this is a further device. Raises BadInput ``account_unit_unknown``."""
    _check_unit(centre, unit)
    with _accounts(centre, is_first=True) as accounts:
        ended = 0 if is_further else accounts.end_devices(unit)
        return TokenAnswer(unit, accounts.draw_device(unit, _now(), is_further=is_further), ended)


def end_tokens(centre: Path, unit: str) -> TokenAnswer:
    """No device speaks for the unit any more."""
    with _accounts(centre) as accounts:
        return TokenAnswer(unit, None, accounts.end_devices(unit))


def _now() -> Instant:
    return WallClock().now()


@contextmanager
def _accounts(centre: Path, *, is_first: bool = False) -> Iterator[AccountsFile]:
    if not centre.is_dir():
        raise BadInput("folder_missing", file=str(centre))
    with closing((open_or_create_accounts if is_first else open_accounts)(centre / FILE)) as accounts:
        yield accounts


def _check_unit(centre: Path, unit: str) -> None:
    known = [one.unit for one in read_centre_folder(centre).units]
    if unit not in known:
        raise BadInput("account_unit_unknown", field="unit", value=unit, known=", ".join(known[:20]))


def _answer(accounts: AccountsFile, account: Account, *, has_key: bool) -> AccountAnswer:
    if not has_key:
        return AccountAnswer(_row(account))
    expires = after(_now(), KEY_MS)
    return AccountAnswer(_row(account), accounts.draw_key(account.name, expires=expires), iso(expires))


def _row(account: Account) -> AccountRow:
    return AccountRow(*account)
