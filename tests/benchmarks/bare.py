"""The least that could do the same work: Flask, sqlite3, one template, no desk.

It lists, finds, opens, judges and exports made-up claims without members,
blindness, history, ledger or any rule. What the desk costs is told beside it.
"""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, g, redirect, render_template, request
from jinja2 import DictLoader

TABLES = """
CREATE TABLE claim (
    id INTEGER PRIMARY KEY, article INTEGER, number INTEGER, statement TEXT, kind TEXT, state TEXT,
    rating TEXT, speaker TEXT, assignee TEXT, evidence INTEGER, changed TEXT
);
CREATE INDEX by_article ON claim (article, number);
CREATE INDEX by_kind ON claim (kind, article, number);
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY, claim INTEGER, stance TEXT, title TEXT, excerpt TEXT
);
CREATE INDEX of_claim ON evidence (claim);
CREATE TABLE verdict (id INTEGER PRIMARY KEY, claim INTEGER, rating TEXT, rationale TEXT, at TEXT);
CREATE INDEX verdict_of_claim ON verdict (claim);
CREATE TABLE article (id INTEGER PRIMARY KEY, title TEXT, text TEXT);
CREATE VIRTUAL TABLE found USING fts5 (words);
"""

LIST = """<!doctype html><title>Claims</title><table>
{% for c in rows %}<tr><td><input type="checkbox" value="{{ c.id }}"><td>{{ c.rating or "" }}
<td><a href="/claims/{{ c.id }}">{{ c.statement }}</a> {{ c.number }} {{ c.speaker }}
<td>{{ c.kind }}<td>{{ c.state }}<td>{{ c.evidence }}<td>{{ c.assignee or "" }}<td>{{ c.changed }}
{% endfor %}</table>"""
CLAIM = """<!doctype html><title>{{ c.statement }}</title><h1>{{ c.statement }}</h1>
<p>{{ c.speaker }} {{ c.kind }} {{ c.state }}</p>
{% for e in evidence %}<section>{{ e.stance }} {{ e.title }} <q>{{ e.excerpt }}</q></section>
{% endfor %}
{% for v in verdicts %}<section>{{ v.rating }} {{ v.rationale }} {{ v.at }}</section>{% endfor %}
<form method="post"><input name="rating"><textarea name="rationale"></textarea></form>"""
ARTICLE = """<!doctype html><title>{{ a.title }}</title><h1>{{ a.title }}</h1>
{% for p in a.text.split("\\n") %}<p>{{ p }}</p>{% endfor %}
{% for c in claims %}<a href="/claims/{{ c.id }}">{{ c.rating or "" }} {{ c.statement }}</a>
{% endfor %}"""


def fill(path: Path, desk: sqlite3.Connection) -> None:
    """Copy the claims of a desk's own SQLite database."""
    bare = sqlite3.connect(path)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.executescript(TABLES)
    copies = {
        "claim": """SELECT c.id, c.article_id, c.number, c.statement, c.kind, c.state, r.name,
            s.name, m.name, c.evidence_count, c.changed_at FROM claim c
            LEFT JOIN rating r ON r.id = c.rating_id LEFT JOIN speaker s ON s.id = c.speaker_id
            LEFT JOIN member m ON m.id = c.assignee_id""",
        "evidence": """SELECT e.id, e.claim_id, e.stance, s.title, e.excerpt FROM evidence e
            JOIN source s ON s.id = e.source_id""",
        "verdict": """SELECT v.id, v.claim_id, r.name, v.rationale, v.created_at FROM verdict v
            JOIN rating r ON r.id = v.rating_id""",
        "article": """SELECT a.id, a.title, s.text FROM article a
            JOIN snapshot s ON s.article_id = a.id""",
        "found": "SELECT words FROM claim_words ORDER BY claim_id",
    }
    for table, query in copies.items():
        rows = desk.execute(query)
        marks = ", ".join("?" * len(rows.description))
        names = "(words)" if table == "found" else ""
        bare.executemany(f"INSERT INTO {table}{names} VALUES ({marks})", rows)
    bare.execute("ANALYZE")
    bare.commit()
    bare.close()


def make_app(path: Path) -> Flask:
    """The bare application on such a copy."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader(  # type: ignore[assignment]
        {"list.html": LIST, "claim.html": CLAIM, "article.html": ARTICLE}
    )

    @app.before_request
    def connect() -> None:
        g.db = sqlite3.connect(path)
        # As the desk: what was saved is there after a power cut.
        g.db.execute("PRAGMA synchronous = FULL")
        g.db.row_factory = sqlite3.Row

    @app.teardown_request
    def close(_error: object) -> None:
        g.db.close()

    @app.get("/claims")
    def claims() -> str:
        q, kind = request.args.get("q"), request.args.get("kind")
        after = request.args.get("after", "0,0").split(",")
        where, values = "(article, number) > (?, ?)", [int(after[0]), int(after[1])]
        if kind:
            where, values = f"{where} AND kind = ?", [*values, kind]
        if q:
            where = f"{where} AND id IN (SELECT rowid FROM found WHERE found MATCH ?)"
            values = [*values, " ".join(f'"{word}"*' for word in q.split())]
        query = f"SELECT * FROM claim WHERE {where} ORDER BY article, number LIMIT 50"
        return render_template("list.html", rows=g.db.execute(query, values).fetchall())

    @app.get("/claims/<int:number>")
    def claim(number: int) -> str:
        return render_template(
            "claim.html",
            c=g.db.execute("SELECT * FROM claim WHERE id = ?", [number]).fetchone(),
            evidence=g.db.execute("SELECT * FROM evidence WHERE claim = ?", [number]).fetchall(),
            verdicts=g.db.execute("SELECT * FROM verdict WHERE claim = ?", [number]).fetchall(),
        )

    @app.post("/claims/<int:number>")
    def judge(number: int) -> object:
        typed = request.form
        g.db.execute(
            "INSERT INTO verdict (claim, rating, rationale, at) VALUES (?, ?, ?, datetime())",
            [number, typed["rating"], typed["rationale"]],
        )
        g.db.commit()
        return redirect(f"/claims/{number}", 303)

    @app.get("/articles/<int:number>")
    def article(number: int) -> str:
        of = "SELECT * FROM claim WHERE article = ? ORDER BY number"
        return render_template(
            "article.html",
            a=g.db.execute("SELECT * FROM article WHERE id = ?", [number]).fetchone(),
            claims=g.db.execute(of, [number]).fetchall(),
        )

    @app.get("/export.csv")
    def export() -> Response:
        return Response(_lines(path), mimetype="text/csv")

    return app


def _lines(path: Path) -> Iterator[str]:
    db = sqlite3.connect(path)
    held = io.StringIO()
    writer = csv.writer(held)
    query = """SELECT c.*, (SELECT group_concat(stance || ' ' || title, char(10)) FROM evidence e
        WHERE e.claim = c.id) FROM claim c ORDER BY article, number"""
    for row in db.execute(query):
        writer.writerow(row)
        if held.tell() > 16_384:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()
    db.close()
