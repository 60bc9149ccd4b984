import re
from pathlib import Path

import pytest

import claims
from claims.models import Event
from claims.web import wording


def an_event(action, *, after=None, before=None, member_id=1):
    return Event(
        seq=1, action=action, actor="Ada", subject="claim", claim_id=7, member_id=member_id,
        after=after or {}, before=before or {}, previous="", digest="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "after", "words"),
    [
        ("claim reworded", {}, "reworded the claim"),
        ("verdict given", {"rating": "False"}, "gave the verdict False"),
        ("claim settled", {"rating": "Half true"}, "settled the claim as Half true"),
        ("claim settled", {}, "settled the claim"),
        ("claim assigned", {"assignee_id": 1}, "took the claim"),
        ("claim assigned", {"assignee_id": 2}, "handed Eve the claim"),
        ("claim assigned", {"assignee_id": None}, "unassigned the claim"),
        ("dam inspected", {}, "inspected the dam"),
        ("", {}, ""),
    ],
)
def test_a_deed_is_told_in_plain_words(action, after, words):
    assert wording.deed(an_event(action, after=after), {("member", 2): "Eve"}) == words


def test_several_deeds_in_a_row_are_told_in_one_line():
    assert wording.deed(an_event("claim added"), times=57) == "added 57 claims"
    assert wording.deed(an_event("evidence added"), times=4) == "added evidence, 4 times"
    assert wording.deed(an_event("tags changed"), times=4) == "changed the tags, 4 times"


def test_every_event_of_the_desk_has_words_of_its_own():
    written = set()
    for path in (Path(claims.__file__).parent / "desk").glob("*.py"):
        calls = re.findall(r"record\(\s*session,\s*(.*?),\s*\w+,\s*(?:by|\n)", path.read_text())
        for call in calls:
            written |= set(re.findall(r'"([a-z-]+(?: [a-z-]+)+)"', call))

    assert "claim reworded" in written
    assert written - set(wording._DEEDS) == set()
