"""What a report says, in sentences for its readers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from claims.rules.reports import (
    ReportedCopy,
    ReportedOrigins,
    ReportedPolicy,
    ReportedVerdicts,
    VerdictReport,
)
from claims.rules.vocabulary import Mark
from claims.rules.workflow import Policy

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def summary(report: VerdictReport) -> str:
    """What a reader should know first, in two or three sentences."""
    return " ".join(_summary(report))


def _summary(report: VerdictReport) -> Iterable[str]:
    figures = report.figures
    settled, all_claims = figures.rulings, figures.claims
    whose = "of the article’s" if report.whole_article else "of"
    where = f" in {in_words(len(report.articles))} articles" if len(report.articles) > 1 else ""
    of_all = f"{whose} {all_claims:,} {_plural(all_claims, 'claim')}{where}"
    people = figures.reviewers
    how = (
        f"checked by {in_words(people)} {_plural(people, 'reviewer')} under "
        f"{_kind_of_review(report.policy)}"
        if people
        else "settled by the desk"
    )
    held_back = figures.held_back
    if settled:
        yield f"{settled:,} {of_all}, {how}."
    else:
        yield f"None {of_all} is {'published' if held_back else 'settled'} yet."
    left = figures.left_out
    if left and settled:
        why = "not settled or not published yet" if held_back else "not settled"
        be = "is" if left == 1 else "are"
        yield f"{left:,} {_plural(left, 'claim')} {be} {why} and {be} listed at the end."
    corrected = figures.corrected
    if corrected:
        yield (
            f"{in_words(corrected).capitalize()} {_plural(corrected, 'ruling was', 'rulings were')}"
            " corrected after publication; what changed stands beside each."
        )
    if figures.drafts:
        yield (
            f"Draft: {in_words(figures.drafts)} of these rulings "
            f"{'is' if figures.drafts == 1 else 'are'} not published yet."
        )


def policy_in_words(policy: Policy) -> str:
    """The review policy as sentences for readers."""
    asked = policy.origins_required
    if not asked:
        return _review_in_words(policy)
    return (
        f"{_review_in_words(policy)} It rests on at least {in_words(asked)} independent "
        f"{_plural(asked, 'origin')} on one side, or on a written reason why fewer suffice."
    )


def origins_in_words(origins: ReportedOrigins) -> str:
    """From how many independent origins the evidence comes, as a sentence; empty without any."""
    sides = ((origins.supports, "for"), (origins.refutes, "against"))
    counted = [f"{in_words(n)} {side}" for n, side in sides if n]
    if not counted:
        return ""
    one = origins.supports + origins.refutes == 1
    return f"Independent {'origin' if one else 'origins'}: {' and '.join(counted)}."


def copy_in_words(copy: ReportedCopy) -> str:
    """How an excerpt stands in the copy that the desk keeps, for readers."""
    kept = f"the copy of {day_in_words(copy.taken_at)}"
    said = f"{_MARKS[copy.mark]} {kept}" if copy.mark else f"kept: {kept}"
    said = f"{said}, which is damaged" if copy.damaged else said
    return f"{said}, no longer so in the newest copy" if copy.no_longer else said


_MARKS = {
    Mark.VERBATIM: "verbatim in",
    Mark.NORMALISED: "the same words in",
    Mark.NEARLY: "nearly so in",
    Mark.ABSENT: "not found in",
}


def _review_in_words(policy: Policy) -> str:
    if policy.verdicts_required == 1:
        return "A claim is settled by an editor after at least one reviewer’s verdict."
    before = (
        "; no reviewer sees another’s verdict before all are in"
        if policy.blind
        else ", in the open"
    )
    return (
        f"A claim is settled by an editor after the verdicts of at least "
        f"{in_words(policy.verdicts_required)} reviewers{before}."
    )


def verdicts_in_words(verdicts: ReportedVerdicts) -> str:
    """How the reviewers judged, as a sentence: how many, whether they agreed, and on what."""
    given = verdicts.given
    if not given:
        return "Settled by an editor without a verdict."
    if len(given) == 1:
        return f"One verdict: {given[0].rating.lower()} ({given[0].reviewer})."
    how = "agreed" if verdicts.agree else "did not agree"
    each = ", ".join(f"{verdict.rating.lower()}: {verdict.reviewer}" for verdict in given)
    return f"{in_words(len(given)).capitalize()} verdicts {how} ({each})."


def day_in_words(known: str | date) -> str:
    """A date as a reader says it, as exact as it is known: 2009-07 is July 2009."""
    if isinstance(known, datetime | date):
        return f"{known.day} {known.strftime('%B %Y')}"
    year, _, rest = known.partition("-")
    if not rest:
        return year
    month, _, day = rest.partition("-")
    named = date(int(year), int(month), int(day or 1))
    return day_in_words(named) if day else named.strftime("%B %Y")


def in_words(number: int) -> str:
    """A number as a word up to twelve, then in digits."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def changes_in_words(changes: Mapping[str, int]) -> str | None:
    """What happened to a frozen report's claims since, as a sentence; None when nothing did."""
    parts = [
        f"{in_words(n)} {_plural(n, 'was', 'were')} {what}" for what, n in changes.items() if n
    ]
    if not parts:
        return None
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Since this report was frozen, of its claims {listed}."


def _kind_of_review(policy: ReportedPolicy) -> str:
    times = {1: "single review", 2: "double review", 3: "triple review"}
    name = times.get(
        policy.verdicts_required, f"review by {in_words(policy.verdicts_required)} people"
    )
    return f"blind {name}" if policy.blind and policy.verdicts_required > 1 else name


def _plural(number: int, one: str, many: str = "") -> str:
    return one if number == 1 else many or f"{one}s"
