"""Whom to send: what the rule gives the engine, and what stands in the receipt."""

from shift_page import Shift, play
from tocsin.base.canonical import canonical, digest
from tocsin.core.messages.recommendation import Candidate, Receipt, UnitsRecommended


def _receipt(shift: Shift) -> Receipt:
    return next(event.receipt for event in reversed(shift.events) if isinstance(event, UnitsRecommended))


def _candidates(shift: Shift) -> dict[str, Candidate]:
    return {candidate.unit: candidate for candidate in _receipt(shift).candidates}


def test_road_time_not_the_crow_decides() -> None:
    page = """
        station S1 at 0.0 0.01
        station S2 at 0.0 0.02
        unit E1 engine can pump at S1
        unit E2 engine can pump at S2
        card fire: engine needs pump
        road E1 -> I1 400s
        road E2 -> I1 200s
        08:00 open I1 fire                  | I1 opened fire · I1 needs engine: E2 200s
        08:00 recommend I1 by straight-line | I1 needs engine: E1 124.944s
        08:00 recommend I1 by astrology     | refused PolicyUnknown policy
        08:00 recommend I9                  | refused IncidentUnknown incident
        """
    assert _receipt(play(page)).policy == "straight-line"


def test_turnout_counts_and_is_shorter_on_the_road() -> None:
    play(
        """
        station S1
        unit E1 engine can pump at S1
        unit E2 engine can pump at S1
        turnout engine 80s on_road 10s
        turnout * 300s
        card fire: engine needs pump
        road E1 -> I1 60s
        road E2 -> I1 100s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 140s
        08:00 E2 on_radio               | E2 on_radio
        08:00 recommend I1              | I1 needs engine: E2 110s
        """
    )


def test_turnout_of_kinds_that_are_not_listed() -> None:
    play(
        """
        station S1
        unit B1 boat can water at S1
        turnout engine 80s
        turnout * 300s on_road 20s
        card flood: boat needs water
        road B1 -> I1 60s
        08:00 open I1 flood             | I1 opened flood · I1 needs boat: B1 360s
        """
    )


LEARNED = """
    station S1
    unit E1 engine can pump at S1
    unit E2 engine can pump at S1
    unit E3 engine can pump at S1
    turnout engine 80s
    card fire within 300s: engine needs pump
    road E1 -> I1 60s learned 200s 180s 500s
    road E2 -> I1 100s learned 170s 190s
    road E3 -> I1 180s
    08:00 open I1 fire                  | I1 opened fire · I1 needs engine: {first}
    08:00 recommend I1 by straight-line | I1 needs engine: E1 80s
    """


def test_what_was_learned_stands_in_the_place_of_the_plans_turnout() -> None:
    """E3, of whom nothing was learned, keeps the plan's. A crow's flight knows no roads, and nothing that belongs to them."""
    shift = play(LEARNED.format(first="E1 260s (180s-500s)"))
    by_road, by_crow = (event.receipt for event in shift.events if isinstance(event, UnitsRecommended))
    told = {one.unit: (one.eta_ms, one.eta_low_ms, one.eta_high_ms) for one in by_road.candidates}
    assert told == {"E1": (260_000, 180_000, 500_000), "E2": (270_000, None, None), "E3": (260_000, None, None)}
    assert all(one.eta_low_ms is None for one in (*by_crow.candidates, *by_crow.picks))
    assert (by_road.policy_version, by_crow.policy_version) == ("1", "1")


def test_how_sure_an_eta_is_ranks_nobody_and_makes_nobody_late() -> None:
    """The same picks whatever the interval; and the hash of what the engine saw covers it."""
    receipts = []
    for between in ("180s 500s", "259s 261s", ""):
        [event, *_] = (
            event
            for event in play(LEARNED.replace("180s 500s", between).format(first=f"E1 260s{_told(between)}")).events
            if isinstance(event, UnitsRecommended)
        )
        receipts.append(event.receipt)
    assert {(pick.unit, pick.eta_ms, pick.is_late) for receipt in receipts for pick in receipt.picks} == {("E1", 260_000, False)}
    assert len({receipt.inputs_sha256 for receipt in receipts}) == 3
    assert b"eta_low_ms" not in canonical(receipts[2]) and canonical(receipts[0]).count(b'"eta_low_ms":180000') == 2


def _told(between: str) -> str:
    low, _, high = between.partition(" ")
    return f" ({low}-{high})" if between else ""


def test_an_eta_may_be_late_by_what_was_learned() -> None:
    play(
        """
        station S1
        unit E1 engine can pump at S1
        turnout engine 80s
        card fire within 200s: engine needs pump
        road E1 -> I1 100s learned 170s 200s 400s
        road E1 -> I2 100s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 270s (200s-400s) late
        08:00 open I2 fire              | I2 opened fire · I2 needs engine: E1 180s
        """
    )


def test_late_is_said_against_the_strictest_target() -> None:
    play(
        """
        unit E1 engine can pump
        unit E2 engine can pump
        card fire within 100s: engine needs pump
        card fire level 2 within 300s: engine needs pump
        road E1 -> I1 90s
        road E2 -> I1 101s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01 alarm I1 2                | I1 alarm 2 · I1 needs engine: E1 90s, E2 101s late
        """
    )


def test_station_order_goes_before_travel() -> None:
    shift = play(
        """
        station S1
        station S2
        station S3
        unit E1 engine can pump at S1
        unit E2 engine can pump at S2
        unit E3 engine can pump at S3
        order north: S2, S1
        card fire by station_order: engine needs pump
        road E1 -> I1 100s
        road E2 -> I1 300s
        road E3 -> I1 10s
        road E1 -> I2 100s
        road E2 -> I2 300s
        road E3 -> I2 10s
        08:00 open I1 fire in north     | I1 opened fire · I1 needs engine: E2 300s
        08:00 open I2 fire in south     | I2 opened fire · I2 needs engine: E3 10s
        08:01 recommend I1              | I1 needs engine: E2 300s
        """
    )
    assert {unit: one.why_not for unit, one in _candidates(shift).items()} == {"E1": "LATER_IN_ORDER", "E2": None, "E3": "LATER_IN_ORDER"}
    assert _candidates(shift)["E3"].behind_ms == -290_000


def test_own_agency_goes_first() -> None:
    play(
        """
        own City
        unit E1 engine can pump of County
        unit E2 engine can pump of City
        card fire by own_agency_first: engine x2 needs pump
        road E1 -> I1 100s
        road E2 -> I1 300s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 100s, E2 300s
        08:01 E1 off                    | E1 off
        08:01 recommend I1              | I1 needs engine: E2 300s, NOBODY_FREE
        """
    )


def test_everyone_who_could_is_in_the_receipt_with_a_reason() -> None:
    shift = play(
        """
        station S1
        unit A1 engine can pump at S1
        unit A2 engine can pump at S1
        unit A3 engine can pump at S1
        unit A4 engine can pump at S1
        unit A5 engine can pump at S1
        unit A6 engine can pump at S1 crew K
        unit A7 ladder can ladder at S1 crew K
        unit A8 engine can pump at S1
        unit A9 engine can pump at S1
        unit B1 boat can water at S1
        card fire: engine x2 needs pump
        card wood: ladder needs ladder
        road A1 -> I1 50s
        road A2 -> I1 60s
        road A3 -> I1 70s
        road A4 -> I1 never
        road A6 -> I1 10s
        road A7 -> I2 10s
        road A8 -> I1 5s
        road A9 -> I1 6s
        road A9 -> I3 6s
        08:00 A8 off                    | A8 off
        08:00 open I3 fire              | I3 opened fire · I3 needs engine: A9 6s, NOBODY_REACHABLE
        08:00 send I3 A9                | A9 dispatched to I3 · I3 needs engine: NOBODY_REACHABLE
        08:00 open I2 wood              | I2 opened wood · I2 needs ladder: A7 10s
        08:00 send I2 A7                | A7 dispatched to I2
        08:01 open I1 fire              | I1 opened fire · I1 needs engine: A1 50s, A2 60s
        """
    )
    assert {unit: one.why_not for unit, one in _candidates(shift).items()} == {
        "A1": None,
        "A2": None,
        "A3": "FARTHER",
        "A4": "UNREACHABLE",
        "A5": "PLACE_UNKNOWN",
        "A6": "CREW_BUSY",
        "A8": "OUT_OF_SERVICE",
        "A9": "NOT_FREE",
    }
    assert _candidates(shift)["A3"].behind_ms == 10_000
    assert _receipt(shift).not_capable == ("A7", "B1")
    assert [one.standing for one in _receipt(shift).candidates] == ["free", "free", "free", "free", "free", "busy", "off", "busy"]


def test_a_crew_that_was_chosen_with_another_unit() -> None:
    shift = play(
        """
        unit A1 engine can pump crew K
        unit A2 tender can pump crew K
        card fire: engine needs pump
        road A1 -> I1 50s
        road A2 -> I1 60s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: A1 50s
        """
    )
    assert _candidates(shift)["A2"].why_not == "CREW_TAKEN"
    assert _candidates(shift)["A2"].crew == "K"


def test_diverts_must_win_enough_and_not_be_near_their_call() -> None:
    stage = """
        unit E1 engine can pump
        unit E2 engine can pump
        card fire: engine needs pump
        divert low -> high gains 120s near 60s
        road E1 -> I2 100s
        """
    job = """
        08:00 open I1 fire low          | I1 opened fire · I1 needs engine: E1 {onward}
        08:01 send I1 E1                | E1 dispatched to I1
        08:02 open I2 fire high         | I2 opened fire · I2 needs engine: {answer}
        """
    for second, onward, answer, why_not in (
        ("219s", "90s", "E2 219s", "DIVERT_GAIN_TOO_SMALL"),
        ("221s", "90s", "E1 100s from I1", None),
        ("221s", "59s", "E2 221s", "DIVERT_NOT_ALLOWED"),
        ("never", "90s", "E1 100s from I1", None),
        ("100s", "90s", "E2 100s", "FARTHER"),
    ):
        shift = play(stage + f"road E1 -> I1 {onward}\nroad E2 -> I2 {second}\n" + job.format(onward=onward, answer=answer))
        assert _candidates(shift)["E1"].why_not == why_not
        assert _candidates(shift)["E1"].standing == "divertible"


def test_a_policy_may_leave_the_divert_table_out() -> None:
    shift = play(
        """
        unit E1 engine can pump
        card fire: engine needs pump
        divert low -> high gains 0s near 0s
        road E1 -> I1 90s
        road E1 -> I2 90s
        08:00 open I1 fire low                      | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                            | E1 dispatched to I1
        08:02 open I2 fire high                     | I2 opened fire · I2 needs engine: E1 90s from I1
        08:03 recommend I2 by road-time-no-divert   | I2 needs engine: NOBODY_FREE
        """
    )
    assert _candidates(shift)["E1"].why_not == "NOT_FREE"


def test_units_on_the_incident_count_where_they_are_of_most_use() -> None:
    play(
        """
        unit E1 engine can pump, als
        unit E2 engine can pump
        unit E3 engine can pump
        unit E4 engine can pump, als
        card fire: engine needs pump; medic needs pump + als
        card fire level 2: engine needs pump
        road E1 -> I1 50s
        road E2 -> I1 60s
        road E3 -> I1 70s
        road E4 -> I1 500s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E2 60s; medic: E1 50s
        08:01 send I1 E1 E2             | E1, E2 dispatched to I1
        08:01 recommend I1              | I1 needs nobody
        08:02 alarm I1 2                | I1 alarm 2 · I1 needs engine: E3 70s
        """
    )


def test_a_unit_that_does_two_slots_does_both_on_scene_too() -> None:
    play(
        """
        unit E1 engine can pump, als
        unit A1 ambulance can als
        card fire: engine needs pump; medic needs als doubles engine
        road E1 -> I1 50s
        road A1 -> I1 51s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s; medic: E1 50s
        08:01 send I1 E1                | E1 dispatched to I1
        08:02 recommend I1              | I1 needs nobody
        """
    )


def test_a_doubling_slot_that_nobody_can_double_hides_nothing() -> None:
    play(
        """
        unit E1 engine can pump
        card fire: engine needs pump; medic needs als doubles engine
        road E1 -> I1 50s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s; medic: NOBODY_CAPABLE
        """
    )


def test_two_slots_that_double_with_the_same_one_are_both_asked_for() -> None:
    play(
        """
        unit E1 engine can pump, als, rope
        unit A1 ambulance can als
        unit R1 rescue can rope
        card fire: engine needs pump; medic needs als doubles engine; rope needs rope doubles engine
        road E1 -> I1 50s
        road A1 -> I1 90s
        road R1 -> I1 80s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s; medic: E1 50s; rope: R1 80s
        """
    )


def test_a_doubling_slot_of_two_still_wants_its_second() -> None:
    play(
        """
        unit E1 engine can pump, als
        unit A1 ambulance can als
        card fire: engine needs pump; medic x2 needs als doubles engine
        road E1 -> I1 50s
        road A1 -> I1 90s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s; medic: E1 50s, A1 90s
        """
    )


def test_a_wish_before_its_alternative_unless_it_takes_too_long() -> None:
    stage = """
        unit P1 pumper can pump
        unit T1 tanker can water
        road P1 -> I1 {pump}
        road T1 -> I1 100s
        card fire: engine needs pump or water{worth}
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: {answer}
        """
    for pump, worth, answer in (
        ("9000s", "", "P1 9000s"),
        ("never", "", "T1 100s as choice 2"),
        ("399s", " worth 300s", "P1 399s"),
        ("401s", " worth 300s", "T1 100s as choice 2"),
    ):
        play(stage.format(pump=pump, worth=worth, answer=answer))


def test_why_slots_stay_empty() -> None:
    play(
        """
        unit E1 engine can pump
        unit L1 ladder can ladder
        unit R1 rescue can rope
        card fire: engine needs pump; ladder needs ladder; rope needs rope; dog needs dog
        road L1 -> I1 never
        road R1 -> I1 50s
        08:00 R1 off    | R1 off
        08:00 open I1 fire
            | I1 opened fire
            | I1 needs engine: NOBODY_REACHABLE; ladder: NOBODY_REACHABLE; rope: NOBODY_FREE; dog: NOBODY_CAPABLE
        """
    )


def test_a_receipt_names_everything_that_led_to_it() -> None:
    shift = play(
        """
        unit E1 engine can pump
        card fire level 1 named first: engine needs pump
        card fire level 2 named second: engine needs pump
        road E1 -> I1 50s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s
        08:00 alarm I1 2                | I1 alarm 2 · I1 needs engine: E1 50s, NOBODY_FREE
        """
    )
    receipt = _receipt(shift)
    assert receipt.cards == ("first", "second")
    assert (receipt.plan, receipt.plan_version) == ("page", shift.desk.board.plan.version)
    assert (receipt.policy, receipt.policy_version, receipt.metric) == ("road-time", "1", "table")
    assert len(receipt.inputs_sha256) == 64
    said = next(event for event in reversed(shift.events) if isinstance(event, UnitsRecommended))
    assert said.receipt_sha256 == digest(receipt)


def test_the_inputs_hash_tells_other_inputs_apart() -> None:
    page = """
        unit E1 engine can pump
        unit E2 engine can pump
        card fire: engine needs pump
        road E1 -> I1 50s
        road E2 -> I1 {second}
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 50s
        """
    hashes = {_receipt(play(page.format(second=second))).inputs_sha256 for second in ("90s", "91s", "90s", "never")}
    assert len(hashes) == 3
