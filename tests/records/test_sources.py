"""Source profiles are data: the shipped ones are sound, users add their own, and a broken one says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.ground.errors import PlanError
from patron.records import sources

OWN = """
id = "my-till"
title = "Our till"

[[layouts]]
name = "receipts"
level = "order"
require = [["Bon"], ["Kunde"], ["Datum"]]
[layouts.columns]
order_id = ["Bon"]
customer_id = ["Kunde"]
ordered_at = ["Datum"]
"""


def test_a_folder_of_own_profiles_is_added_and_sorted_in(tmp_path: Path) -> None:
    (tmp_path / "till.toml").write_text(OWN, "utf-8")
    ids = [profile.id for profile in sources.profiles(tmp_path)]
    assert "my-till" in ids
    assert ids == sorted(ids)
    assert "my-till" not in [profile.id for profile in sources.profiles()]


def test_an_own_profile_replaces_a_shipped_one_of_the_same_id(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(OWN.replace("my-till", "olist"), "utf-8")
    assert sources.profile("olist", tmp_path).title == "Our till"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('id = "x"\ntitle = ', "not valid TOML"),
        (OWN.replace('title = "Our till"\n', ""), "broken.toml: title: this key is missing"),
        (OWN.replace('level = "order"', 'level = "receipt"'), 'layouts[1].level: "receipt" came; expected'),
        (OWN.replace('order_id = ["Bon"]', 'order_nr = ["Bon"]'), "Did you mean 'order_id'?"),
        (OWN + '[layouts.values]\nstate = { paid = ["ja"] }\n', "'layouts[1].values.state'"),
        (OWN.replace('require = [["Bon"], ["Kunde"], ["Datum"]]', "require = []"), "'layouts[1].require'"),
        (OWN.replace('level = "order"', 'level = "order"\nheader = false'), "'layouts[1].names'"),
        (OWN.replace('level = "order"', 'level = "order"\ntests = [{column = "Bon", matches = "("}]'), "tests.match"),
        (OWN.replace('id = "my-till"', 'id = "my-till"\nzone = "Mars/Olympus"'), "'zone'"),
        (OWN.replace('level = "order"', 'level = "order"\ncolour = "red"'), "layouts[1].colour: this key is not known"),
    ],
)
def test_a_broken_profile_names_its_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "broken.toml").write_text(text, "utf-8")
    with pytest.raises(PlanError) as refused:
        sources.profiles(tmp_path)
    assert "broken.toml" in str(refused.value)
    assert told in str(refused.value)


def test_a_profile_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlanError, match=r"broken\.toml"):
        sources.profiles(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="is not a folder"):
        sources.profiles(tmp_path / "nowhere")


def test_an_unknown_profile_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PlanError, match="Did you mean 'shopify-orders'"):
        sources.profile("shopify-order")
