"""Where a served desk is, and how one gets in."""

import msgspec
from rich.console import Console

from tocsin.words import say


class ServedAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a machine needs that has started a server."""

    address: str
    journal: str
    keys: dict[str, str]
    """Role → one-time key for the first sign-in."""
    other_port: int | None = None
    """The usual port, where another program has it."""


def link(address: str, key: str) -> str:
    """An address that lets in once."""
    return f"{address}#key={key}"


def show_addresses(console: Console, told: ServedAnswer, language: str, *, is_built: bool, kind: str = "centre") -> None:
    """One line each: what runs, where, how to get in, how to stop it."""
    console.print(say(f"serve.ready.{kind}", language, address=told.address))
    if told.other_port is not None:
        console.print(say("serve.other_port", language, taken=told.other_port))
    for role, key in told.keys.items():
        show_link(console, role, link(told.address, key), language)
    if not is_built:
        console.print(say("serve.not_built", language))
    if kind != "centre":
        console.print(say("serve.fresh", language))
    console.print(say("serve.stop", language))


def show_link(console: Console, role: str, address: str, language: str) -> None:
    """A link on a line of its own: easy to see, to click and to copy whole."""
    console.print()
    console.print(say("serve.first", language, role=say(f"serve.role.{role}", language)))
    console.print(f"  {address}", style="bold", soft_wrap=True)
