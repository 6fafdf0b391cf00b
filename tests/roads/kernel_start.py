"""Starts the compiled kernel in a process of its own, asks it a few things, and prints what was answered and how it was compiled.

Run by ``test_compiled.py``, which says where a cache may be kept.
"""

import json
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from numba.core.dispatcher import Dispatcher

import tocsin.roads.kernel


def dispatchers() -> dict[str, Any]:
    """Every compiled function by its module and name."""
    package = tocsin.roads.kernel
    modules = [import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__)]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": thing
        for module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, Dispatcher) and thing.py_func.__module__ == module.__name__
    }


def answers() -> list[Any]:
    """Of everything that the kernel does, once."""
    from road_cases import metric_of, region_of  # noqa: PLC0415 - what is compiled is what is measured: first of all

    from tocsin.base.quantities import Ppm  # noqa: PLC0415 - the same
    from tocsin.roads.fleet import Fleet  # noqa: PLC0415 - the same
    from tocsin.roads.kernel.customising import recustomise  # noqa: PLC0415 - the same
    from tocsin.roads.kernel_router import KernelRouter, hierarchy_of  # noqa: PLC0415 - the same
    from tocsin.roads.position import OnRoad  # noqa: PLC0415 - the same
    from tocsin.roads.turns import graph_of  # noqa: PLC0415 - the same

    region = region_of([(node, node + 1, 100 + node, 200) for node in range(8)] + [(8, 0, 50, None)], 9)
    graph = graph_of(region)
    hierarchy, open_metric, closed_metric = hierarchy_of(graph), metric_of(region), metric_of(region, closed=[4, 5])
    router = KernelRouter(region, graph, open_metric, hierarchy)
    closed = KernelRouter(
        region, graph, closed_metric, hierarchy, weights=recustomise(hierarchy, router.weights, closed_metric.arc_ms(graph))
    )
    places = [OnRoad(edge, Ppm(500_000)) for edge in range(region.edges)]
    fleet = Fleet(router)
    fleet.put({str(place.edge): place for place in places})
    said: list[Any] = [list(fleet.times_to(places[3]).values()), router.node_times_to_each(places[:3]).tolist()]
    fleet.use(closed)
    route = router.route(places[0], places[9])
    said += [list(fleet.times_to(places[3]).values()), closed.node_times_to(places[9]).tolist(), route.edges if route else None]
    return [*said, closed.times_between(places[:2], places).tolist()]


def main() -> None:
    """One JSON object."""
    functions = dispatchers()
    at_import = {name: len(function.signatures) for name, function in functions.items()}
    said = answers()
    told = {
        name: {
            "signatures": [at_import[name], len(function.signatures)],
            "hits": sum(function.stats.cache_hits.values()),
            "misses": sum(function.stats.cache_misses.values()),
            "cache": function.stats.cache_path,
        }
        for name, function in functions.items()
    }
    json.dump({"answers": said, "functions": told}, sys.stdout)


if __name__ == "__main__":
    main()
