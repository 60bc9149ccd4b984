"""A report of more findings than a page can show."""

import pytest

from claims import exports, queries
from claims.models.columns import now
from claims.queries.filters import Filters
from tests.factories import a_claim, a_ruling, an_article


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_shows_the_first_findings_and_the_file_all_of_them(session, monkeypatch):
    monkeypatch.setattr(exports.html, "MOST_SHOWN", 2)
    article = an_article(session)
    for n in range(7):
        claim = a_claim(session, f"dam {n}", article=article)
        if n < 4:
            a_ruling(session, claim)
    report = queries.reports.build(session, Filters(), made_at=now(), made_by="Editor One")

    page, file = exports.html.body(report, None), "".join(exports.html.write(report, None))

    assert (page.count('class="finding"'), file.count('class="finding"')) == (2, 4)
    assert "2 more rulings</strong> are in the files of this report" in page
    assert "1 more claim</strong> is in" in page
    assert "more rulings" not in file
    assert "dam 6" in file
