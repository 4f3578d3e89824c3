"""Materials: made whole or not at all, for those they are for, in their time."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.refusals import BadValue
from common.uploads import Upload
from materials.models import Material, MaterialKind, MaterialTier, MaterialUse, StoredFile
from materials.selectors import Usage, usage_of, visible_to
from materials.services import (
    add_material,
    archive_material,
    count_use,
    store_file,
    update_material,
)
from merchants.models import SYSTEM, Event
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Tier
from programs.services import HostNotAllowed
from tests.cast import NOON, Company, Promoter
from tests.materials.making import PDF, SAID, draft_of, picture, store_material

TODAY = NOON.date()


@pytest.mark.parametrize("kind", MaterialKind.values)
def test_each_kind_is_stored_with_its_event(acme: Company, kind: str) -> None:
    made = store_material(acme, kind, category=" Summer ", language="en")

    with merchant_context(acme.id):
        stored = Material.objects.get(kind=kind, title=kind.title())
        event = Event.objects.get(type="program.material_added", data__kind=kind)
    assert (stored.id, stored.kind, stored.category) == (made.id, kind, "Summer")
    assert event.subject_id == acme.program.id
    assert event.data == {"material": str(made.id), "kind": kind, "title": kind.title()}


def test_the_permission_table_of_kinds_is_whole() -> None:
    assert set(SAID) == set(MaterialKind.values)


@pytest.mark.parametrize(
    ("kind", "facts", "field", "code"),
    [
        ("COPY", {"title": " "}, "title", "blank"),
        ("COPY", {"body": ""}, "body", "required"),
        ("COPY", {"body": "{password}"}, "body", "unknown_tag"),
        ("COPY", {"body": "a\0"}, "body", "null_characters_not_allowed"),
        ("COPY", {"language": "xx-nope"}, "language", "invalid_choice"),
        ("COPY", {"kind": "SPELL"}, "kind", "invalid_choice"),
        (
            "COPY",
            {"visible_from": date(2026, 3, 2), "visible_until": date(2026, 3, 1)},
            "visible_until",
            "ends_before_it_starts",
        ),
        ("EMAIL", {"subject": ""}, "subject", "required"),
        ("EMAIL", {"body": "No way to buy."}, "body", "no_link"),
        ("KEYWORDS", {"allowed": [], "negative": [" "], "protected": []}, "allowed", "required"),
        ("KEYWORDS", {"allowed": [f"w{n}" for n in range(501)]}, "allowed", "too_many"),
        ("VIDEO", {"video_url": "https://videos.example/1"}, "video_url", "host_not_allowed"),
        ("VIDEO", {"video_url": "http://youtu.be/1"}, "video_url", "host_not_allowed"),
        ("VIDEO", {"video_url": "https://youtu.be@x.example/"}, "video_url", "bad_address"),
        ("BANNER", {"upload": None}, "file", "required"),
        ("BANNER", {"upload": Upload("x.png", PDF)}, "file", "not_a_picture"),
        ("FILE", {"upload": Upload("x.pdf", picture())}, "file", "not_a_pdf"),
    ],
)
def test_refuses_what_cannot_be_and_stores_nothing(
    acme: Company, kind: str, facts: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        store_material(acme, kind, **facts)

    assert (refusal.value.field, refusal.value.code) == (field, code)
    with merchant_context(acme.id):
        assert not Material.objects.exists()
        assert not StoredFile.objects.exists()


def test_leads_nowhere_that_links_may_not_lead(acme: Company) -> None:
    with pytest.raises(HostNotAllowed):
        store_material(acme, "BANNER", target_url="https://elsewhere.example/")

    with merchant_context(acme.id):
        assert not Material.objects.exists()
        assert not StoredFile.objects.exists()


def test_the_same_picture_is_kept_once(acme: Company, globex: Company) -> None:
    first, again = store_material(acme, "BANNER"), store_material(acme, "BANNER")
    foreign = store_material(globex, "BANNER")

    assert first.file_id == again.file_id
    assert foreign.file_id != first.file_id


def test_a_change_keeps_the_file_unless_there_is_a_new_one(acme: Company) -> None:
    made = store_material(acme, "BANNER")
    before = made.file_id

    with merchant_context(acme.id):
        update_material(
            material=made, draft=draft_of("BANNER", title="New", upload=None), by=SYSTEM, at=NOON
        )
        kept = Material.objects.get()
        update_material(
            material=made,
            draft=draft_of("BANNER", upload=Upload("b.png", picture(size=(1, 1)))),
            by=SYSTEM,
            at=NOON,
        )
        replaced = Material.objects.select_related("file").get()

    assert (kept.title, kept.file_id) == ("New", before)
    assert (replaced.file.width, replaced.file.height) == (1, 1)


def test_the_kind_stays_and_files_fit_it(acme: Company) -> None:
    made = store_material(acme, "FILE")

    with merchant_context(acme.id):
        picture_file = store_file(
            merchant=acme.merchant, upload=Upload("a.png", picture()), kind="BANNER"
        )
        for draft, code in (
            (draft_of("COPY"), "for_good"),
            (draft_of("FILE", upload=None, file=picture_file), "wrong_type"),
        ):
            with pytest.raises(BadValue) as refusal:
                update_material(material=made, draft=draft, by=SYSTEM, at=NOON)
            assert refusal.value.code == code


@pytest.mark.parametrize(
    ("_case", "change"),
    [
        ("a banner without a picture", {"kind": "BANNER"}),
        ("a text with a video", {"video_url": "https://youtu.be/1"}),
        ("an end before the start", {"visible_from": "2026-03-02", "visible_until": "2026-03-01"}),
        ("an unknown kind", {"kind": "SPELL"}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(
    acme: Company, _case: str, change: dict[str, str]
) -> None:
    store_material(acme)

    with merchant_context(acme.id), pytest.raises(IntegrityError), transaction.atomic():
        Material.objects.update(**change)


# Who sees what ------------------------------------------------------------------------------------


def make_tier(company: Company, name: str) -> Tier:
    with merchant_context(company.id):
        return Tier.objects.create(merchant=company.merchant, program=company.program, name=name)


def titles_for(promoter: Promoter, on: date = TODAY) -> list[str]:
    with affiliate_context(promoter.affiliate.id):
        return [row.title for row in visible_to([promoter.enrollment], on=on)]


def test_a_tier_sees_what_is_for_it_and_for_all(acme: Company, bob: Promoter) -> None:
    gold, silver = make_tier(acme, "Gold"), make_tier(acme, "Silver")
    store_material(acme, title="All")
    store_material(acme, title="Gold", tiers=[gold])
    store_material(acme, title="Silver", tiers=[silver])
    store_material(acme, title="Both", tiers=[gold, silver])

    without = titles_for(bob)
    bob.enrollment.tier_id = gold.id

    assert without == ["All"]
    assert titles_for(bob) == ["All", "Both", "Gold"]


def test_tiers_are_of_the_program_and_may_change(acme: Company, globex: Company) -> None:
    gold, silver = make_tier(acme, "Gold"), make_tier(acme, "Silver")
    foreign = make_tier(globex, "Foreign")
    made = store_material(acme, tiers=[gold])

    with merchant_context(acme.id):
        update_material(material=made, draft=draft_of(tiers=[silver]), by=SYSTEM, at=NOON)
        found = [row.tier_id for row in MaterialTier.objects.all()]
        with pytest.raises(BadValue):
            add_material(program=acme.program, draft=draft_of(tiers=[foreign]), by=SYSTEM, at=NOON)
    assert found == [silver.id]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (date(2026, 3, 3), None, False),
        (None, date(2026, 3, 1), False),
    ],
)
def test_it_has_its_days(
    acme: Company, bob: Promoter, begins: date | None, ends: date | None, expected: bool
) -> None:
    store_material(acme, visible_from=begins, visible_until=ends)

    assert bool(titles_for(bob)) is expected


def test_what_is_archived_is_gone_and_archiving_is_safe_to_repeat(
    acme: Company, bob: Promoter
) -> None:
    made = store_material(acme)

    with merchant_context(acme.id):
        archive_material(material=made, by=SYSTEM, at=NOON)
        archive_material(material=made, by=SYSTEM, at=NOON)
        events = Event.objects.filter(type="program.material_archived").count()

    assert events == 1
    assert titles_for(bob) == []


@pytest.mark.parametrize(
    "model", [Material, MaterialTier, StoredFile], ids=lambda model: model.__name__
)
def test_only_approved_affiliates_of_the_program_read_it(
    acme: Company, bob: Promoter, carol: Promoter, model: Any
) -> None:
    store_material(acme, "BANNER", tiers=[make_tier(acme, "Gold")])

    def count(promoter: Promoter) -> int:
        with affiliate_context(promoter.affiliate.id):
            return model.objects.count()

    assert (count(bob), count(carol)) == (1, 0)
    with merchant_context(acme.id):
        type(bob.enrollment).objects.filter(id=bob.enrollment.id).update(status="SUSPENDED")
    assert count(bob) == 0


def test_uses_are_counted_by_day_and_summed_by_affiliate(acme: Company, bob: Promoter) -> None:
    made = store_material(acme, "BANNER")
    with merchant_context(acme.id):
        for what in ("views", "views", "copies", "downloads"):
            count_use(material=made, enrollment=bob.enrollment, what=what, on=TODAY)
        count_use(material=made, enrollment=bob.enrollment, what="views", on=date(2026, 3, 3))

        rows = MaterialUse.objects.order_by("day").values_list("views", "copies", "downloads")

        assert list(rows) == [(2, 1, 1), (1, 0, 0)]
        assert usage_of([made]) == {made.id: Usage(affiliates=1, views=3, copies=1, downloads=1)}
