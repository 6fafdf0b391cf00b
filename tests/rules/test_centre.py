"""The centre of a journal, its plan, and logs taken in."""

from shift_page import play


def test_a_journal_belongs_to_one_centre() -> None:
    shift = play(
        """
        centre north zone Europe/Lisbon
        08:00 centre south              | refused CentreAlreadyOpen centre
        08:00 centre north zone UTC     | centre north opened
        """
    )
    assert shift.desk.board.centre.timezone == "UTC"


def test_a_zone_must_exist() -> None:
    play(
        """
        centre north
        08:00 centre north zone Mars/Olympus | refused TimezoneUnknown timezone
        """
    )


def test_the_plan_in_force_is_the_last_adopted_and_its_version_is_its_content() -> None:
    shift = play(
        """
        card fire: engine needs pump
        08:00 plan again                | plan page adopted
        """
    )
    in_force = shift.desk.board.plan
    assert in_force.version == in_force.plan.version()
    assert len(in_force.version) == 12


def test_a_plan_by_a_policy_that_nobody_knows_is_not_adopted() -> None:
    page = """
        unit E1 engine can pump
        policy astrology
        no plan
        08:00 open I1 fire              | I1 opened fire (type unknown)
        08:01 plan again                | refused PolicyUnknown policy
        """
    assert play(page).desk.board.plan is None


def test_what_was_read_from_a_log_is_stated() -> None:
    shift = play("08:00 import fires.csv 90 100 | fires.csv: 90 of 100 rows")
    assert [entry.rows_read for entry in shift.desk.board.imports] == [100]
