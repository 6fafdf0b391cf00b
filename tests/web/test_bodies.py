"""How deep a body is nested: the same as a look at each of its bytes would tell, in one go."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.bodies import MOST_DEPTH, _depth

SIGNS = st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b"x", b"\n", b"\xff", b"[{" * MOST_DEPTH]), max_size=200).map(
    b"".join
)


def depth_by_byte(body: bytes) -> int:
    deepest = depth = 0
    is_text = is_escaped = False
    for sign in body:
        if is_text:
            is_text, is_escaped = is_escaped or sign != 0x22, not is_escaped and sign == 0x5C
        elif sign == 0x22:
            is_text = True
        elif sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return deepest


@given(SIGNS)
def test_the_depth_is_that_of_the_brackets_outside_of_texts(body: bytes) -> None:
    few = body.count(b"[") + body.count(b"{") <= MOST_DEPTH
    assert _depth(body) == (0 if few else depth_by_byte(body))


def test_hostile_bodies_are_seen_through_at_once() -> None:
    for body in (b'"' + b'\\"' * 128_000 + b"[" * 30, b'"\\"' * 85_000 + b"[" * 30, b"\\" * 256_000 + b'"' * 30 + b"[" * 30):
        assert _depth(body) == depth_by_byte(body)
    assert _depth(b"[" * 256_000) == 256_000
