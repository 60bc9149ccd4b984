from markupsafe import Markup

from claims.web.drawing import Drawings


def drawing(drawn):
    def macro(*values):
        drawn.append(values)
        return Markup("<b>{}</b>").format(" ".join(values))

    return macro


def test_what_was_drawn_is_not_drawn_again():
    drawn, keep = [], Drawings()
    macro = drawing(drawn)

    pages = [keep.each(macro, ["a", "<b>"], "x"), keep.each(macro, ["<b>", "a"], "x")]

    assert pages == ["<b>a x</b><b>&lt;b&gt; x</b>", "<b>&lt;b&gt; x</b><b>a x</b>"]
    assert drawn == [("a", "x"), ("<b>", "x")]


def test_no_more_is_kept_than_fits():
    drawn, keep = [], Drawings(most=2_100)
    macro = drawing(drawn)

    for value in ["one", "one", "two", "three", "three", "one"]:
        assert keep(macro, value) == f"<b>{value}</b>"

    assert drawn == [("one",), ("two",), ("three",), ("one",)]


def test_what_is_said_of_values_decides_whether_they_are_drawn_again():
    drawn, keep = [], Drawings()
    macro = drawing(drawn)

    pages = [keep.by(said, macro, word) for said, word in [(1, "a"), (1, "b"), (2, "b")]]

    assert pages == ["<b>a</b>", "<b>a</b>", "<b>b</b>"]
    assert drawn == [("a",), ("b",)]
