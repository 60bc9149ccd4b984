import hypothesis.strategies as st
from hypothesis import given

from claims.rules.changes import changed, references
from claims.rules.differences import Change, brief, parts

words = st.text(st.sampled_from("ab \n"), max_size=30)


def side(compared, left_out):
    return "".join(text for change, text in compared if change is not left_out)


@given(words, words)
def test_a_difference_holds_both_texts_whole(before, after):
    compared = parts(before, after)

    assert side(compared, Change.REMOVED) == after
    assert side(compared, Change.ADDED) == before


def test_only_the_words_that_changed_are_marked():
    assert parts("about nine million litres", "about two million litres") == [
        (Change.SAME, "about "),
        (Change.REMOVED, "nine"),
        (Change.ADDED, "two"),
        (Change.SAME, " million litres"),
    ]


def test_words_that_changed_side_by_side_are_marked_as_one():
    assert parts("it holds nine litres", "it leaks two litres")[1:3] == [
        (Change.REMOVED, "holds nine"),
        (Change.ADDED, "leaks two"),
    ]


def test_in_a_long_text_only_what_changed_is_shown_with_some_words_around_it():
    paragraphs = [f"Paragraph {n} of a made-up text.\n" for n in range(200)]
    changed_one = [*paragraphs[:100], "Another one.\n", *paragraphs[101:]]

    shown = brief(parts("".join(paragraphs), "".join(changed_one)))

    assert [change.value for change, _ in shown] == [
        *("left out", "same", "removed", "added", "same", "left out")
    ]
    assert shown[2][1] == "Paragraph 100 of a made-up text."
    assert side(shown, Change.REMOVED) == "".join(changed_one)


def test_urdu_is_compared_by_its_words():
    compared = parts("ڈیم میں پانی ہے", "ڈیم میں پانی نہیں ہے")

    assert any(change is Change.ADDED and text.strip() == "نہیں" for change, text in compared)


def test_a_very_long_text_is_shown_as_replaced():
    long = "word " * 3001

    assert parts(long, "short") == [(Change.REMOVED, long), (Change.ADDED, "short")]


def test_an_event_is_told_with_names_in_place_of_ids():
    found = changed(
        {"assignee_id": None, "statement": "It holds nine"},
        {"assignee_id": 3, "statement": "It holds two", "changed_at": "now", "state": "agreed"},
        {("member", 3): "Made-up Member"},
    )

    assert [(c.label, c.before, c.after) for c in found] == [
        ("Assigned to", "", "Made-up Member"),
        ("Statement", "It holds nine", "It holds two"),
    ]
    assert found[0].parts is None
    assert found[1].parts is not None


def test_lists_of_records_are_told_by_name_and_others_by_their_number():
    found = changed(
        {"tags": ["dams"]},
        {"tags": ["dams", "water"], "evidence_moved": [4, 5], "comment_moved": [1, 2, 3]},
        {("evidence", 4): "Register"},
    )

    assert [(c.label, c.after) for c in found] == [
        ("Tags", "dams, water"),
        ("Evidence that moved", "Register; evidence 5"),
        ("Comments that moved", "3"),
    ]


def test_an_event_names_what_it_is_about_unless_its_change_holds_the_words():
    names = {("question", 5): "Litres or gallons?", ("evidence", 7): "Register"}

    answered = changed({"answer": None}, {"answer": "Litres."}, names, ("question", 5))
    asked = changed({}, {"text": "Litres or gallons?", "status": "open"}, names, ("question", 5))
    withdrawn = changed({"withdrawn_at": None}, {"withdrawn_at": "now"}, names, ("evidence", 7))

    assert [(c.label, c.after) for c in answered] == [
        ("Question", "Litres or gallons?"),
        ("Answer", "Litres."),
    ]
    assert [(c.label, c.after) for c in asked] == [("Text", "Litres or gallons?")]
    assert [(c.label, c.after) for c in withdrawn] == [("Evidence", "Register")]


def test_every_id_that_events_mention_is_looked_up_once():
    assert references([{"assignee_id": 3}, {"assignee_id": 3, "split_into": [7, 8]}, {}]) == {
        "member": {3},
        "claim": {7, 8},
    }
