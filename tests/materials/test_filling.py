"""Filling: an affiliate's facts stand where the tags were, once, and cannot act."""

from materials.filling import Filling, deep_link, fill, fill_material, unknown_tags
from materials.models import Material, StoredFile

BOB = Filling("Bob {link}", "https://e.example/c/bob", "Acme Partners", "Acme", "BOB10")


def test_tags_are_filled_once_and_others_stay() -> None:
    text = "{name} – {link} – {program} – {merchant} – {coupon} – {else} – { name }"

    assert fill(text, BOB) == (
        "Bob {link} – https://e.example/c/bob – Acme Partners – Acme – BOB10 – {else} – { name }"
    )


def test_unknown_tags_are_named_once() -> None:
    assert unknown_tags("{link} {nme} {password} {nme} {1} {}") == ["{nme}", "{password}"]


def test_a_link_leads_straight_to_the_page() -> None:
    target = "https://shop.example/a?b=1&c=2"

    assert deep_link(BOB.link, target) == (
        "https://e.example/c/bob?url=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1%26c%3D2"
    )
    assert deep_link(BOB.link, "") == BOB.link


def test_a_text_link_is_markup_that_its_text_cannot_leave() -> None:
    material = Material(kind="TEXT_LINK", body='<script>"{name}"')

    filled = fill_material(material, BOB, image_url="")

    assert filled.html == (
        '<a href="https://e.example/c/bob" rel="sponsored">&lt;script&gt;&quot;Bob {link}&quot;</a>'
    )


def test_a_banner_shows_its_counted_picture() -> None:
    file = StoredFile(content_type="image/png", width=300, height=250)
    material = Material(kind="BANNER", title="Sale", file=file)

    filled = fill_material(material, BOB, image_url="https://f.example/b/bob/1")

    assert filled.html == (
        '<a href="https://e.example/c/bob" rel="sponsored"><img src="https://f.example/b/bob/1"'
        ' alt="Sale" width="300" height="250"></a>'
    )


def test_a_missing_code_is_told() -> None:
    material = Material(kind="EMAIL", subject="{coupon}", body="{link}")

    assert fill_material(material, BOB._replace(coupon=""), image_url="").lacks_coupon
    assert not fill_material(material, BOB, image_url="").lacks_coupon
