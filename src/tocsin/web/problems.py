"""Faults as answers: a code, two sentences in the reader's language, and the status that HTTP wants beside them."""

from collections.abc import Iterable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.core.messages.refusal import CommandRefused, Refused
from tocsin.words import languages, say, sentences_of

STATUS: dict[str, int] = {
    "not_signed_in": 401,
    "sign_in_failed": 401,
    "not_granted": 403,
    "csrf": 403,
    "other_origin": 403,
    "not_found": 404,
    "method": 405,
    "body_too_big": 413,
    "not_json": 415,
    "too_many_tries": 429,
    "too_many_streams": 429,
    "console_absent": 503,
    "roads_warming": 503,
    "no_map": 404,
    "lab_absent": 404,
    "lab_run_unknown": 404,
    "lab_no_result": 404,
    "lab_full": 409,
    "KeyUsedOtherwise": 409,
    "look_again": 409,
    "nothing_to_undo": 409,
    "clock_is_the_walls": 409,
}
"""Code of a BadInput → status; others are 400. What is Broken is always 503: told plainly, and tried again."""


class Problem(msgspec.Struct, omit_defaults=True):
    """Why a request was not done."""

    code: str
    what: str
    do: str
    values: dict[str, str]
    field: str | None = None


def status_of(fault: Fault) -> int:
    """The status of HTTP."""
    return STATUS.get(fault.code, 400) if isinstance(fault, BadInput) else 503


def problem_of(fault: Fault, language: str) -> Problem:
    """A fault, told. What broke inside is told by its code alone: paths and causes are for the server's own log."""
    if not isinstance(fault, BadInput):
        what, remedy = sentences_of(Broken("not_able", cause=fault.code), language)
        return Problem(fault.code, what, remedy, {})
    what, remedy = sentences_of(fault, language)
    return Problem(fault.code, what, remedy, dict(fault.values), fault.field)


def problem_answer(fault: Fault, language: str) -> Response:
    """The same as an answer."""
    return json_answer(problem_of(fault, language), status_of(fault))


def refusal_problem(refusal: CommandRefused, language: str) -> Problem:
    """A refusal of the core where no command was asked (a row that is looked up and is not there)."""
    return Problem(refusal.code, refusal_told(refusal, language), "", dict(refusal.values), refusal.field or None)


def refusal_told(refusal: CommandRefused, language: str) -> str:
    """Why nothing happened, in the reader's language."""
    return say(f"refusals.{refusal.code}", language, **refusal.values)


def refused_answer(refused: Refused, language: str) -> Response:
    """What is unknown is 404; anything else that the state forbids is 409."""
    event = refused.event
    return json_answer(refusal_problem(event, language), 404 if event.code.endswith("Unknown") else 409)


def json_answer(value: object, status: int = 200) -> Response:
    """A value as JSON, never to be kept by anybody on the way."""
    return Response(msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type="application/json")


def language_of(wanted: str | None, request: Request, otherwise: str) -> str:
    """The first language that is shipped: the seat's, then those of ``Accept-Language`` in their order, then the server's."""
    shipped = languages()
    if wanted in shipped and wanted is not None:
        return wanted
    header = request.headers.get("accept-language", "")[:200]
    return next((code for code in _accepted(header.split(",")) if code in shipped), otherwise)


def _accepted(parts: Iterable[str]) -> list[str]:
    """Two-letter codes, the best liked first (RFC 9110, 12.5.4)."""
    liked: list[tuple[float, str]] = []
    for part in parts:
        name, _, quality = part.strip().partition(";q=")
        try:
            liked.append((-float(quality or 1), name.strip()[:2].lower()))
        except ValueError:
            continue
    return [code for _, code in sorted(liked, key=lambda one: one[0])]
