"""What every vault does alike: one box of AES-256-GCM (NIST SP 800-38D), bound to its place.

Box = nonce (12 bytes, drawn, never derived: a failed batch uses its positions again) ‖ ciphertext ‖ tag (16 bytes).
"""

from base64 import b64decode, b64encode
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tocsin.base.faults import Broken
from tocsin.base.identifiers import KeyName
from tocsin.core.messages.sealed import Sealed

KEY_BYTES = 32
NONCE_BYTES = 12

Draw = Callable[[int], bytes]
"""So many bytes that nobody can guess."""


def lock(secret: bytes, key: bytes, *, bound_to: bytes, draw: Draw) -> bytes:
    """Put a secret into a box."""
    nonce = draw(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound_to)


def unlock(box: bytes, key: bytes, *, bound_to: bytes) -> bytes | None:
    """What is in the box; None when box, key and binding do not fit."""
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
        return None


def seal_text(text: str, name: KeyName, key: bytes, *, bound_to: str, draw: Draw) -> Sealed:
    """Words as they may stand in a journal."""
    return Sealed(name, b64encode(lock(text.encode(), key, bound_to=bound_to.encode(), draw=draw)).decode())


def open_text(sealed: Sealed, key: bytes, *, bound_to: str) -> str:
    """The words again. Raises Broken ``seal_broken``."""
    try:
        words = unlock(b64decode(sealed.box, validate=True), key, bound_to=bound_to.encode())
    except ValueError:  # no base 64
        words = None
    if words is None:
        raise Broken("seal_broken", key=sealed.key, bound_to=bound_to)
    return words.decode()
