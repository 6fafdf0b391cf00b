"""The events of a run, compiled: what ``lab/plain`` does for cities with one unit to a call, to the last bit.

Reads as the plain engine does; the names of its functions are the same. Units are columns of ``u``, calls columns of ``c``, with the rows
named below. All numbers are int64, and so is every intermediate.
"""

from numba import types

from tocsin.core.engine.move_up import LESS_THAN_ANY_PPB
from tocsin.core.engine.policies import UNSPARED_PPB, WHOLE_PERMILLE
from tocsin.lab.kernel.arrays import (
    _ROWS,
    AT,
    AT_HOSPITAL,
    AT_STATION_MS,
    BUSY_MS,
    BUSY_SINCE_MS,
    C_AT_MS,
    C_FIRST,
    C_FULL_MS,
    C_HANDOVER_MS,
    C_IS_TRANSPORT,
    C_ON_SCENE_MS,
    C_PLACE,
    C_PPM,
    C_RANK,
    C_READY_MS,
    C_SCENE_MS,
    C_SENT,
    C_TOLD,
    CALL,
    CALL_PPM,
    CAN_TRANSPORT,
    COST_MS,
    COUNTS_AT,
    DEST,
    DIVERTED,
    EVENT_KIND,
    EVENT_MS,
    EVENT_SEQUENCE,
    FOREVER_MS,
    FREE,
    HAS_COVER,
    HOME,
    HOSPITAL,
    HOUR_MS,
    HOUR_PPM,
    IS_COUNTED,
    IS_DMEXCLP,
    IS_FREE,
    IS_ON_SHIFT,
    IS_ON_WAY,
    IS_OVERLOADED,
    JOBS,
    LEAST_GAIN_PPB,
    LIGHTS,
    LONGEST,
    MAY_DIVERT,
    MODE,
    MOST_COUNTED,
    MOST_QUEUED,
    MOVES,
    NORMAL,
    NOW_MS,
    NOWHERE,
    OFFSET_MS,
    ON_ROAD_MS,
    ON_SCENE,
    OVERRUN_MS,
    PLACE,
    PPM,
    PRICE_PPB_PER_S,
    QUEUED,
    RETURN_MS,
    RETURNS_SINCE_MS,
    ROLLS_MS,
    SEQUENCE,
    SHIFT_ENDED_MS,
    STANDS,
    STATE,
    SURE_PERMILLE,
    TURNOUT,
    UNTIL_MS,
    WAS_AT_STATION,
    WORLD,
    I,
)
from tocsin.lab.kernel.compiled import compiled


@compiled(I, WORLD, I)
def ppm_at(w, at_ms):
    """Factor on all drives that set out then."""
    ppm = w.hours[at_ms // HOUR_MS % len(w.hours)] if len(w.hours) else PPM
    for nth in range(len(w.slower)):
        if w.slower[nth, 0] <= at_ms < w.slower[nth, 1]:
            ppm = ppm * w.slower[nth, 2] // PPM
    return ppm


@compiled(I, WORLD, _ROWS, I, I)
def place_at(w, u, unit, now_ms):
    """The first place of its way from which the rest of the drive takes at most what is left of it."""
    left_ms = u[UNTIL_MS, unit] - now_ms
    if left_ms <= 0:
        return u[PLACE, unit]
    mode, at = u[MODE, unit], u[AT, unit]
    if mode == STANDS:
        return at
    to_ms = w.lights_ms[u[DEST, unit]] if mode == LIGHTS else w.normal_ms[u[DEST, unit]]
    via = w.lights_via[u[DEST, unit]] if mode == LIGHTS else w.normal_via[u[DEST, unit]]
    hour_ppm, call_ppm = u[HOUR_PPM, unit], u[CALL_PPM, unit]
    if hour_ppm == PPM and call_ppm == PPM:
        while to_ms[at] > left_ms:
            at = types.int64(via[at])
    else:
        while types.int64(to_ms[at]) * hour_ppm // PPM * call_ppm // PPM > left_ms:
            at = types.int64(via[at])
    u[AT, unit] = at
    return at


@compiled(types.void, WORLD, STATE, I)
def put(w, z, station):
    """``Cover.put``."""
    for at in range(w.rows_from[station], w.rows_from[station + 1]):
        row = w.rows[at]
        before = z.counts[row]
        z.counts[row] = before + 1
        k = min(before, MOST_COUNTED)
        gained = w.worth[row, min(before + 1, MOST_COUNTED)] - w.worth[row, k]
        lost = w.worth[row, k] - (w.worth[row, min(before - 1, MOST_COUNTED)] if before else 0)
        for to in range(w.stations_from[row], w.stations_from[row + 1]):
            z.gain_ppb[w.stations[to]] += gained
            z.loss_ppb[w.stations[to]] += lost


@compiled(types.void, WORLD, STATE, I)
def take(w, z, station):
    """``Cover.take``."""
    for at in range(w.rows_from[station], w.rows_from[station + 1]):
        row = w.rows[at]
        after = z.counts[row] - 1
        z.counts[row] = after
        k = min(after, MOST_COUNTED)
        gained = w.worth[row, k] - w.worth[row, min(after + 1, MOST_COUNTED)]
        lost = (w.worth[row, min(after - 1, MOST_COUNTED)] if after else 0) - w.worth[row, k]
        for to in range(w.stations_from[row], w.stations_from[row + 1]):
            z.gain_ppb[w.stations[to]] += gained
            z.loss_ppb[w.stations[to]] += lost


@compiled(types.void, WORLD, STATE, I)
def uncount(w, z, unit):
    """It counts nowhere."""
    if z.u[COUNTS_AT, unit] >= 0:
        take(w, z, z.u[COUNTS_AT, unit])
        z.u[COUNTS_AT, unit] = NOWHERE


@compiled(types.void, WORLD, STATE, I, I)
def count(w, z, unit, station):
    """From now on it counts there."""
    uncount(w, z, unit)
    row = w.station_row[station]
    if w.settings[HAS_COVER] and z.u[IS_COUNTED, unit] and row >= 0:
        z.u[COUNTS_AT, unit] = row
        put(w, z, row)


@compiled(types.void, STATE, I, I, I)
def schedule(z, at_ms, kind, unit):
    """Something happens to the unit then, and nothing that was expected before."""
    z.s[SEQUENCE] += 1
    z.u[EVENT_MS, unit], z.u[EVENT_KIND, unit], z.u[EVENT_SEQUENCE, unit] = at_ms, kind, z.s[SEQUENCE]


@compiled(types.void, STATE, I, I)
def note_return(z, unit, now_ms):
    """Adds what it has driven without a job since it set out."""
    u = z.u
    if u[UNTIL_MS, unit] < FOREVER_MS and u[RETURNS_SINCE_MS, unit] < u[UNTIL_MS, unit]:
        u[RETURN_MS, unit] += min(now_ms, u[UNTIL_MS, unit]) - u[RETURNS_SINCE_MS, unit]
    u[RETURNS_SINCE_MS, unit] = FOREVER_MS


@compiled(types.void, WORLD, STATE, I)
def make_idle(w, z, unit):
    """On duty at its own station."""
    u, now_ms = z.u, z.s[NOW_MS]
    u[PLACE, unit] = u[AT, unit] = w.station_place[u[HOME, unit]]
    u[MODE, unit], u[UNTIL_MS, unit], u[RETURNS_SINCE_MS, unit] = STANDS, now_ms, now_ms
    u[IS_FREE, unit] = 1
    count(w, z, unit, u[HOME, unit])


@compiled(I, WORLD, STATE, I, I)
def most_useful(w, z, place, own):
    """``best_station`` over the open ones."""
    own_ms = types.int64(w.normal_ms[w.station_place[own], place]) if w.is_open[own] else NOWHERE
    row = w.station_row[own]
    best, best_ms = own, own_ms
    best_worth = ((z.gain_ppb[row] if row >= 0 else 0) + w.settings[LEAST_GAIN_PPB]) if own_ms >= 0 else LESS_THAN_ANY_PPB
    for station in range(len(w.station_place)):
        ms = types.int64(w.normal_ms[w.station_place[station], place])
        if ms < 0 or station == own or not w.is_open[station]:
            continue
        longer_ms = ms - own_ms if ms > own_ms >= 0 else 0
        row = w.station_row[station]
        worth = (z.gain_ppb[row] if row >= 0 else 0) - w.settings[PRICE_PPB_PER_S] * longer_ms // 1000
        if worth > best_worth or (worth == best_worth and best != own and ms < best_ms):
            best, best_worth, best_ms = station, worth, ms
    return best


@compiled(types.void, WORLD, STATE, I)
def send_back(w, z, unit):
    """To its station, or where the policy wants it."""
    u, now_ms = z.u, z.s[NOW_MS]
    place = place_at(w, u, unit, now_ms)
    station = home = u[HOME, unit]
    if w.settings[IS_DMEXCLP] and u[IS_COUNTED, unit]:
        station = most_useful(w, z, place, home)
        u[MOVES, unit] += station != home
    u[RETURNS_SINCE_MS, unit] = now_ms
    end = w.station_place[station]
    ms = types.int64(w.normal_ms[end, place])
    u[AT, unit] = place
    if ms == NOWHERE:
        u[PLACE, unit], u[MODE, unit], u[UNTIL_MS, unit] = place, STANDS, FOREVER_MS
    else:
        u[HOUR_PPM, unit], u[CALL_PPM, unit] = ppm_at(w, now_ms), PPM
        u[MODE, unit], u[DEST, unit], u[PLACE, unit] = NORMAL, end, end
        u[UNTIL_MS, unit] = now_ms + ms * u[HOUR_PPM, unit] // PPM
    count(w, z, unit, station)


@compiled(I, WORLD, STATE, I, I, I, I)
def eta_ms(w, z, unit, place, is_urgent, ppm):
    """Mean turnout, what an agreement adds, and the drive; -1 = no way."""
    u, now_ms = z.u, z.s[NOW_MS]
    at = place_at(w, u, unit, now_ms)
    ms = types.int64(w.lights_ms[place, at] if is_urgent else w.normal_ms[place, at])
    if ms < 0:
        return NOWHERE
    if u[CALL, unit] < 0:  # noqa: SIM108 - on one line it reads worse
        is_at_station = u[UNTIL_MS, unit] <= now_ms
    else:
        is_at_station = u[WAS_AT_STATION, unit] == 1 and now_ms < u[ROLLS_MS, unit]
    return (u[AT_STATION_MS, unit] if is_at_station else u[ON_ROAD_MS, unit]) + ms * ppm // PPM


@compiled(I, WORLD, STATE, I, I)
def choose(w, z, call, may_divert):
    """The unit of least weight (late, cover lost, travel, index); -1 when there is none that can get there."""
    u, c, now_ms = z.u, z.c, z.s[NOW_MS]
    told, place = c[C_TOLD, call], c[C_PLACE, call]
    left_ms = w.priorities[told, 1] - now_ms + c[C_AT_MS, call]
    is_urgent, weighs = w.priorities[told, 0], w.priorities[told, 2]
    sure_ms = left_ms * w.settings[SURE_PERMILLE] // WHOLE_PERMILLE
    ppm = ppm_at(w, now_ms)
    best, best_late, best_loss, best_ms = NOWHERE, 0, 0, FOREVER_MS
    for unit in range(u.shape[1]):
        if not u[IS_FREE, unit]:
            continue
        eta = eta_ms(w, z, unit, place, is_urgent, ppm)
        if eta < 0:
            continue
        travel_ms = eta + u[COST_MS, unit]
        late = types.int64(eta > left_ms)
        loss = 0
        if weighs and not late and eta > sure_ms:
            loss = UNSPARED_PPB
        elif weighs and not late and u[COUNTS_AT, unit] >= 0:
            loss = z.loss_ppb[u[COUNTS_AT, unit]]
        if best < 0 or (late, loss, travel_ms) < (best_late, best_loss, best_ms):
            best, best_late, best_loss, best_ms = unit, late, loss, travel_ms
    if not may_divert:
        return best
    spared = best_loss
    for unit in range(u.shape[1]):
        if not u[IS_ON_WAY, unit]:
            continue
        other = c[C_TOLD, u[CALL, unit]]
        gain_ms = w.divert_gain_ms[told, other]
        if gain_ms == NOWHERE:
            continue
        at = place_at(w, u, unit, now_ms)
        onward = types.int64(w.lights_ms[u[DEST, unit], at] if u[MODE, unit] == LIGHTS else w.normal_ms[u[DEST, unit], at])
        if onward * ppm // PPM < w.divert_within_ms[told, other]:
            continue
        eta = eta_ms(w, z, unit, place, is_urgent, ppm)
        if eta < 0:
            continue
        travel_ms = eta + u[COST_MS, unit] + gain_ms
        late = types.int64(eta > left_ms)
        loss = 0 if late else spared
        if best < 0 or (late, loss, travel_ms, unit) < (best_late, best_loss, best_ms, best):
            best, best_late, best_loss, best_ms = unit, late, loss, travel_ms
    return best


@compiled(types.void, WORLD, STATE, I, I)
def send(w, z, unit, call):
    """Turnout, then the drive; its time is fixed now."""
    u, c, now_ms = z.u, z.c, z.s[NOW_MS]
    if u[CALL, unit] < 0:
        is_at_station = types.int64(u[UNTIL_MS, unit] <= now_ms)
    else:
        is_at_station = types.int64(u[WAS_AT_STATION, unit] == 1 and now_ms < u[ROLLS_MS, unit])
    start, place = place_at(w, u, unit, now_ms), c[C_PLACE, call]
    turnout_ms = w.turnout_ms[call, 2 * u[TURNOUT, unit] + 1 - is_at_station] if u[TURNOUT, unit] >= 0 else 0
    rolls_ms = now_ms + turnout_ms + u[OFFSET_MS, unit]
    is_urgent = w.priorities[c[C_TOLD, call], 0]
    u[MODE, unit] = LIGHTS if is_urgent else NORMAL
    u[DEST, unit], u[PLACE, unit], u[AT, unit] = place, place, start
    u[HOUR_PPM, unit], u[CALL_PPM, unit] = ppm_at(w, rolls_ms), c[C_PPM, call]
    u[ROLLS_MS, unit], u[WAS_AT_STATION, unit] = rolls_ms, is_at_station
    ms = types.int64(w.lights_ms[place, start] if is_urgent else w.normal_ms[place, start])
    u[UNTIL_MS, unit] = rolls_ms + ms * u[HOUR_PPM, unit] // PPM * u[CALL_PPM, unit] // PPM
    if u[CALL, unit] < 0:
        u[BUSY_SINCE_MS, unit] = now_ms
    u[CALL, unit] = call
    u[IS_ON_WAY, unit] = 1
    z.s[JOBS] += 1
    c[C_SENT, call] += 1
    schedule(z, u[UNTIL_MS, unit], ON_SCENE, unit)


@compiled(I, WORLD, STATE, I, I)
def serve(w, z, call, may_divert):
    """Send whom the policy wants: -2 = nobody, -1 = one who had no job, else the call that is bumped."""
    u = z.u
    unit = choose(w, z, call, may_divert)
    if unit < 0:
        return -2
    bumped = u[CALL, unit]
    if bumped >= 0:
        z.s[DIVERTED] += 1
        z.s[JOBS] -= 1
    else:
        u[IS_FREE, unit] = 0
        note_return(z, unit, z.s[NOW_MS])
        uncount(w, z, unit)
    send(w, z, unit, call)
    return bumped


@compiled(types.void, WORLD, STATE, I)
def serve_or_wait(w, z, call):
    """And whoever is bumped by it is thought of again in the same moment."""
    s, queue = z.s, z.queue
    while call >= 0:
        bumped = serve(w, z, call, w.settings[MAY_DIVERT])
        if bumped == -2:
            at = s[QUEUED]
            while at > 0 and queue[at - 1] > z.c[C_RANK, call]:
                queue[at] = queue[at - 1]
                at -= 1
            queue[at] = z.c[C_RANK, call]
            s[QUEUED] += 1
            s[LONGEST] = max(s[LONGEST], s[QUEUED])
            s[IS_OVERLOADED] = s[QUEUED] > w.settings[MOST_QUEUED]
        call = bumped


@compiled(types.void, WORLD, STATE)
def serve_waiting(w, z):
    """The first waiting call that somebody can go to, again and again while anybody is free."""
    s, queue, at = z.s, z.queue, 0
    while at < s[QUEUED]:
        is_any_free = False
        for unit in range(z.u.shape[1]):
            if z.u[IS_FREE, unit]:
                is_any_free = True
                break
        if not is_any_free:
            return
        if serve(w, z, w.by_rank[queue[at]], 0) == -2:
            at += 1
            continue
        s[QUEUED] -= 1
        for later in range(at, s[QUEUED]):
            queue[later] = queue[later + 1]


@compiled(types.void, WORLD, STATE, I)
def on_scene(w, z, unit):
    """There. What follows is certain from here on, but for a bay at the hospital."""
    u, c, now_ms = z.u, z.c, z.s[NOW_MS]
    call = u[CALL, unit]
    u[IS_ON_WAY, unit] = 0
    c[C_FIRST, call], c[C_ON_SCENE_MS, call], c[C_FULL_MS, call] = unit, now_ms, now_ms
    leaves_ms = now_ms + c[C_SCENE_MS, call]
    place = c[C_PLACE, call]
    nearest = w.nearest_hospital[place]
    if not c[C_IS_TRANSPORT, call] or nearest < 0 or not u[CAN_TRANSPORT, unit]:
        schedule(z, leaves_ms, FREE, unit)
        return
    u[HOSPITAL, unit] = nearest
    ms = types.int64(w.normal_ms[w.hospital_place[nearest], place])
    there_ms = leaves_ms + ms * ppm_at(w, leaves_ms) // PPM * c[C_PPM, call] // PPM
    if w.bays[nearest]:
        schedule(z, there_ms, AT_HOSPITAL, unit)
    else:
        schedule(z, there_ms + c[C_HANDOVER_MS, call], FREE, unit)


@compiled(types.void, STATE, I)
def hand_over(z, unit):
    """In a bay."""
    z.in_bay[z.u[HOSPITAL, unit]] += 1
    schedule(z, z.s[NOW_MS] + z.c[C_HANDOVER_MS, z.u[CALL, unit]], FREE, unit)


@compiled(types.void, WORLD, STATE, I)
def at_hospital(w, z, unit):
    """Into a bay, or behind those that wait."""
    hospital = z.u[HOSPITAL, unit]
    if z.in_bay[hospital] < w.bays[hospital]:
        hand_over(z, unit)
    else:
        z.before_bay[hospital, z.before[hospital]] = unit
        z.before[hospital] += 1


@compiled(types.void, STATE, I)
def note_overrun(z, unit):
    """At work after its shift's end until now."""
    if z.u[SHIFT_ENDED_MS, unit] >= 0:
        z.u[OVERRUN_MS, unit] += z.s[NOW_MS] - z.u[SHIFT_ENDED_MS, unit]
        z.u[SHIFT_ENDED_MS, unit] = NOWHERE


@compiled(types.void, WORLD, STATE, I)
def free(w, z, unit):
    """Its job is done, at the scene or at a hospital. First whoever waits, then back."""
    u, s = z.u, z.s
    call, hospital = u[CALL, unit], u[HOSPITAL, unit]
    place = w.hospital_place[hospital] if hospital >= 0 else z.c[C_PLACE, call]
    u[PLACE, unit], u[AT, unit], u[MODE, unit], u[UNTIL_MS, unit] = place, place, STANDS, FOREVER_MS
    s[JOBS] -= 1
    u[BUSY_MS, unit] += s[NOW_MS] - u[BUSY_SINCE_MS, unit]
    u[CALL, unit] = u[HOSPITAL, unit] = NOWHERE
    u[EVENT_MS, unit] = FOREVER_MS
    if hospital >= 0 and w.bays[hospital]:
        z.in_bay[hospital] -= 1
        if z.before[hospital]:
            waits = z.before_bay[hospital, 0]
            z.before[hospital] -= 1
            for nth in range(z.before[hospital]):
                z.before_bay[hospital, nth] = z.before_bay[hospital, nth + 1]
            hand_over(z, waits)
    note_overrun(z, unit)
    if not u[IS_ON_SHIFT, unit]:
        return
    u[IS_FREE, unit] = 1
    if s[QUEUED]:
        serve_waiting(w, z)
    if u[CALL, unit] < 0:
        send_back(w, z, unit)


@compiled(types.void, WORLD, STATE, I, I)
def boundary(w, z, unit, is_on_shift):
    """A shift of the unit begins or ends."""
    u = z.u
    if is_on_shift == u[IS_ON_SHIFT, unit]:
        return
    u[IS_ON_SHIFT, unit] = is_on_shift
    if not is_on_shift:
        if u[CALL, unit] >= 0:
            u[SHIFT_ENDED_MS, unit] = z.s[NOW_MS]
        elif u[IS_FREE, unit]:
            note_return(z, unit, z.s[NOW_MS])
            u[IS_FREE, unit] = 0
            uncount(w, z, unit)
    elif u[CALL, unit] >= 0:
        note_overrun(z, unit)
    else:
        make_idle(w, z, unit)
        serve_waiting(w, z)


@compiled(I, STATE)
def next_unit(z):
    """The unit to which something happens first: by (time, kind, sequence); -1 = to none."""
    u, best = z.u, 0
    for unit in range(1, u.shape[1]):
        if u[EVENT_MS, unit] > u[EVENT_MS, best]:
            continue
        key = (u[EVENT_MS, unit], u[EVENT_KIND, unit], u[EVENT_SEQUENCE, unit])
        if key < (u[EVENT_MS, best], u[EVENT_KIND, best], u[EVENT_SEQUENCE, best]):
            best = unit
    return best if u.shape[1] and u[EVENT_MS, best] < FOREVER_MS else NOWHERE


@compiled(types.void, WORLD, STATE)
def run_all(w, z):
    """Let everything happen. Calls come after whatever else happens in the same millisecond."""
    u, c, s = z.u, z.c, z.s
    for unit in range(u.shape[1]):
        if u[IS_ON_SHIFT, unit]:
            make_idle(w, z, unit)
    nth, size, told, last = 0, len(w.order), 0, len(w.timeline)
    while not s[IS_OVERLOADED]:
        unit = next_unit(z)
        unit_ms = u[EVENT_MS, unit] if unit >= 0 else FOREVER_MS
        told_ms = w.timeline[told, 0] if told < last else FOREVER_MS
        next_ms = min(unit_ms, told_ms)
        if nth < size and c[C_READY_MS, w.order[nth]] < next_ms:
            s[NOW_MS] = c[C_READY_MS, w.order[nth]]
            serve_or_wait(w, z, w.order[nth])
            nth += 1
        elif next_ms < FOREVER_MS and (nth < size or s[JOBS] or s[QUEUED]):
            s[NOW_MS] = next_ms
            if told_ms <= unit_ms:
                if w.timeline[told, 2] < 0:
                    serve_waiting(w, z)
                else:
                    boundary(w, z, w.timeline[told, 1], w.timeline[told, 2])
                told += 1
            elif u[EVENT_KIND, unit] == ON_SCENE:
                on_scene(w, z, unit)
            elif u[EVENT_KIND, unit] == AT_HOSPITAL:
                u[EVENT_MS, unit] = FOREVER_MS
                at_hospital(w, z, unit)
            else:
                free(w, z, unit)
        else:
            break
    for unit in range(u.shape[1]):
        if u[CALL, unit] >= 0:
            u[BUSY_MS, unit] += s[NOW_MS] - u[BUSY_SINCE_MS, unit]
        else:
            note_return(z, unit, s[NOW_MS])
