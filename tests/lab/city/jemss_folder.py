"""A small city in the JEMSS layout: a square of streets, two stations, a hospital; texts that a test may spoil before they are written."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

SIDE = 6
ROADS = ("nodes.csv", "arcs.csv")


def texts() -> dict[str, str]:
    """File name → text. Streets are 0.01° apart; with lights each takes 0.0005 days (43.2 s), else 0.0008."""
    nodes = [f"{nth + 1},{170 + nth % SIDE / 100:.4f},{-37 + nth // SIDE / 100:.4f},1" for nth in range(SIDE * SIDE)]
    ways = [(nth, nth + 1) for nth in range(SIDE * SIDE) if nth % SIDE < SIDE - 1]
    ways += [(nth, nth + SIDE) for nth in range(SIDE * (SIDE - 1))]
    ways += [(head, tail) for tail, head in ways]
    arcs = [f"{nth + 1},{tail + 1},{head + 1},0.0005,0.0008" for nth, (tail, head) in enumerate(ways)]
    demand = [f"{nth + 1},{170.002 + nth % 5 / 100:.4f},{-37 + nth // 5 / 100:.4f},{1 + nth % 3}" for nth in range(25)]
    return {
        "nodes.csv": "nodes,,,\nindex,x,y,offRoadAccess\n" + "\n".join(nodes) + "\n",
        "arcs.csv": "miscData,\narcForm,numModes\ndirected,2\n,\narcs,,,\nindex,fromNode,toNode,mode_1,mode_2\n" + "\n".join(arcs) + "\n",
        "stations.csv": "stations,,\nindex,x,y,capacity,NAME\n1,170.0001,-37.0,5,North\n2,170.0501,-36.95,5,South\n",
        "hospitals.csv": "hospitals,,\nindex,x,y,name\n1,170.02,-36.98,General\n",
        "ambulances.csv": "ambulances,,\nindex,stationIndex,class\n1,1,1\n2,2,1\n",
        "priorities.csv": "priorities,,\npriority,name,targetResponseTime\n1,highPriority,0.005555556\n2,lowPriority,0.013888889\n",
        "travel.csv": "travelModes,,\ntravelModeIndex,offRoadSpeed,note\n1,1000,\n2,500,\n,,\ntravelSets,,\n"
        "travelSetIndex,priority,travelModeIndex\n1,highPriority,1\n1,lowPriority,2\n",
        "redispatch_lower_to_high.csv": "miscData,,\nallowRedispatch,,\n1,,\n,,\nredispatchConditions,,\n"
        "fromCallPriority,toCallPriority,allowRedispatch\nlowPriority,highPriority,1\n",
        "map.csv": "map,1,,\nxMin,xMax,yMin,yMax,xScale,yScale\n170,171,-38,-36,89,111\n",
        "demand_points.csv": "index,lon,lat,weight\n" + "\n".join(demand) + "\n",
        "call_gen_config_test.xml": "<genConfig><sim><callDistributions>"
        "<interarrivalTime seed='1'>Exponential(1/(2*24))</interarrivalTime><priority>Categorical([0.25, 0.75])</priority>"
        "<dispatchDelay>Normal(60/60/60/24, 0)</dispatchDelay><onSceneDuration>Exponential(12/60/24)</onSceneDuration>"
        "<transport>Bernoulli(0.5)</transport><handoverDuration>Exponential(10/60/24)</handoverDuration>"
        "</callDistributions></sim></genConfig>",
    }


def scenario() -> str:
    """The same parameters as the originals, in one file."""
    return """{"city": "square", "calls_per_day": 48.0, "priority_share": {"high": 0.25, "low": 0.75},
 "target_response_min": {"high": 8, "low": 20}, "dispatch_delay_min": 1.0, "on_scene": {"dist": "exponential", "mean_min": 12},
 "transport_probability": 0.5, "handover": {"dist": "exponential", "mean_min": 10}}"""


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder of these files, its roads zipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if name not in ROADS:
            (folder / name).write_text(text, "utf-8")
    with zipfile.ZipFile(folder / "roads.zip", "w") as archive:
        for name in ROADS:
            if name in files:
                archive.writestr(name, files[name])
    return folder
