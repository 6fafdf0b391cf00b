"""Accounts: who may sign in at a served centre, and which devices speak for its units."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from tocsin.base.faults import BadInput
from tocsin.cli.terminal import Json, Language, language_of, out, print_json
from tocsin.shown import accounts as shown
from tocsin.wiring import accounts
from tocsin.words import say

account_app = App(name="account", help="Who may sign in at a centre, and which devices speak for its units.")

Stdin = Annotated[bool, Parameter(name="--password-stdin", negative="", help="Read the password from standard input, one line.")]
Key = Annotated[bool, Parameter(name="--key", negative="", help="Draw a one-time key, good for a day, instead of a password.")]


@account_app.command
def add(
    centre: Path, name: str, *, role: str, unit: str | None = None, seat_language: str | None = None,
    password_stdin: Stdin = False, key: Key = False, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """A new account. Asks for the password twice, without showing it.

    Parameters
    ----------
    centre
        The centre's folder.
    name
        The account, which is also the seat that the journal names.
    role
        call_taker, dispatcher, commander, crew, supervisor or wall.
    unit
        The unit of a crew.
    seat_language
        Language of the screens of this account; as the browser asks without it.
    """
    spoken = language_of(language)
    password = _password(is_stdin=password_stdin, is_key=key, language=spoken)
    _tell(accounts.add(centre, name, role, unit=unit, language=seat_language, password=password), json=json, language=spoken)


@account_app.command(name="list")
def list_(centre: Path, *, json: Json = False, language: Language = None) -> None:
    """Everybody who has an account.

    Parameters
    ----------
    centre
        The centre's folder.
    """
    spoken = language_of(language)
    answer = accounts.list_all(centre)
    print_json(answer) if json else shown.listed(out, answer, spoken)


@account_app.command
def disable(centre: Path, name: str, *, json: Json = False, language: Language = None) -> None:
    """Let nobody in by an account; whoever is signed in by it is out at once.

    Parameters
    ----------
    centre
        The centre's folder.
    name
        The account.
    """
    spoken = language_of(language)
    _tell(accounts.set_disabled(centre, name, is_disabled=True), json=json, language=spoken)


@account_app.command
def enable(centre: Path, name: str, *, json: Json = False, language: Language = None) -> None:
    """Let an account in again.

    Parameters
    ----------
    centre
        The centre's folder.
    name
        The account.
    """
    spoken = language_of(language)
    _tell(accounts.set_disabled(centre, name, is_disabled=False), json=json, language=spoken)


@account_app.command
def password(
    centre: Path, name: str, *, password_stdin: Stdin = False, key: Key = False, json: Json = False, language: Language = None
) -> None:
    """Another password for an account; its sessions end. With --key a one-time key, and nothing ends.

    Parameters
    ----------
    centre
        The centre's folder.
    name
        The account.
    """
    spoken = language_of(language)
    given = _password(is_stdin=password_stdin, is_key=key, language=spoken)
    _tell(accounts.set_password(centre, name, given), json=json, language=spoken)


@account_app.command
def token(
    centre: Path, unit: str, *, further: Annotated[bool, Parameter(negative="")] = False,
    end: Annotated[bool, Parameter(negative="")] = False, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """A token by which a unit's device reports positions. Older tokens of the unit end.

    Parameters
    ----------
    centre
        The centre's folder.
    unit
        The unit.
    further
        For a further device of the unit: older tokens go on.
    end
        End all tokens of the unit; draw none.
    """
    spoken = language_of(language)
    answer = accounts.end_tokens(centre, unit) if end else accounts.draw_token(centre, unit, is_further=further)
    print_json(answer) if json else shown.token(out, answer, spoken)


def _tell(answer: accounts.AccountAnswer, *, json: bool, language: str) -> None:
    print_json(answer) if json else shown.account(out, answer, language)


def _password(*, is_stdin: bool, is_key: bool, language: str) -> str | None:
    """The password as it is asked for; None for a key. Raises BadInput ``password_twice``, ``password_unasked``, ``password_or_key``."""
    if is_key and is_stdin:
        raise BadInput("password_or_key", field="--key")
    if is_key:
        return None
    if is_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("password_unasked", field="--password-stdin")
    given = getpass(say("account.ask", language) + " ")
    if getpass(say("account.again", language) + " ") != given:
        raise BadInput("password_twice", field="password")
    return given
