"""The physical side of a fan-out: a process that writes given bytes at given moments to every socket that is connected, and no more.

Says where it is, then reads a line (JSON: moments from now in seconds, bytes in base64), writes, and answers with what it spent.
"""

import asyncio
import base64
import json
import resource
import sys
from time import perf_counter
from typing import Any, ClassVar

from served_centre import many_files
from serving_load import _POSITION


class Joined(asyncio.Protocol):
    """One who is written to."""

    transports: ClassVar[set[Any]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transports.add(transport)

    def connection_lost(self, fault: Exception | None) -> None:
        self.transports.clear()


def cpu_s() -> float:
    """Of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def play(frames: list[tuple[float, bytes]]) -> dict[str, Any]:
    """Write all of it, and what that took."""
    framed, before, started = {}, cpu_s(), perf_counter()
    for moment_s, data in frames:
        await asyncio.sleep(max(0.0, started + moment_s - perf_counter()))
        for found in _POSITION.finditer(data):
            framed[int(found[1])] = perf_counter()
        for transport in Joined.transports:
            transport.write(data)
    return {"cpu_s": cpu_s() - before, "framed": list(framed.items()), "streams": len(Joined.transports)}


async def main() -> None:
    """Serve."""
    many_files()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Joined, "127.0.0.1", 0, backlog=2048)
    host, port = server.sockets[0].getsockname()
    print(json.dumps({"address": f"http://{host}:{port}/"}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        frames = [(moment_s, base64.b64decode(data)) for moment_s, data in json.loads(line)]
        print(json.dumps(await play(frames)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
