"""Where a served desk is, and how one gets in."""

import msgspec
from rich.console import Console

from tocsin.words import say


class ServedAnswer(msgspec.Struct, frozen=True):
    """What a machine needs that has started a server."""

    address: str
    journal: str
    keys: dict[str, str]
    """Role → one-time key for the first sign-in."""


def link(address: str, key: str) -> str:
    """An address that lets in once."""
    return f"{address}#key={key}"


def show_addresses(console: Console, told: ServedAnswer, language: str, *, is_built: bool, kind: str = "centre") -> None:
    """One line each: what runs, where, how to get in, how to stop it."""
    console.print(say(f"serve.ready.{kind}", language, address=told.address))
    for role, key in told.keys.items():
        console.print(say("serve.first", language, role=say(f"serve.role.{role}", language), link=link(told.address, key)), soft_wrap=True)
    if not is_built:
        console.print(say("serve.not_built", language))
    console.print(say("serve.stop", language))
