"""Short futures of a city, compiled. Read from ``look`` upwards.

The policy in them: urgent calls get the nearest free unit, the others one that is in time and missed least; who becomes free serves whoever
waits or goes where cover gains most. Drives and turnouts are their means, nobody is diverted, and hospitals have bays for all.
"""

from numba import types

from tocsin.core.engine.move_up import LESS_THAN_ANY_PPB
from tocsin.core.engine.policies import UNSPARED_PPB
from tocsin.lab.kernel.compiled import compiled
from tocsin.lab.kernel.future_arrays import (
    AT,
    AT_STATION_MS,
    BETWEEN_CHECKS,
    C_HANDOVER_MS,
    C_IS_TRANSPORT,
    C_KIND,
    C_MS,
    C_PLACE,
    C_SCENE_MS,
    CALL_PLACE,
    CAN_TRANSPORT,
    COMES_ON,
    COST_MS,
    COUNTS_AT,
    D_FUTURES,
    D_KEY,
    D_MARGIN,
    D_NOW_MS,
    D_UNIT,
    FOREVER_MS,
    FREE,
    FREE_MS,
    FREE_PLACE,
    GIVEN_UP,
    GROUND,
    HANDING_OVER,
    HOME,
    HORIZON_MS,
    HOUR_MS,
    HOUR_PPM,
    IS_COUNTED,
    K_HANDOVER_MS,
    K_IS_URGENT,
    K_LEFT_MS,
    K_PLACES,
    K_PRIORITY,
    K_SCENE_MS,
    K_SURE_MS,
    K_TRANSPORT_PPM,
    K_WEIGHS,
    KIND,
    KIND_BITS,
    LATE,
    LEAST_GAIN_PPB,
    LOOKS,
    MOST_CALLS,
    MOST_COUNTED,
    NOW_PPM,
    NOWHERE,
    OFF,
    OFF_MS,
    ON_ROAD_MS,
    ON_SCENE,
    ON_WAY,
    ONES,
    PHASE,
    PLACE,
    PLACE_BITS,
    PLAYED,
    PPM,
    PRICE_PPB_PER_S,
    QUANTILE_BITS,
    RESPONSE_MS,
    ROOM,
    ROWS,
    SQUARES,
    TO_HOSPITAL,
    UNTIL_MS,
    I,
)

# SplitMix64 (Steele, Lea & Flood 2014) in signed numbers: constants as int64, shifts masked to be logical.
GOLDEN, MIX_1, MIX_2 = (
    0x9E3779B97F4A7C15 - (1 << 64),
    0xBF58476D1CE4E5B9 - (1 << 64),
    0x94D049BB133111EB - (1 << 64),
)
PER_FUTURE = 1 << 20
"""Numbers that a future may draw before it meets those of the next."""


@compiled(I, I, I, I)
def bits(key, nth, wanted):
    """So many random bits: the ``nth`` number of a stream."""
    x = key + nth * types.int64(GOLDEN)
    x = (x ^ ((x >> 30) & 0x3FFFFFFFF)) * types.int64(MIX_1)
    x = (x ^ ((x >> 27) & 0x1FFFFFFFFF)) * types.int64(MIX_2)
    x = x ^ ((x >> 31) & 0x1FFFFFFFF)
    return (x >> (64 - wanted)) & ((1 << wanted) - 1)


@compiled(I, GROUND, ROWS, I, I, I, I)
def draw_free(w, u, unit, decision_ms, key, nth):
    """When and where a unit with a job will be free. What it has been at for a while is taken to have no memory."""
    phase, kind = u[PHASE, unit], u[KIND, unit]
    at_ms, place = max(u[UNTIL_MS, unit], decision_ms), u[CALL_PLACE, unit]
    if phase == COMES_ON:
        place = w.station_place[u[HOME, unit]]
    if phase == ON_WAY:
        at_ms += w.spans[2 * kind, bits(key, nth, QUANTILE_BITS)]
    elif phase == ON_SCENE:
        at_ms += w.gaps[bits(key, nth, QUANTILE_BITS)] * w.kinds[kind, K_SCENE_MS] // PPM
    if phase in (ON_WAY, ON_SCENE):
        nearest = w.nearest_hospital[place]
        is_transport = bits(key, nth + 1, 30) * PPM >> 30 < w.kinds[kind, K_TRANSPORT_PPM]
        if is_transport and nearest >= 0 and u[CAN_TRANSPORT, unit]:
            end = w.hospital_place[nearest]
            at_ms += types.int64(w.normal_ms[end, place]) + w.spans[2 * kind + 1, bits(key, nth + 2, QUANTILE_BITS)]
            place = end
    elif phase == TO_HOSPITAL:
        at_ms += w.spans[2 * kind + 1, bits(key, nth, QUANTILE_BITS)]
    elif phase == HANDING_OVER:
        at_ms += w.gaps[bits(key, nth, QUANTILE_BITS)] * w.kinds[kind, K_HANDOVER_MS] // PPM
    u[FREE_MS, unit], u[FREE_PLACE, unit] = at_ms, place
    return nth + 3


@compiled(I, GROUND, ROOM, I, I, I)
def draw_calls(w, z, decision_ms, key, nth):
    """The future's calls; their number. A Poisson process whose rate changes by the hour."""
    f, at_ms, calls = z.f, decision_ms, 0
    end_ms = decision_ms + w.settings[HORIZON_MS]
    while calls < MOST_CALLS:
        hour = at_ms // HOUR_MS
        gap_ms = w.gap_ms[hour % len(w.gap_ms)] * w.gaps[bits(key, nth, QUANTILE_BITS)] // PPM
        nth += 1
        if at_ms + gap_ms >= (hour + 1) * HOUR_MS:
            at_ms = (hour + 1) * HOUR_MS
            if at_ms >= end_ms:
                break
            continue
        at_ms += gap_ms
        if at_ms >= end_ms:
            break
        chance, kind, row = bits(key, nth, KIND_BITS), 0, hour % len(w.gap_ms)
        while kind < w.kinds.shape[0] - 1 and chance >= w.kind_until[row, kind]:
            kind += 1
        f[C_MS, calls], f[C_KIND, calls] = at_ms, kind
        f[C_SCENE_MS, calls] = w.spans[2 * kind, bits(key, nth + 1, QUANTILE_BITS)]
        f[C_IS_TRANSPORT, calls] = bits(key, nth + 2, 30) * PPM >> 30 < w.kinds[kind, K_TRANSPORT_PPM]
        f[C_HANDOVER_MS, calls] = w.spans[2 * kind + 1, bits(key, nth + 3, QUANTILE_BITS)]
        nth += 4
        for look in range(w.settings[LOOKS] if w.kinds[kind, K_IS_URGENT] else 1):
            f[C_PLACE + look, calls] = w.places[w.kinds[kind, K_PLACES], bits(key, nth, PLACE_BITS)]
            nth += 1
        calls += 1
    return calls


@compiled(types.void, GROUND, ROOM, I, I, I)
def count(w, z, unit, row, by):
    """It counts at that station of the model from now on, or not any more."""
    if row < 0 or not z.v[IS_COUNTED, unit]:
        return
    for at in range(w.rows_from[row], w.rows_from[row + 1]):
        z.counts[w.rows[at]] += by


@compiled(I, GROUND, ROOM, I)
def lost_ppb(w, z, row):
    """What is lost if one of the units that count there goes."""
    lost = 0
    for at in range(w.rows_from[row], w.rows_from[row + 1]):
        counts = z.counts[w.rows[at]]
        lost += w.worth[w.rows[at], min(counts - 1, MOST_COUNTED)]
    return lost


@compiled(I, GROUND, ROOM, I)
def gained_ppb(w, z, row):
    """What one more unit there adds."""
    gained = 0
    if row >= 0:
        for at in range(w.rows_from[row], w.rows_from[row + 1]):
            gained += w.worth[w.rows[at], min(z.counts[w.rows[at]], MOST_COUNTED)]
    return gained


@compiled(I, GROUND, ROWS, I, I)
def place_at(w, v, unit, now_ms):
    """Where a free unit is: as the engines have it."""
    left_ms = v[UNTIL_MS, unit] - now_ms
    if left_ms <= 0:
        return v[PLACE, unit]
    if v[PLACE, unit] < 0:  # stands on the road
        return v[AT, unit]
    at, hour_ppm = v[AT, unit], v[HOUR_PPM, unit]
    to_ms, via = w.normal_ms[v[PLACE, unit]], w.normal_via[v[PLACE, unit]]
    while types.int64(to_ms[at]) * hour_ppm // PPM > left_ms:
        at = types.int64(via[at])
    v[AT, unit] = at
    return at


@compiled(types.void, GROUND, ROOM, I, I, I)
def set_out(w, z, unit, station, now_ms):
    """From where it is to a station; where there is no way it stays."""
    v = z.v
    place, end = v[AT, unit], w.station_place[station]
    ms = types.int64(w.normal_ms[end, place])
    v[PHASE, unit], v[HOUR_PPM, unit] = FREE, w.settings[NOW_PPM]
    if ms < 0:
        v[PLACE, unit], v[UNTIL_MS, unit] = NOWHERE, FOREVER_MS
    else:
        v[PLACE, unit], v[UNTIL_MS, unit] = end, now_ms + ms * w.settings[NOW_PPM] // PPM
    v[COUNTS_AT, unit] = w.station_row[station] if v[IS_COUNTED, unit] else NOWHERE
    count(w, z, unit, v[COUNTS_AT, unit], 1)


@compiled(I, GROUND, ROOM, I)
def most_useful(w, z, unit):
    """``best_station`` over the open ones, from where it is."""
    place, own = z.v[AT, unit], z.v[HOME, unit]
    if not z.v[IS_COUNTED, unit]:
        return own
    own_ms = types.int64(w.normal_ms[w.station_place[own], place]) if w.is_open[own] else NOWHERE
    best, best_ms = own, own_ms
    best_worth = (gained_ppb(w, z, w.station_row[own]) + w.settings[LEAST_GAIN_PPB]) if own_ms >= 0 else LESS_THAN_ANY_PPB
    for station in range(len(w.station_place)):
        ms = types.int64(w.normal_ms[w.station_place[station], place])
        if ms < 0 or station == own or not w.is_open[station]:
            continue
        longer_ms = ms - own_ms if ms > own_ms >= 0 else 0
        worth = gained_ppb(w, z, w.station_row[station]) - w.settings[PRICE_PPB_PER_S] * longer_ms // 1000
        if worth > best_worth or (worth == best_worth and best != own and ms < best_ms):
            best, best_worth, best_ms = station, worth, ms
    return best


@compiled(I, GROUND, ROWS, I, I, I, I)
def eta_ms(w, v, unit, place, is_urgent, now_ms):
    """Mean turnout and the drive of a free unit; -1 = no way."""
    at = place_at(w, v, unit, now_ms)
    ms = types.int64(w.lights_ms[place, at] if is_urgent else w.normal_ms[place, at])
    if ms < 0:
        return NOWHERE
    return (v[AT_STATION_MS, unit] if v[UNTIL_MS, unit] <= now_ms else v[ON_ROAD_MS, unit]) + ms * w.settings[NOW_PPM] // PPM


@compiled(I, GROUND, ROOM, I, I)
def choose(w, z, call, now_ms):
    """The free unit of least weight (late, cover lost, travel, index); -1 = there is none that can get there."""
    v, kind, place = z.v, z.f[C_KIND, call], z.f[C_PLACE, call]
    is_urgent, left_ms, weighs = w.kinds[kind, K_IS_URGENT], w.kinds[kind, K_LEFT_MS], w.kinds[kind, K_WEIGHS]
    best, best_late, best_lost, best_ms = NOWHERE, 0, 0, FOREVER_MS
    for unit in range(v.shape[1]):
        if v[PHASE, unit] != FREE or v[OFF_MS, unit] <= now_ms:
            continue
        eta = eta_ms(w, v, unit, place, is_urgent, now_ms)
        if eta < 0:
            continue
        travel_ms, late = eta + v[COST_MS, unit], types.int64(eta > left_ms)
        lost = 0
        if weighs and not late and eta > w.kinds[kind, K_SURE_MS]:
            lost = UNSPARED_PPB
        elif weighs and not late and v[COUNTS_AT, unit] >= 0:
            lost = lost_ppb(w, z, v[COUNTS_AT, unit])
        if best < 0 or (late, lost, travel_ms) < (best_late, best_lost, best_ms):
            best, best_late, best_lost, best_ms = unit, late, lost, travel_ms
    return best


@compiled(types.void, GROUND, ROOM, I, I, I)
def note(w, z, response_ms, left_ms, looks):
    """One more response, as late or not."""
    z.score[0] += looks if response_ms > left_ms else 0
    z.score[1] += looks * response_ms
    z.score[2] += looks


@compiled(types.void, GROUND, ROOM, I, I, I)
def send(w, z, unit, call, now_ms):
    """It takes the call; when and where it will be free again is known from now on."""
    v, f = z.v, z.f
    kind, place = f[C_KIND, call], f[C_PLACE, call]
    there_ms = now_ms + eta_ms(w, v, unit, place, w.kinds[kind, K_IS_URGENT], now_ms)
    count(w, z, unit, v[COUNTS_AT, unit], -1)
    v[COUNTS_AT, unit], v[PHASE, unit] = NOWHERE, ON_WAY
    free_ms, nearest = there_ms + f[C_SCENE_MS, call], w.nearest_hospital[place]
    if f[C_IS_TRANSPORT, call] and nearest >= 0 and v[CAN_TRANSPORT, unit]:
        end = w.hospital_place[nearest]
        free_ms += types.int64(w.normal_ms[end, place]) * w.settings[NOW_PPM] // PPM + f[C_HANDOVER_MS, call]
        place = end
    v[FREE_MS, unit], v[FREE_PLACE, unit] = free_ms, place


@compiled(types.void, GROUND, ROOM, I, I)
def look_around(w, z, call, now_ms):
    """What the response is at the call's place, and would be at a few others, with the units as they are."""
    kind = z.f[C_KIND, call]
    left_ms = w.kinds[kind, K_LEFT_MS]
    for look in range(w.settings[LOOKS]):
        best_ms = FOREVER_MS
        for unit in range(z.v.shape[1]):
            if z.v[PHASE, unit] == FREE and z.v[OFF_MS, unit] > now_ms:
                eta = eta_ms(w, z.v, unit, z.f[C_PLACE + look, call], 1, now_ms)
                if 0 <= eta < best_ms:
                    best_ms = eta
        if best_ms < FOREVER_MS:
            note(w, z, best_ms, left_ms, 1)


@compiled(types.void, GROUND, ROOM, I, I, I)
def come(w, z, call, queued, now_ms):
    """A call comes: somebody is sent, or it waits. ``score[3]``: how many wait."""
    f = z.f
    kind = f[C_KIND, call]
    unit = choose(w, z, call, now_ms)
    if unit >= 0:
        if w.kinds[kind, K_IS_URGENT]:
            look_around(w, z, call, now_ms)
        send(w, z, unit, call, now_ms)
        return
    at = queued
    while at > 0 and w.kinds[f[C_KIND, z.queue[at - 1]], K_PRIORITY] > w.kinds[kind, K_PRIORITY]:
        z.queue[at] = z.queue[at - 1]
        at -= 1
    z.queue[at] = call
    z.score[3] = queued + 1


@compiled(types.void, GROUND, ROOM, I, I)
def become_free(w, z, unit, now_ms):
    """Serve the first that waits and can be reached, or go where it is of most use; off duty if its shift is over."""
    v, f, queued = z.v, z.f, z.score[3]
    v[AT, unit] = v[PLACE, unit] = v[FREE_PLACE, unit]
    v[FREE_MS, unit] = FOREVER_MS
    if v[OFF_MS, unit] <= now_ms:
        v[PHASE, unit] = OFF
        return
    v[PHASE, unit], v[UNTIL_MS, unit], v[PLACE, unit] = FREE, FOREVER_MS, NOWHERE
    for nth in range(queued):
        call = z.queue[nth]
        kind = f[C_KIND, call]
        is_urgent = w.kinds[kind, K_IS_URGENT]
        eta = eta_ms(w, v, unit, f[C_PLACE, call], is_urgent, now_ms)
        if eta < 0:
            continue
        if is_urgent:
            note(w, z, now_ms - f[C_MS, call] + eta, w.kinds[kind, K_LEFT_MS], w.settings[LOOKS])
        send(w, z, unit, call, now_ms)
        for later in range(nth, queued - 1):
            z.queue[later] = z.queue[later + 1]
        z.score[3] = queued - 1
        return
    set_out(w, z, unit, most_useful(w, z, unit), now_ms)


@compiled(types.void, ROOM)
def begin(z):
    """The board as it is now, and nothing scored."""
    for row in range(z.u.shape[0]):
        for unit in range(z.u.shape[1]):
            z.v[row, unit] = z.u[row, unit]
    for nth in range(len(z.score)):
        z.score[nth] = 0
    for nth in range(len(z.counts)):
        z.counts[nth] = 0


@compiled(types.void, GROUND, ROOM, ONES, I, I)
def play(w, z, decision, station, calls):
    """One future, if the unit goes to that station."""
    begin(z)
    v, now_ms, chosen = z.v, decision[D_NOW_MS], decision[D_UNIT]
    for unit in range(v.shape[1]):
        if v[PHASE, unit] == FREE:
            count(w, z, unit, v[COUNTS_AT, unit], 1)
    set_out(w, z, chosen, station, now_ms)
    end_ms, nth = now_ms + w.settings[HORIZON_MS], 0
    while True:
        first, first_ms = NOWHERE, end_ms
        for unit in range(v.shape[1]):
            if v[PHASE, unit] > OFF and v[FREE_MS, unit] < first_ms:
                first, first_ms = unit, v[FREE_MS, unit]
        if nth < calls and z.f[C_MS, nth] < first_ms:
            come(w, z, nth, z.score[3], z.f[C_MS, nth])
            nth += 1
        elif first >= 0:
            become_free(w, z, first, first_ms)
        else:
            break
    for waiting in range(z.score[3]):
        call = z.queue[waiting]
        kind = z.f[C_KIND, call]
        if w.kinds[kind, K_IS_URGENT]:
            note(w, z, end_ms - z.f[C_MS, call], w.kinds[kind, K_LEFT_MS], w.settings[LOOKS])


@compiled(types.int64, ONES, ROWS, I, I)
def is_hopeless(decision, told, candidate, played):
    """Whether a candidate is behind what it must have won against the first by now, to win by the margin at the end."""
    margin = decision[D_MARGIN] * played // decision[D_FUTURES]
    fewer = told[LATE, 0] - told[LATE, candidate]
    variance = played * told[SQUARES, candidate] - fewer * fewer
    return types.int64(fewer <= 0 or fewer * fewer * played * 10_000 <= margin * margin * variance)


@compiled(types.void, GROUND, ROOM, ONES, ONES, ROWS)
def look(w, z, decision, candidates, told):
    """Every future once for each candidate, but for those that fell behind.

    Told of a candidate: late looks, sum of responses, futures played, and over these the sum of squares of the difference in late looks to
    the first candidate.
    """
    left = len(candidates) - 1
    for future in range(decision[D_FUTURES]):
        if left == 0:
            break
        key, nth = decision[D_KEY], future * PER_FUTURE
        for unit in range(z.u.shape[1]):
            z.u[FREE_MS, unit] = FOREVER_MS
            if z.u[PHASE, unit] > OFF:
                nth = draw_free(w, z.u, unit, decision[D_NOW_MS], key, nth)
        calls = draw_calls(w, z, decision[D_NOW_MS], key, nth)
        first_late = 0
        for candidate in range(len(candidates)):
            if told[PLAYED, candidate] < future:
                continue
            play(w, z, decision, candidates[candidate], calls)
            late = z.score[0]
            if candidate == 0:
                first_late = late
            told[LATE, candidate] += late
            told[RESPONSE_MS, candidate] += z.score[1]
            told[SQUARES, candidate] += (late - first_late) ** 2
            told[PLAYED, candidate] += 1
        if decision[D_MARGIN] and (future + 1) % BETWEEN_CHECKS == 0:
            for candidate in range(1, len(candidates)):
                if told[PLAYED, candidate] == future + 1 and is_hopeless(decision, told, candidate, future + 1):
                    told[PLAYED, candidate] = GIVEN_UP
                    left -= 1
