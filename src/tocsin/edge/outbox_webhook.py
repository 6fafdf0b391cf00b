"""Courier over HTTP: each event is posted as JSON, signed, under a key by which the other side knows it again."""

import hmac
import os
import ssl
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import tocsin
from tocsin.base.faults import BadInput
from tocsin.core.messages.said import Record
from tocsin.core.ports import Declined, Undelivered
from tocsin.formats.outbox_event import Sender, key_of, outbox_event

TIMEOUT_S = 10.0
LEAST_SECRET = 16
"""Bytes."""

COME_AGAIN: Final = frozenset({408, 425, 429})
"""Of the answers 4xx those that mean: later."""


class WebhookCourier:
    """Port ``Courier``. A connection per event; certificates are checked, redirections are not followed, proxies not asked."""

    def __init__(self, name: str, events: frozenset[str], sender: Sender, url: str, secret: bytes) -> None:
        """``url`` must have passed ``formats.couriers.is_url``."""
        self.name = name
        self._events, self._sender, self._secret = events, sender, secret
        self._url = urlsplit(url)
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None

    def wants(self, record: Record) -> bool:
        """Whether the event's name is on its list."""
        return type(record.says).__name__ in self._events

    def carry(self, pos: int, record: Record) -> None:
        """Post it. 2xx = there; 408, 425, 429, 3xx, 5xx and everything that the network does = Undelivered; other 4xx = Declined."""
        body = outbox_event(self._sender, pos, record)
        status = self._post(body, key_of(self._sender, pos))
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in COME_AGAIN:
            raise Declined(f"HTTP {status}")
        raise Undelivered(f"HTTP {status}")

    def _post(self, body: bytes, key: str) -> int:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"tocsin/{tocsin.__version__}",
            "Idempotency-Key": key,
            "X-Tocsin-Signature": f"sha256={hmac.new(self._secret, body, sha256).hexdigest()}",
        }
        target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        connection = self._connection()
        try:
            connection.request("POST", target, body=body, headers=headers)
            return connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise Undelivered(getattr(error, "strerror", None) or str(error) or type(error).__name__) from None
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        host = self._url.hostname or ""
        if self._tls is not None:
            return HTTPSConnection(host, self._url.port, timeout=TIMEOUT_S, context=self._tls)
        return HTTPConnection(host, self._url.port, timeout=TIMEOUT_S)


def load_secret(path: Path) -> bytes:
    """What posts are signed with. Raises BadInput ``courier_secret_absent``, ``courier_secret_open`` (others may read it), ``_short``."""
    try:
        mode = path.stat().st_mode & 0o777
        if os.name == "posix" and mode & 0o077:
            raise BadInput("courier_secret_open", file=str(path), mode=oct(mode))
        secret = path.read_bytes().strip()
    except OSError as error:
        raise BadInput("courier_secret_absent", file=str(path), why=error.strerror or error) from None
    if len(secret) < LEAST_SECRET:
        raise BadInput("courier_secret_short", file=str(path), least=LEAST_SECRET)
    return secret
