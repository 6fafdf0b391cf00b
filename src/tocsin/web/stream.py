"""``GET /api/stream``: server-sent events as a bare ASGI app, because each send costs and most of the server's sends are here."""

import asyncio
from collections import Counter
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tocsin.base.faults import BadInput, Fault
from tocsin.web.asked import Route
from tocsin.web.audiences import audience_of
from tocsin.web.catching_up import CatchingUp
from tocsin.web.frames import reset_frame, retry_frame
from tocsin.web.hub import Listener
from tocsin.web.ports import Parts, Seat
from tocsin.web.problems import language_of, problem_answer
from tocsin.web.serving import ABORT

PATH: Final = "/api/stream"
SEND_S: Final = 5.0
"""A client that takes nothing for so long, or twice as long, is let go. Nobody sets a timer for each send: it would cost as much."""
SIGNED_IN_S: Final = 10.0
"""How often a session is looked at again."""
MOST_STREAMS: Final = 16
"""Of one session."""
LONGEST_POSITION: Final = 15
ROUNDS: Final = 3
"""Of catching up, before a client that cannot keep pace starts anew."""
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold it back
]


class Reset(Exception):  # noqa: N818 - an answer, not an error
    """The client has to load the situation anew."""


class Streams:
    """The app of the stream."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._catching_up = CatchingUp(parts)
        self._opened = 0
        self._sessions: Counter[str] = Counter()
        """Session → streams that it holds."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, from its request to its end."""
        request = Request(scope, receive)
        try:
            seat = await self._admitted(request)
        except Fault as fault:
            answer = problem_answer(fault, language_of(None, request, self._parts.language))
            await answer(scope, receive, send)
            return
        self._opened += 1
        self._sessions[seat.session] += 1
        try:
            await self._serve(request, seat, send)
        finally:
            self._sessions[seat.session] -= 1
            self._sessions += Counter()  # forgets those that hold none

    async def _serve(self, request: Request, seat: Seat, send: Send) -> None:
        listener = Listener(audience_of(seat), seat.session)
        listener.put(retry_frame(self._opened))
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        ends = [
            asyncio.create_task(one) for one in (_write(listener, send), _until_gone(request.receive), _let_go(listener, request.scope))
        ]
        ends.append(asyncio.create_task(self._watch(listener, seat)))  # if nobody can say whether the session holds, it does not
        tasks = [*ends, asyncio.create_task(self._feed(listener, request))]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if listener.is_ending and not ends[1].done():  # its last word is still to be sent
                await asyncio.wait(ends[:2], timeout=SEND_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._parts.hub.detach(listener)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _admitted(self, request: Request) -> Seat:
        if request.method != "GET":
            raise BadInput("method", path=PATH, method=request.method)
        seat = await self._parts.access.admit(request, ROUTE)
        if seat is None:
            raise BadInput("not_signed_in")
        if self._sessions[seat.session] >= MOST_STREAMS:
            raise BadInput("too_many_streams", most=MOST_STREAMS)
        return seat

    async def _feed(self, listener: Listener, request: Request) -> None:
        """Bring the stream to the present, then leave it to the hub."""
        try:
            pos = self._position(request)
            for _ in range(ROUNDS):
                if self._parts.hub.is_kept(pos):
                    self._parts.hub.attach(listener, pos)
                    return
                caught_up = await self._catching_up.since(pos)
                if caught_up is None:
                    break
                if data := caught_up.frame_for(listener.audience):
                    listener.put(data)
                pos = caught_up.change.pos
            raise Reset("too_old")
        except Reset as reset:
            listener.finish(reset_frame(str(reset)))
        except Fault:  # what the journal cannot tell now the situation will
            listener.finish(reset_frame("too_old"))

    def _position(self, request: Request) -> int:
        """From where on. Raises Reset ``other_journal``, ``too_old`` (also where it is no position), ``ahead``."""
        hub = self._parts.hub
        stated = request.headers.get("last-event-id") or request.query_params.get("from")
        journal = request.query_params.get("journal")
        if stated is None and journal is None:
            return hub.taken_pos
        if journal != hub.journal:
            raise Reset("other_journal")
        stated = (stated or "").strip()
        if not (stated.isascii() and stated.isdigit() and len(stated) <= LONGEST_POSITION):
            raise Reset("too_old")
        if int(stated) > hub.taken_pos:
            raise Reset("ahead")
        return int(stated)

    async def _watch(self, listener: Listener, seat: Seat) -> None:
        while True:
            await asyncio.sleep(SIGNED_IN_S)
            if not await self._parts.access.is_signed_in(seat):
                listener.end(reset_frame("signed_out"))
                return


async def _write(listener: Listener, send: Send) -> None:
    while True:
        data = await listener.take()
        is_last = listener.is_ending
        listener.is_sending = True
        await send({"type": "http.response.body", "body": data, "more_body": not is_last})
        listener.is_sending = False
        if is_last:
            return


async def _let_go(listener: Listener, scope: Scope) -> None:
    """Ends when the client has taken nothing of what was sent to it."""
    taken = -1
    while not (listener.is_sending and listener.taken == taken):
        taken = listener.taken
        await asyncio.sleep(SEND_S)
    if abort := scope.get(ABORT):
        abort()  # closing would wait for ever to send what is in the buffers


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _opened_elsewhere(_asked: object) -> None:
    raise AssertionError("the stream is served beside the table of routes")


ROUTE: Final = Route("GET", PATH, _opened_elsewhere, "stream")
"""Stands in the table for the description; the app above answers it."""
