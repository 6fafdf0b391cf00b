"""Next places on quickest ways, out of the times that a sweep leaves behind: compiled; ``lab/city/ways.py`` does the same in NumPy."""

from numba import types

from tocsin.roads.kernel.compiled import I32, U32, U32_TABLE, compiled

_I32_TABLE = types.Array(types.int32, 2, "C", readonly=True)


@compiled(types.void, I32, I32, U32, U32_TABLE, _I32_TABLE, U32_TABLE, I32, _I32_TABLE, types.int64, types.int16[:, ::1])
def next_places(arc_start, arc_head, arc_ms, state_ms, leave_state, leave_ms, near, table_ms, first, via):
    """For each place (row) and target (column, numbered from ``first``): along the quickest way, the first state whose nearest place is
    another one from which less is left; that place. The target where there is none."""
    places, targets = table_ms.shape
    for place in range(places):
        for column in range(targets):
            target = first + column
            via[place, column] = target
            left = table_ms[place, column]
            if left <= 0:
                continue
            state, best = -1, types.int64(1 << 40)
            for row in range(leave_state.shape[0]):
                if leave_state[row, place] >= 0:
                    ms = types.int64(leave_ms[row, place]) + types.int64(state_ms[leave_state[row, place], column])
                    if ms < best:
                        state, best = leave_state[row, place], ms
            if best != left:
                continue  # straight on, on one street
            while state >= 0:
                other = near[state]
                if other != place and other >= 0 and 0 <= table_ms[other, column] < left:
                    via[place, column] = other
                    break
                here, onward = state_ms[state, column], -1
                for arc in range(arc_start[state], arc_start[state + 1]):
                    if arc_ms[arc] + state_ms[arc_head[arc], column] == here:
                        onward = arc_head[arc]
                        break
                state = onward
