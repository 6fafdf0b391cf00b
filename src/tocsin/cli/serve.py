"""A centre's desk for browsers."""

import asyncio
import os
import sys
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.base.faults import Fault
from tocsin.cli.terminal import Json, Language, err, language_of, out, print_json, progress_bar
from tocsin.shown.serve import ServedAnswer, show_addresses
from tocsin.wiring import serve as serve_wired
from tocsin.wiring import serving
from tocsin.words import say, tell

Port = Annotated[int, Parameter(help="Port; 0 = any free one.")]


def serve(
    centre: Path, *, journal: Path | None = None, host: str = "127.0.0.1", port: Port = serving.FIRST_PORT, name: list[str] | None = None,
    area: list[Path] | None = None, certificate: Path | None = None, key: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Serve a centre: call-takers and dispatchers work at it with their browsers, until it is stopped (Ctrl+C).

    Parameters
    ----------
    centre
        Folder of the centre (see ``tocsin check``); what is written goes beside its files.
    journal
        Journal file, if not ``centre.journal`` in that folder.
    host
        Address to listen at; 0.0.0.0 = for the whole network.
    name
        Further host name that browsers reach it by (may be given several times).
    area
        GeoJSON layer of areas that places are told to lie in (may be given several times).
    certificate
        TLS certificate (PEM); needs ``--key``.
    key
        Its private key (PEM).
    """
    spoken = language_of(language)
    with ExitStack() as until:
        with progress_bar(spoken) as progress:
            opened = serve_wired.open_centre(
                centre, journal=journal, areas=area or [], progress=progress, until=until, faults=lambda fault: complain(fault, spoken)
            )

        def ready(address: str) -> None:
            told = ServedAnswer(
                address, opened.stand.parts.journal.journal_id, {"supervisor": opened.first_key} if opened.first_key else {}
            )
            if json:
                print_json(told)
                sys.stdout.flush()
            else:
                show_addresses(out, told, spoken, is_built=opened.stand.parts.console is not None)

        run(opened.stand, serving.Address(host, port, tuple(name or ()), certificate, key), ready)


def run(stand: serving.Stand, address: serving.Address, ready: serving.Ready) -> None:
    """Until it is stopped."""
    asyncio.run(serving.serve(stand, address, ready))


def complain(fault: Fault, language: str) -> None:
    """What went wrong beside the desk, on standard error; the desk goes on."""
    err.print(say("serve.beside", language, told=tell(fault, language)))


def open_browser(address: str) -> None:
    """Where somebody sits in front of a screen."""
    has_screen = sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_screen:
        webbrowser.open(address)
