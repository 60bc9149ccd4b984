"""What must hold in the data of the first article before anybody seeds it."""

import json
import re
from importlib import resources
from itertools import chain, pairwise
from typing import Any

KINDS = {"fact", "number", "quotation", "prediction", "opinion", "causal", "inconsistency"}
MOST_WORDS = 25
MOST_CONTEXT = 32
PASSAGE = 260

SEED: dict[str, Any] = json.loads(
    resources.files("claims").joinpath("seeds/hard-state.json").read_text(encoding="utf-8")
)
CLAIMS: list[dict[str, Any]] = SEED["claims"]
APPEARANCES = [appearance for claim in CLAIMS for appearance in claim["appearances"]]


def claim(number: int) -> dict[str, Any]:
    return CLAIMS[number - 1]


def paragraphs(number: int) -> list[int]:
    return [appearance["paragraph"] for appearance in claim(number)["appearances"]]


def marked(paragraph: int) -> list[int]:
    return [int(number) for number in re.findall(r"\{(\d+)\}", SEED["outline"][paragraph - 1])]


def strings(value: Any) -> list[str]:
    """Every text in the data, wherever it stands, names of fields included."""
    if isinstance(value, dict):
        return [*value, *chain.from_iterable(map(strings, value.values()))]
    if isinstance(value, list):
        return list(chain.from_iterable(map(strings, value)))
    return [value] if isinstance(value, str) else []


def exposed() -> list[tuple[int, int]]:
    """The stretches of the article that the data gives away, joined where they meet."""
    stretches = sorted(
        (one["start"] - len(one["prefix"]), one["end"] + len(one["suffix"])) for one in APPEARANCES
    )
    joined = stretches[:1]
    for start, end in stretches[1:]:
        if start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def test_claims_are_numbered_from_one_without_a_gap():
    assert [one["number"] for one in CLAIMS] == list(range(1, len(CLAIMS) + 1))


def test_the_first_57_claims_are_followed_by_what_a_closer_reading_found():
    assert len(CLAIMS) > 57


def test_claims_found_later_are_numbered_in_the_order_of_the_article():
    starts = [one["appearances"][0]["start"] for one in CLAIMS[57:]]

    assert all(earlier < later for earlier, later in pairwise(starts))


def test_no_two_claims_state_the_same():
    statements = [one["statement"].casefold() for one in CLAIMS]

    assert len(set(statements)) == len(statements)


def test_no_two_claims_check_the_same_words():
    places = [(one["start"], one["end"]) for one in APPEARANCES]

    assert len(set(places)) == len(places)


def test_every_claim_has_a_statement_a_kind_and_one_to_three_tags():
    for one in CLAIMS:
        assert one["statement"].strip() == one["statement"] != ""
        assert one["kind"] in KINDS
        assert 1 <= len(set(one["tags"])) == len(one["tags"]) <= 3
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tag) for tag in one["tags"])


def test_every_claim_says_what_kind_of_record_would_settle_it():
    for one in CLAIMS:
        assert 1 <= len(set(one["leads"])) == len(one["leads"]) <= 3
        assert all(lead.strip() == lead != "" for lead in one["leads"])


def test_every_claim_appears_once_and_a_contradiction_in_two_paragraphs():
    for one in CLAIMS:
        places = paragraphs(one["number"])
        expected = 2 if one["kind"] == "inconsistency" else 1
        assert len(set(places)) == len(places) == expected, one["statement"]


def test_every_quotation_claim_is_credited_to_a_speaker():
    assert all(one["speaker"] for one in CLAIMS if one["kind"] == "quotation")


def test_a_quotation_has_at_most_25_words_and_little_around_it():
    for one in APPEARANCES:
        assert 1 <= len(one["quotation"].split()) <= MOST_WORDS, one["quotation"]
        assert one["quotation"].strip() == one["quotation"]
        assert max(len(one["prefix"]), len(one["suffix"])) <= MOST_CONTEXT, one["quotation"]
        assert "\n" not in one["prefix"] + one["quotation"] + one["suffix"]


def test_offsets_span_exactly_the_quotation_and_lie_in_the_text():
    for one in APPEARANCES:
        assert one["end"] - one["start"] == len(one["quotation"]), one["quotation"]
        assert one["start"] - len(one["prefix"]) >= 0
        assert one["end"] + len(one["suffix"]) <= SEED["text_length"]


def test_quotations_that_share_words_of_the_article_agree_on_them():
    letters: dict[int, str] = {}
    for one in APPEARANCES:
        words = one["prefix"] + one["quotation"] + one["suffix"]
        for place, letter in enumerate(words, one["start"] - len(one["prefix"])):
            assert letters.setdefault(place, letter) == letter, one["quotation"]


def test_paragraphs_follow_each_other_in_the_text():
    ends = dict.fromkeys(range(1, len(SEED["outline"]) + 1), 0)
    for one in APPEARANCES:
        ends[one["paragraph"]] = max(ends[one["paragraph"]], one["end"])

    assert all(ends.values())
    assert all(
        one["start"] > ends[one["paragraph"] - 1] for one in APPEARANCES if one["paragraph"] > 1
    )


def test_no_long_passage_can_be_put_together_from_quotations():
    assert max(end - start for start, end in exposed()) < PASSAGE


def test_less_than_half_of_the_article_is_in_the_data():
    assert sum(end - start for start, end in exposed()) < SEED["text_length"] / 2


def test_no_single_text_in_the_data_is_long_enough_to_hide_a_passage():
    outline = [re.split(r"\{\d+\}|(?<=\.) ", paragraph) for paragraph in SEED["outline"]]
    own = [one for one in strings(SEED) if one not in SEED["outline"]]

    assert max(map(len, [*own, *chain.from_iterable(outline)])) < PASSAGE


def test_the_outline_marks_claims_that_appear_in_the_paragraph():
    for paragraph in range(1, len(SEED["outline"]) + 1):
        for number in marked(paragraph):
            assert 1 <= number <= len(CLAIMS)
            assert paragraphs(number).count(paragraph) == 1


def test_the_outline_marks_a_claim_at_most_once_in_a_paragraph():
    for paragraph in range(1, len(SEED["outline"]) + 1):
        assert len(set(marked(paragraph))) == len(marked(paragraph)) > 0


def test_the_outline_has_no_brace_but_the_markers():
    for paragraph in SEED["outline"]:
        assert not re.search(r"[{}]", re.sub(r"\{[1-9]\d*\}", "", paragraph))


def test_the_outline_gives_each_of_the_seven_paragraphs_a_few_sentences():
    assert len(SEED["outline"]) == 7
    for paragraph in SEED["outline"]:
        assert 1 <= len(re.findall(r"[.?!](?= |$)", paragraph)) <= 5


def test_every_speaker_makes_a_claim_and_has_a_role():
    assert set(SEED["speakers"]) == {one["speaker"] for one in CLAIMS} - {None}
    for speaker in SEED["speakers"].values():
        assert set(speaker) == {"name", "role", "type", "same_as"}
        assert speaker["name"]
        assert speaker["role"]


def test_a_speaker_is_identified_by_wikipedia_or_wikidata_or_not_at_all():
    for speaker in SEED["speakers"].values():
        assert speaker["same_as"] is None or re.fullmatch(
            r"https://(en\.wikipedia\.org/wiki|www\.wikidata\.org/wiki)/\w+", speaker["same_as"]
        )


def test_links_join_different_claims_and_say_why():
    for link in SEED["links"]:
        assert set(link) == {"claims", "note"}
        assert len(link["claims"]) >= 2
        assert link["claims"] == sorted(set(link["claims"]))
        assert all(1 <= number <= len(CLAIMS) for number in link["claims"])
        assert link["note"]


def test_no_two_links_join_the_same_claims():
    joined = [tuple(link["claims"]) for link in SEED["links"]]

    assert len(set(joined)) == len(joined)


def test_a_claim_brings_neither_verdict_nor_source():
    fields = {"number", "statement", "kind", "speaker", "appearances", "leads", "tags"}

    assert all(set(one) == fields for one in CLAIMS)


def test_nothing_in_the_data_is_an_address_but_a_speakers_identity():
    identities = {speaker["same_as"] for speaker in SEED["speakers"].values()}

    assert not [one for one in strings(SEED) if "://" in one and one not in identities]


def test_the_article_is_named_by_the_digest_of_its_text_and_never_holds_it():
    assert re.fullmatch(r"[0-9a-f]{64}", SEED["text_sha256"])
    assert "text" not in SEED
