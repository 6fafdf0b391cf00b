"""Workers of a Dask cluster that do jobs (dask.distributed, the optional extra ``cluster``): for more machines than one.

Dask does a lost worker's jobs again by itself; where it gives up on one, or loses the ground with the last worker that held it, they are
handed in once more.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from tocsin.base.faults import BadInput, Broken

G = TypeVar("G")
J = TypeVar("J")
D = TypeVar("D")

MOST_LOST = 3
"""Rounds one after the other in which workers were lost and no result came."""
PATIENCE_S = 20


class DaskCluster:
    """Raises BadInput ``cluster_missing`` where dask.distributed is not installed, ``cluster_unreachable`` where nobody answers."""

    def __init__(self, address: str) -> None:
        self._dask = _library()
        self.address = address
        with self._client() as client:
            self.workers = max(1, sum(client.nthreads().values()))

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            client = self._dask.Client(self.address, timeout=PATIENCE_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as why:
            raise BadInput("cluster_unreachable", field="--cluster", address=self.address, why=why) from None
        try:
            yield client
        finally:
            client.close()

    def each(self, work: Callable[[G, J], D], ground: G, jobs: Sequence[J]) -> Iterator[tuple[int, D]]:
        """As they come. Raises Broken ``workers_lost``, and what ``work`` raises."""
        left = set(range(len(jobs)))
        lost = 0
        with self._client() as client:
            while left:
                before = len(left)
                for index, done in self._round(client, work, ground, [(index, jobs[index]) for index in sorted(left)]):
                    left.discard(index)
                    yield index, done
                lost = lost + 1 if len(left) == before else 0
                if lost >= MOST_LOST:
                    raise Broken("workers_lost", times=lost, left=len(left))

    def _round(self, client: Any, work: Callable[[G, J], D], ground: G, jobs: Sequence[tuple[int, J]]) -> Iterator[tuple[int, D]]:
        """What comes of handing in these jobs once; those that were lost are left out."""
        client.wait_for_workers(1, timeout=PATIENCE_S)
        (there,) = client.scatter([ground], broadcast=True, hash=False)
        futures = {client.submit(_do, work, there, pickle.dumps(job), pure=False): index for index, job in jobs}
        try:
            for future in self._dask.as_completed(list(futures), loop=client.loop):
                if future.status == "finished":
                    yield futures[future], future.result()
                elif future.status == "error" and not isinstance(why := future.exception(), self._dask.KilledWorker):
                    raise why
        finally:
            client.cancel(list(futures), force=True)


def _do(work: Callable[[G, J], D], ground: G, packed: bytes) -> D:
    """On a worker. Jobs are packed because Dask looks into tuples and hands them on as others."""
    return work(ground, pickle.loads(packed))


def _library() -> Any:
    try:
        import distributed  # noqa: PLC0415 - an optional extra: loaded where a cluster is wanted
    except ImportError:
        raise BadInput("cluster_missing", field="--cluster") from None
    return distributed
