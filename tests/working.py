"""What members do in a browser, by the desk's own forms, and whether it is there afterwards."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from claims import database
from claims.models import Comment, Event, Evidence, Ruling, Verdict
from tests import soundness
from tests.serving import Browser, form

ACKNOWLEDGED, REFUSED = "acknowledged", "refused"


@dataclass
class Change:
    """A form that a member sends, and what came of it.

    Its mark stands in what it writes, once in the whole run. `read` is the
    statement that stood in a form for other words.
    """

    mark: str
    path: str
    fields: list[tuple[str, str]]
    read: str | None = None
    answer: str = "none yet"
    sent: int = 0


@dataclass(frozen=True)
class Draft:
    """A claim's page open in a member's browser, and the mark of what they are about to write."""

    browser: Browser
    page: str
    claim: str
    mark: str
    source: int

    def open(self, path: str) -> str:
        """Open the page of a form. Raises ConnectionError when the desk cannot show it now."""
        answer = self.browser.get(path)
        if answer.status >= 500:
            raise ConnectionError(f"{path} answers {answer.status}")
        return answer.text


def comment(draft: Draft) -> Change:
    path = f"{draft.claim}/comments"
    return Change(draft.mark, path, form(draft.page, path, text=f"{draft.mark} a remark"))


def weigh(draft: Draft) -> Change:
    path = f"{draft.claim}/evidence"
    filled = {"from": "existing", "source_id": draft.source, "stance": "refutes"}
    page = draft.open(f"{path}/new")
    return Change(draft.mark, path, form(page, path, excerpt=f"{draft.mark} it says", **filled))


def judge(draft: Draft) -> Change:
    path = f"{draft.claim}/verdicts"
    fields = form(draft.page, path, rating="false", rationale=f"{draft.mark} therefore")
    return Change(draft.mark, path, fields)


def reword(draft: Draft) -> Change:
    path = f"{draft.claim}/edit"
    page = draft.open(path)
    read = dict(form(page, path))["statement"]
    return Change(draft.mark, path, form(page, path, statement=f"{draft.mark} it holds less"), read)


def settle(draft: Draft) -> Change | None:
    """None for a reviewer, who does not settle, and before there is a verdict."""
    path = f"{draft.claim}/ruling"
    try:
        fields = form(draft.page, path, rating="false", rationale=f"{draft.mark} so it is")
    except LookupError:
        return None
    return Change(draft.mark, path, fields)


ACTS = {
    "comment": comment,
    "add evidence": weigh,
    "give a verdict": judge,
    "reword": reword,
    "settle": settle,
}


# ---- what has to hold afterwards ----------------------------------------------------------------


def look(url: str, changes: list[Change]) -> list[str]:
    """What was lost, doubled, overwritten unseen or left half done in a desk's database."""
    engine = database.connect(url)
    try:
        with database.session(engine) as session:
            return _look(session, changes)
    finally:
        engine.dispose()


def _look(session: Session, changes: list[Change]) -> list[str]:
    held = _marks(session)
    found = soundness.faults(session, {int(change.path.split("/")[2]) for change in changes})
    for change in changes:
        n = held[change.mark]
        if change.answer == ACKNOWLEDGED and n != 1:
            found.append(f"lost: {change.path} by {change.mark} is there {n} times, not once")
        elif change.answer == REFUSED and n:
            found.append(f"half done: {change.path} by {change.mark} was refused, and is there")
        elif n > 1:
            found.append(f"doubled: {change.path} by {change.mark} is there {n} times")
    return found + _overwritten(session, changes)


def _marks(session: Session) -> Counter[str]:
    """How often the desk holds what was written under each mark."""
    texts: list[str] = []
    for text in (Comment.text, Evidence.excerpt, Verdict.rationale, Ruling.rationale):
        texts += session.exec(select(text).where(col(text).contains("#"))).all()
    texts += [after for _before, after in _reworded(session)]
    return Counter(_mark(text) for text in texts)


def _overwritten(session: Session, changes: list[Change]) -> list[str]:
    """Words that somebody replaced without having seen them."""
    replaced = {_mark(after): before for before, after in _reworded(session)}
    return [
        f"lost: {change.path} by {change.mark} replaced what its writer had not seen"
        for change in changes
        if change.read is not None and replaced.get(change.mark, change.read) != change.read
    ]


def _reworded(session: Session) -> list[tuple[str, str]]:
    """The statement before and after each time that a member put a claim in other words."""
    events = session.exec(
        select(Event.before, Event.after).where(col(Event.action) == "claim reworded")
    )
    return [(before["statement"], after["statement"]) for before, after in events]


def _mark(text: str) -> str:
    return text.rpartition("#")[0] + "#"
