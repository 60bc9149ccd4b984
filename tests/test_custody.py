"""Kept bytes are read again, and damage is told and flagged."""

import json

import pytest
from click.testing import CliRunner

from app import create_app
from claims import cli, custody, desk
from claims.captures.store import Folder
from claims.desk.captures import Taking
from claims.desk.sources import Facts
from claims.models import Content
from claims.models.columns import now
from claims.rules.vocabulary import Damage, Obtained
from tests.factories import a_kept_copy, a_member


@pytest.fixture
def store(tmp_path):
    return Folder(tmp_path / "instance" / "captures")


@pytest.fixture
def claims(database_url, tmp_path, monkeypatch):
    """The `claims` command on the test's database and folder."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "instance"))
    return lambda *arguments: CliRunner().invoke(cli.claims, arguments, obj=create_app)


def a_copy(session, store, words):
    source = desk.sources.add(session, Facts(title=words), by=a_member(session))
    taking = Taking(Obtained.UPLOADED, now(), file_name="letter.txt")
    return a_kept_copy(session, store, source, words.encode(), taking).sha256


def flip_a_byte(store, digest):
    path = store._place(digest)
    body = bytearray(path.read_bytes())
    body[3] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(body))


def test_every_copy_holds(session, engine, store, claims):
    a_copy(session, store, "A letter about the made-up dam.")
    session.rollback()

    result = claims("verify")

    assert result.exit_code == 0, result.output
    assert "Every capture holds: 1 contents read again." in result.output


def test_a_flipped_byte_and_a_lost_file_are_named_and_flagged(session, engine, store, claims):
    sound, changed, missing = (a_copy(session, store, f"Letter number {n}.") for n in range(3))
    session.rollback()
    flip_a_byte(store, changed)
    store.remove(missing)

    result = claims("verify")

    assert result.exit_code == 1
    assert f"The bytes of capture {changed} were changed." in result.output
    assert f"The bytes of capture {missing} are missing." in result.output
    session.expire_all()
    damage = {
        digest: session.get_one(Content, digest).damage for digest in (sound, changed, missing)
    }
    assert damage == {sound: None, changed: Damage.CHANGED, missing: Damage.MISSING}


def test_scripts_read_what_is_damaged_as_json(session, store, claims):
    changed = a_copy(session, store, "Letter.")
    session.rollback()
    flip_a_byte(store, changed)

    result = claims("verify", "--json")

    assert json.loads(result.stdout)["captures"] == {
        "checked": 1,
        "missing": [],
        "changed": [changed],
    }


def test_what_is_captured_again_is_sound_again(session, engine, store):
    digest = a_copy(session, store, "Letter.")
    flip_a_byte(store, digest)
    session.rollback()
    assert custody.examine(engine, store).changed == [digest]

    a_copy(session, store, "Letter.")
    session.rollback()

    assert custody.examine(engine, store).sound
    session.expire_all()
    assert session.get_one(Content, digest).damage is None


def test_a_backup_holds_the_captured_bytes_and_a_restore_brings_them_back(
    session, store, claims, new_database, tmp_path, monkeypatch
):
    digest = a_copy(session, store, "Letter.\nWith two lines.")
    session.rollback()
    made = claims("backup", str(tmp_path / "desk.zip"))
    assert "1 captured contents" in made.output
    monkeypatch.setenv("DATABASE_URL", new_database("sqlite"))
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "restored"))

    restored = claims("restore", str(tmp_path / "desk.zip"))

    assert restored.exit_code == 0, restored.output
    body = Folder(tmp_path / "restored" / "captures").get(digest)
    assert body == b"Letter.\nWith two lines."
    assert claims("verify").exit_code == 0


def test_damaged_bytes_are_left_out_of_a_backup_and_it_says_so(session, store, claims, tmp_path):
    digest = a_copy(session, store, "Letter.")
    session.rollback()
    flip_a_byte(store, digest)

    made = claims("backup", str(tmp_path / "desk.zip"))

    assert made.exit_code == 0
    assert f"Left out: The bytes kept as {digest} were changed" in made.output


def test_a_backup_can_leave_the_captured_bytes_to_their_bucket(session, store, claims, tmp_path):
    a_copy(session, store, "Letter.")
    session.rollback()

    made = claims("backup", "--without-captures", str(tmp_path / "desk.zip"))

    assert made.exit_code == 0
    assert "captured" not in made.output
