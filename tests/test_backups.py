"""A desk is copied while it runs, and made again from the copy: the same on either engine."""

import hashlib
import json
import threading
import zipfile
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlmodel import SQLModel

from app import create_app
from claims import backups, cli, database, desk, exports, ledger, queries, seed, tables
from claims.captures.store import Folder
from claims.configuration import Configuration
from claims.models import Claim, Member
from claims.queries.filters import Filters
from claims.rules.vocabulary import Role, Stance
from tests import soundness
from tests.conftest import ENGINES
from tests.factories import (
    a_claim,
    a_correction,
    a_ruling,
    a_verdict,
    an_article,
    some_evidence,
)
from tests.test_ledger import unlock

PASSWORD = "four made-up words"

# What a careless copy would bend: right to left, combining, beyond 16 bits, line ends in JSON.
AWKWARD = "پانی 40 ملین e\u0301 🧪\u2028\u2029 \\u0041 \"quoted\" 'x'; \t\r\n\x01 null"


@pytest.fixture
def claims(monkeypatch, tmp_path):
    """The `claims` command, for a desk in a folder and a database of its own."""

    def call(url, *arguments, folder="source"):
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("DESK_DATA", str(tmp_path / folder))
        return CliRunner().invoke(cli.claims, arguments, obj=create_app)

    return call


@pytest.fixture
def restored(claims, new_database, tmp_path):
    """Backs the desk at an address up and restores it on an engine, as its operator would."""

    def go(url, engine):
        file = tmp_path / f"{engine}.zip"
        made = claims(url, "backup", str(file))
        assert made.exit_code == 0, made.output
        fresh = new_database(engine)
        done = claims(fresh, "restore", str(file), folder="restored")
        assert done.exit_code == 0, done.output
        assert "The ledger holds" in done.output
        assert claims(fresh, "verify", folder="restored").exit_code == 0
        return fresh

    return go


def everything(url):
    """Every record of every table."""
    engine = database.connect(url)
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.select(table).order_by(*table.primary_key)).all()
            for name, table in SQLModel.metadata.tables.items()
        }
    engine.dispose()
    return found


def a_busy_desk(session):
    """A desk with something in nearly every table, and records that refer to later ones."""
    seed.first_article(session)
    owner = desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)
    desk.members.invite(session, Role.VIEWER, AWKWARD[:50], by=owner)
    session.commit()
    article = an_article(session)
    facts = desk.sources.Facts(AWKWARD.strip(), url="https://register.example/", publisher="پریس")
    source = desk.sources.add(session, facts, reliability="B", by=owner)
    merged, claim = a_claim(session, article=article), a_claim(session, AWKWARD, article=article)
    some_evidence(session, claim, Stance.REFUTES, source=source, excerpt=AWKWARD)
    desk.discussion.comment(session, claim, AWKWARD, by=owner)
    desk.articles.load_text(session, article, AWKWARD + "holds 40 million litres", by=owner)
    question = desk.discussion.ask(session, claim, "How much?", by=owner)
    session.flush()
    desk.discussion.answer(session, claim, question, AWKWARD, read=question.version, by=owner)
    desk.claims.merge(session, merged, claim, by=owner)
    session.commit()
    a_verdict(session, claim, "true", by=owner)
    a_verdict(session, claim, "false", by=owner)
    a_ruling(session, claim)
    desk.reports.freeze(session, Filters(article=article.id), by=owner)
    a_correction(session, claim)
    session.commit()
    return claim


@pytest.mark.parametrize("onto", ENGINES)
def test_a_desk_comes_back_from_its_backup_record_by_record(
    database_url, session, claims, restored, onto, tmp_path
):
    claim = a_busy_desk(session)
    before = everything(database_url)
    assert claims(database_url, "verify").exit_code == 0

    fresh = restored(database_url, onto)

    assert everything(fresh) == before
    with opened(fresh) as there:
        assert soundness.faults(there) == []
        reports = queries.reports.frozen(session, 1), queries.reports.frozen(there, 1)
        for kind in exports.FORMATS.values():
            was, now = ("".join(exports.frozen(kind, row.content)) for row in reports)
            assert was == now
    kept = [tmp_path / folder / "keys" / "session" for folder in ("source", "restored")]
    assert kept[0].read_text() == kept[1].read_text()
    assert kept[1].stat().st_mode & 0o777 == 0o600
    # Members go on where they were.
    configuration = Configuration(tmp_path / "restored", fresh, "127.0.0.1", 0)
    app = create_app(configuration, TESTING=True, WTF_CSRF_ENABLED=False)
    browser = app.test_client()
    entered = browser.post("/sign-in", data={"email": "ada@desk.example", "password": PASSWORD})
    assert entered.status_code == 303
    said = browser.post(f"/claims/{claim.id}/comments", data={"text": "Still here"})
    assert said.status_code == 303
    assert "Still here" in browser.get(f"/claims/{claim.id}").text
    assert f"/claims/{claim.id}" in browser.get("/claims?q=پانی").text
    app.extensions["engine"].dispose()


@contextmanager
def opened(url):
    """A session on a database, closed with all it holds."""
    engine = database.connect(url)
    try:
        with database.session(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def founded(url):
    """A session on a desk that was just founded in an empty database."""
    with opened(url) as session:
        database.upgrade(session.get_bind())
        seed.found(session)
        session.commit()
        yield session


def test_a_backup_made_while_four_members_write_is_of_one_moment(
    database_url, session, engine, restored
):
    article = an_article(session)
    claims = [a_claim(session, article=article).id for _ in range(4)]
    ended, wrote = threading.Event(), []

    def write(claim_id):
        while not ended.is_set():
            with database.session(engine) as own:
                claim = own.get_one(Claim, claim_id)
                by = own.exec(sa.select(Member)).scalars().first()
                some_evidence(own, claim, by=by)
                desk.discussion.comment(own, claim, "A remark", by=by)
                a_verdict(own, claim, by=by)
            wrote.append(claim_id)

    threads = [threading.Thread(target=write, args=(claim_id,)) for claim_id in claims]
    for thread in threads:
        thread.start()
    try:
        while len(wrote) < 8:
            ended.wait(0.01)
        fresh = restored(database_url, "sqlite")
    finally:
        ended.set()
        for thread in threads:
            thread.join()

    assert len(wrote) > 8
    with opened(fresh) as there:
        assert soundness.faults(there) == []
        behind = ledger.end(there)[0]
    session.rollback()
    assert 0 < behind < ledger.end(session)[0]


def test_a_backup_of_an_older_desk_is_brought_up_to_date(claims, new_database, tmp_path):
    old = database.connect(new_database("sqlite"))
    with database.opened(old) as connection:
        database.migrate(connection, "0001")
        connection.exec_driver_sql(
            "INSERT INTO member (version, id, name, email, role, password_hash, epoch, created_at) "
            "VALUES (1, 7, 'Ada', 'ada@desk.example', 'owner', '!', 0, '2026-01-31 02:00:00')"
        )
        connection.commit()
    backups.make(old, tmp_path / "keys", None, tmp_path / "old.zip", progress=print)
    old.dispose()

    fresh = new_database("sqlite")
    result = claims(fresh, "restore", str(tmp_path / "old.zip"), folder="restored")

    assert result.exit_code == 0
    assert "0 articles, 0 claims, 1 member" in result.output
    assert claims(fresh, "members", "list").output.split()[:2] == ["Ada", "ada@desk.example"]


# ---- what an operator types wrong ---------------------------------------------------------------


def test_a_backup_is_private_and_writes_over_nothing(claims, database_url, session, tmp_path):
    a_claim(session)
    file = tmp_path / "desk.zip"

    first, second = (claims(database_url, "backup", str(file)) for _ in range(2))
    third = claims(database_url, "backup", "--force", str(file))
    missing = claims(database_url, "backup", str(tmp_path / "no" / "folder.zip"))
    (tmp_path / "backups").mkdir()
    named = claims(database_url, "backup", str(tmp_path / "backups"))

    assert [first.exit_code, second.exit_code, third.exit_code, named.exit_code] == [0, 1, 0, 0]
    assert "1 article, 1 claim, 1 member" in first.output
    assert "There are no keys in" in first.output
    assert "is there already" in second.output
    assert missing.exit_code == 1
    assert "cannot be written (No such file or directory)" in missing.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name[:10] for path in (tmp_path / "backups").iterdir()] == ["fact-desk-"]
    assert not list(tmp_path.glob(".desk*")), "an unfinished backup was left"


def test_there_is_no_backup_of_a_desk_that_is_not_there(claims, new_database, tmp_path):
    result = claims(new_database("sqlite"), "backup", str(tmp_path / "desk.zip"))

    assert result.exit_code == 1
    assert "There is no desk in" in result.output
    assert not (tmp_path / "desk.zip").exists()


def test_a_desk_that_somebody_used_is_not_written_over(claims, database_url, session, tmp_path):
    a_claim(session)
    claims(database_url, "backup", str(tmp_path / "desk.zip"))
    before = everything(database_url)

    result = claims(database_url, "restore", str(tmp_path / "desk.zip"))

    assert result.exit_code == 1
    assert "into an empty desk only" in result.output
    assert everything(database_url) == before


def test_a_desk_that_was_only_started_makes_room(
    claims, database_url, session, new_database, tmp_path
):
    a_claim(session)
    claims(database_url, "backup", str(tmp_path / "desk.zip"))
    before = everything(database_url)
    session.close()
    for started in map(new_database, ENGINES):
        with founded(started):
            pass

        result = claims(started, "restore", str(tmp_path / "desk.zip"))

        assert result.exit_code == 0, result.output
        assert everything(started) == before


# ---- what is no backup, or no longer ------------------------------------------------------------


def rewritten(file, change):
    """A backup with other files in it, all of its digests right again."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    change(parts, manifest)
    for part in manifest["parts"]:
        data = parts.get(part["name"], b"")
        part |= {
            "size": len(data),
            "rows": len(data.splitlines(keepends=True)) if b"\x0c" not in data else 1,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))


def add(parts, manifest, name, data=b""):
    parts[name] = data
    manifest["parts"].append({"name": name})


def in_claim(was, now):
    def change(parts, _manifest):
        assert was in parts["tables/claim.jsonl"]
        parts["tables/claim.jsonl"] = parts["tables/claim.jsonl"].replace(was, now, 1)

    return change


HOSTILE = {
    "a newer format": (lambda _, m: m.update(format=2), "made by a newer Fact Desk"),
    "newer tables": (lambda _, m: m.update(revision="9999"), "made by a newer Fact Desk"),
    "a word for a revision": (lambda _, m: m.update(revision="head"), "made by a newer Fact Desk"),
    "no manifest to speak of": (lambda _, m: m.pop("ledger"), "is not understood"),
    "a way out of the folder": (lambda p, m: add(p, m, "keys/../../x", b"!"), "has no part"),
    "another file": (lambda p, _: p.update({"captures/x": b""}), "does not hold what its"),
    "a table too many": (lambda p, m: add(p, m, "tables/x.jsonl"), "not the tables of its time"),
    "a table too few": (
        lambda p, m: (p.pop("tables/tag.jsonl"), m.update(parts=[{"name": n} for n in p])),
        "not the tables of its time",
    ),
    "a bomb": (lambda p, m: add(p, m, "tables/x.jsonl", bytes(20 << 20)), "would swell"),
    "another column": (in_claim(b'"number"', b'"numeral"'), "columns of the table"),
    "another kind of value": (in_claim(b'"number":1', b'"number":"1"'), "another kind"),
    "a number out of bounds": (in_claim(b'"number":1', b'"number":' + b"9" * 30), "out of all"),
    "half a letter": (in_claim(b'"statement":"', b'"statement":"\\ud800'), "surrogates"),
    "no JSON": (in_claim(b"{", b"["), "record 1 of the table claim"),
    "a record that refers to none": (in_claim(b'"article_id":1', b'"article_id":77'), "together"),
    "a word that is none": (in_claim(b'"kind":"number"', b'"kind":"rumour"'), "together"),
    "another ledger": (lambda _, m: m["ledger"].update(events=1), "does not end where"),
}


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_backup_that_does_not_fit_is_refused_and_leaves_nothing(
    fault, claims, new_database, tmp_path, monkeypatch
):
    monkeypatch.setattr(backups, "SMALL", 0)
    source, file = new_database("sqlite"), tmp_path / "desk.zip"
    with founded(source) as session:
        a_claim(session)
    assert claims(source, "backup", str(file)).exit_code == 0
    change, words = HOSTILE[fault]
    rewritten(file, change)
    engines = ENGINES if words == "together" else ["sqlite"]

    for fresh in map(new_database, engines):
        result = claims(fresh, "restore", str(file), folder="restored")

        assert result.exit_code == 1, result.output
        assert words in result.output
        assert result.output.count("\n") == 1
        assert not list((tmp_path / "restored").glob("keys/*"))
        assert tables_of(fresh) == []


@pytest.mark.parametrize("damage", ["cut short", "one byte", "no zip"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    damage, claims, new_database, tmp_path
):
    source, file = new_database("sqlite"), tmp_path / "desk.zip"
    with founded(source) as session:
        a_claim(session)
    claims(source, "backup", str(file))
    data = bytearray(file.read_bytes())
    if damage == "cut short":
        del data[-100:]
    elif damage == "one byte":
        data[2000] ^= 1
    else:
        data = bytearray(b"SQLite format 3\0")
    file.write_bytes(data)
    fresh = new_database("sqlite")

    result = claims(fresh, "restore", str(file), folder="restored")

    assert result.exit_code == 1
    assert "is no backup of a desk, or it is damaged" in result.output
    assert not (tmp_path / "restored").exists()


def tables_of(url):
    engine = database.connect(url)
    with database.opened(engine) as connection:
        found = tables.names(connection)
    engine.dispose()
    return found


def test_a_restore_that_dies_leaves_nothing(claims, database_url, session, new_database, tmp_path):
    a_busy_desk(session)
    claims(database_url, "backup", str(tmp_path / "desk.zip"))
    engine = database.connect(new_database(session.get_bind().dialect.name))

    def die(connection):
        # At the very last moment: everything is written, and about to be kept.
        if tables.names(connection):
            assert connection.scalar(sa.select(sa.func.count()).select_from(Claim.__table__))
            raise KeyboardInterrupt

    sa.event.listen(engine, "commit", die)
    with pytest.raises(KeyboardInterrupt):
        backups.restore(
            engine,
            tmp_path / "keys",
            Folder(tmp_path / "captures"),
            tmp_path / "desk.zip",
            prepare=lambda: None,
            progress=print,
        )
    engine.dispose()

    assert tables_of(engine.url.render_as_string(hide_password=False)) == []


def test_a_ledger_that_was_broken_before_the_backup_is_told_of(
    claims, database_url, session, new_database, tmp_path
):
    a_claim(session)
    unlock(session)
    session.execute(sa.text("UPDATE event SET actor = 'nobody' WHERE seq = 3"))
    session.commit()
    assert claims(database_url, "backup", str(tmp_path / "desk.zip")).exit_code == 0

    result = claims(new_database("sqlite"), "restore", str(tmp_path / "desk.zip"))

    assert result.exit_code == 1
    assert "Restored the desk" in result.output
    assert "broken at event 3" in result.output
