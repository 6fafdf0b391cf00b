"""What the console says of an experiment's arms, of one that ended early, and of a log that was lived again."""

from typing import Final, Literal

from tocsin.pages.numerals import Numerals
from tocsin.pages.whatif import assumptions, shortfalls
from tocsin.views.experiment_answer import Partial
from tocsin.views.whatif_answer import Between, WhatifAnswer
from tocsin.web.lab_told import AS_IT_IS, CHANGED, LabWish, VerdictTold
from tocsin.web.ports import LabWords
from tocsin.words import say

Code = Literal["fewer", "more", "none", "one", "empty"]
ARMS: Final = {AS_IT_IS: "console.lab.arm.as_it_is", CHANGED: "console.lab.arm.changed"}


def called(arm: str, language: str) -> str:
    """The lab's own arms in words; a policy's name as it is."""
    return say(ARMS[arm], language) if arm in ARMS else arm


def partial_told(partial: Partial | None, done: int, wish: LabWish, language: str) -> str:
    """Why it ended early; empty where it did not."""
    if partial is None:
        return ""
    # Of a queue that grew from the first call on, nobody can say what load would be borne.
    values = {"bearable_load": "–", **partial.values}
    if values.get("policy") in ARMS:
        values["policy"] = called(values["policy"], language)
    begun = say("lab.experiment.partial", language, done=done, asked=wish.replications)
    return f"{begun} {say(f'lab.experiment.partial_{partial.code}', language, **values)}"


def relived_words(answer: WhatifAnswer, wish: LabWish, language: str) -> LabWords:
    """Its changes, what may be said of late calls, what was assumed, and how far to trust it."""
    return LabWords(
        changes=[say(f"lab.whatif.change.{one.code}", language, **one.values) for one in answer.changes],
        verdicts=[_verdict(answer, wish, language)],
        remarks=assumptions(answer, language),
        partial=" ".join([partial_told(answer.partial, answer.replications, wish, language), *shortfalls(answer, language)]).strip(),
        trust=say(f"cli.whatif.trust_{answer.fit['all'].verdict}", language),
    )


def _verdict(answer: WhatifAnswer, wish: LabWish, language: str) -> VerdictTold:
    found, numerals = answer.every.late_share, Numerals(language)
    names = (AS_IT_IS, CHANGED) if wish.changes else wish.policies
    base, arm = (called(one, language) for one in names)
    code = code_of(found)
    values = {"base": base, "arm": arm}
    if found.low is not None and found.high is not None:
        ends = (found.low, found.high) if code == "none" else sorted((abs(found.low), abs(found.high)))
        low, high = (numerals.decimal(end * 100, 2).replace("-", "−") for end in ends)
        values |= {"value": numerals.decimal(abs(found.mean) * 100, 2), "low": low, "high": high}
    return VerdictTold(names[1], code, say(f"lab.whatif.verdict.{code}", language, **values), "")


def code_of(found: Between) -> Code:
    """Fewer late, more late, not shown, or a log that is too short to say."""
    if found.low is None or found.high is None or found.is_few:
        return "one"
    if not found.is_shown:
        return "none"
    return "fewer" if found.mean < 0 else "more"
