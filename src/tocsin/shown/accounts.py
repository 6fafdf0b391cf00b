"""Accounts, as tables."""

from rich.console import Console

from tocsin.shown.figures import NOTHING, facts, paragraph, section, sheet, whole
from tocsin.wiring.accounts import AccountAnswer, AccountRow, AccountsAnswer, TokenAnswer
from tocsin.words import say


def _state(row: AccountRow, language: str) -> str:
    state = "disabled" if row.is_disabled else "open" if row.has_password else "waiting"
    return say(f"account.state.{state}", language)


def listed(out: Console, answer: AccountsAnswer, language: str) -> None:
    """Everybody."""
    rows = [
        (row.name, say(f"account.role.{row.role}", language), row.unit or NOTHING, row.language or NOTHING, _state(row, language))
        for row in answer.accounts
    ]
    out.print(sheet(*(say(f"account.{column}", language) for column in ("name", "as", "unit", "language", "now")), rows=rows))


def account(out: Console, answer: AccountAnswer, language: str) -> None:
    """One account, and its key where one was drawn."""
    row = answer.account
    pairs = [
        (say("account.as", language), say(f"account.role.{row.role}", language)),
        (say("account.unit", language), row.unit or NOTHING),
        (say("account.now", language), _state(row, language)),
    ]
    section(out, row.name, facts(pairs))
    if answer.key is not None:
        out.print()
        whole(out, say("account.key", language), answer.key)
        paragraph(out, say("account.once", language, until=answer.key_expires))


def token(out: Console, answer: TokenAnswer, language: str) -> None:
    """A unit's token."""
    if answer.token is not None:
        whole(out, say("account.token", language, unit=answer.unit), answer.token)
        paragraph(out, say("account.kept", language))
    paragraph(out, say("account.ended", language, unit=answer.unit, count=answer.ended))
