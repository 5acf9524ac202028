"""Names over time: kept where the thing is the same, asked about where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import segments
from patron.contracts.segment_tables import SEGMENT_EVENTS
from patron.segments import Before, SegmentModel, SegmentSpec
from segments.worlds import AS_OF, prepared, snapshot

SPEC = SegmentSpec(k_min=2, k_max=5, smallest_share=0.05)


def shop_of(centres, sizes, day=0, seed=0):
    """A shop whose customers stand in groups: (log days since last, log orders, log money) around each centre."""
    rng = np.random.default_rng(seed)
    spots = np.repeat(np.asarray(centres, dtype=float), sizes, axis=0) + rng.normal(0, 0.12, (sum(sizes), 3))
    silence, orders, money = np.exp(spots).T
    n = spots.shape[0]
    return pa.table(
        {
            "customer_id": [f"c{i:05d}" for i in range(n)],
            "as_of": pa.array([AS_OF + timedelta(days=day)] * n, pa.date32()),
            "days_since_last_order": silence,
            "days_since_first_order": silence + 30,
            "orders_count_lifetime": orders,
            "net_revenue_sum_lifetime": money,
        }
    )


GROUPS = [(2.0, 3.0, 7.0), (4.0, 2.0, 5.0), (5.8, 0.5, 3.0)]
SIZES = (80, 80, 80)


def fitted(table, matrix=None):
    chosen = prepared(table) if matrix is None else matrix
    return segments.fit(table, chosen, SPEC, gap_days=(20.0, 40.0, 80.0))


def before_of(model, table, matrix=None):
    chosen = prepared(table) if matrix is None else matrix
    return Before.place("20251201-a1b2c3d4", model, chosen, [f"feature_{j}" for j in range(chosen.shape[1])])


def after(model, table, refit, confirmed="", used=None):
    used_keys = [one.key for one in model.learned.card.segments] if used is None else used
    return segments.succeed(refit, prepared(table), before_of(model, table), used_keys=used_keys, confirmed=confirmed)


def faces(model):
    return {(one.key, one.name_en, one.name_zh, one.colour) for one in model.learned.card.segments}


def events_of(succession):
    return [(row["event"], row["from_segment"], row["to_segment"]) for row in succession.events.to_pylist()]


@pytest.fixture(scope="module")
def shop():
    return shop_of(GROUPS, SIZES)


@pytest.fixture(scope="module")
def model(shop):
    first = segments.succeed(fitted(shop), prepared(shop), None, used_keys=(), confirmed="")
    assert not first.is_held
    assert first.events.num_rows == 0
    return first.model


@pytest.fixture(scope="module")
def cloud():
    table = snapshot(240)
    return table, fitted(table)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("world", ["groups", "cloud"])
def test_the_same_customers_refitted_in_another_order_keep_every_name(seed, world, shop, model, cloud):
    known, first = (shop, model) if world == "groups" else cloud
    table = known.take(np.random.default_rng(seed).permutation(known.num_rows))
    found = after(first, table, fitted(table))
    assert faces(found.model) == faces(first)
    then, now = (segments.apply(one, table, prepared(table)) for one in (first, found.model))
    assert then["segment_name"].equals(now["segment_name"]) or world == "cloud"


def test_a_slow_drift_keeps_every_name_month_after_month(model):
    now, names = model, faces(model)
    for month in range(1, 7):
        moved = [(a + 0.1 * month, b + 0.08 * month, c - 0.12 * month) for a, b, c in GROUPS]
        table = shop_of(moved, SIZES, 30 * month, seed=month)
        found = after(now, table, fitted(table))
        assert not found.is_held
        assert {event for event, *_ in events_of(found)} == {"same"}
        assert faces(found.model) == names
        now = found.model
    assert now.cut_as_of == AS_OF + timedelta(days=180)


SPLIT = [*GROUPS[:2], (5.8, 0.5, 2.0), (5.8, 0.5, 4.2)]
SPLIT_SIZES = (80, 80, 40, 40)


def test_a_split_is_told_held_back_and_published_once_confirmed(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    refit = fitted(table)
    assert len(refit.learned.card.segments) == 4
    found = after(model, table, refit)
    assert found.is_held
    assert found.model.learned == model.learned
    assert found.model.cut_as_of == AS_OF
    [split] = {came for event, came, _ in events_of(found) if event == "split"}
    [change] = set(found.events["to_confirm"].to_pylist())
    assert change == f"after {AS_OF}: split {split} into 2"
    assert SEGMENT_EVENTS.check(found.events)["is_published"].to_pylist() == [False] * found.events.num_rows
    confirmed = after(model, table, refit, confirmed=change)
    assert not confirmed.is_held
    assert confirmed.events["is_published"].to_pylist() == [True] * confirmed.events.num_rows
    keys = {one.key for one in confirmed.model.learned.card.segments}
    assert keys == {one.key for one in model.learned.card.segments} - {split} | {"group_4", "group_5"}
    assert len({one.name_en for one in confirmed.model.learned.card.segments}) == 4
    assert len({one.colour for one in confirmed.model.learned.card.segments}) == 4


def test_a_new_segment_of_an_old_name_is_told_apart_in_words_and_by_letters_at_last(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    [change] = set(after(model, table, fitted(table)).events["to_confirm"].to_pylist())

    def named_alike(one, marks):
        cards = [replace(card, name_en="Regulars", name_zh="常客") for card in one.learned.card.segments]
        card = replace(one.learned.card, segments=tuple(cards))
        return replace(one, learned=replace(one.learned, card=card, marks=marks))

    marks = ((", large orders", "·大单"),)
    refit = named_alike(fitted(table), (marks,) * 4)
    found = after(named_alike(model, ()), table, refit, confirmed=change).model.learned.card.segments
    names = [(one.name_en, one.name_zh) for one in found]
    assert ("Regulars, large orders", "常客·大单") in names
    assert names.count(("Regulars", "常客")) == 2
    assert ("Regulars B", "常客B") in names


def test_what_was_confirmed_once_confirms_nothing_later(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    [change] = set(after(model, table, fitted(table)).events["to_confirm"].to_pylist())
    later = replace(model, cut_as_of=AS_OF + timedelta(days=15))
    assert after(later, table, fitted(table), confirmed=change).is_held


def test_a_change_is_told_by_the_names_of_its_segments_beside_what_the_plan_confirms(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    found = after(model, table, fitted(table))
    events = found.events.to_pylist()
    parts = [row for row in events if row["event"] == "split"]
    [said], [said_zh] = ({row[name] for row in events} for name in ("change", "change_zh"))
    came = parts[0]
    assert said.startswith(f"“{came['from_name']}” ({came['from_segment']}) splits into “")
    assert said_zh.startswith(f"“{came['from_name_zh']}”（{came['from_segment']}）拆分为“")
    assert all(f"“{row['to_name']}”" in said and f"“{row['to_name_zh']}”" in said_zh for row in parts)
    verdict = identity_of(found)["identity"].verdict
    assert f"{came['to_confirm']}; that is: {said}; not confirmed" in verdict
    kept = after(model, shop_of(GROUPS, SIZES), fitted(shop_of(GROUPS, SIZES)))
    assert set(kept.events["change"].to_pylist()) == {None}


def test_a_confirmation_that_confirms_nothing_is_said_to(model, shop):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    refit = fitted(table)
    change = after(model, table, refit).events["to_confirm"][0].as_py()
    waits = after(model, table, refit, confirmed="split the big one")
    assert waits.is_held
    verdict = identity_of(waits)["confirmed_change"].verdict
    assert verdict.startswith('poor: confirmed_change = "split the big one" confirms nothing that happened')
    assert verdict.endswith(f'; the change that waits is "{change}"')
    again = after(waits.model, table, refit)
    assert "confirmed_change" not in identity_of(again)
    nothing = identity_of(after(model, shop, fitted(shop), confirmed="split the big one"))["confirmed_change"]
    assert nothing.verdict.endswith("confirms nothing that happened; no change waits")
    assert "confirmed_change" not in identity_of(after(model, table, refit, confirmed=f" {change} "))
    first = segments.succeed(fitted(shop), prepared(shop), None, used_keys=(), confirmed="x")
    assert identity_of(first)["confirmed_change"].verdict.startswith("poor")


def test_a_confirmation_that_has_done_its_work_may_stay(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    change = after(model, table, fitted(table)).events["to_confirm"][0].as_py()
    published = after(model, table, fitted(table), confirmed=change).model
    left = identity_of(after(published, table, fitted(table), confirmed=change))["confirmed_change"]
    assert left.verdict.startswith("info: confirmed_change")
    moved_on = replace(published, cut_as_of=AS_OF - timedelta(days=1))
    early = identity_of(after(moved_on, table, fitted(table), confirmed=change))["confirmed_change"]
    assert early.verdict.startswith("poor")


def identity_of(succession):
    return {it.measure: it for it in succession.model.judgements if it.measure in ("identity", "confirmed_change")}


def test_a_refit_of_another_day_that_changes_the_same_is_confirmed_by_the_same_words(model):
    tables = [shop_of(SPLIT, SPLIT_SIZES, 30 + day, seed=day) for day in (0, 1, 2)]
    changes = {after(model, table, fitted(table)).events["to_confirm"][0].as_py() for table in tables}
    assert len(changes) == 1


def test_a_merger_is_told_and_its_segment_gets_a_key_of_its_own():
    grown_alike = [*GROUPS[:2], (5.8, 0.5, 3.0), (5.8, 0.5, 3.2)]
    apart, together = shop_of(SPLIT, SPLIT_SIZES), shop_of(grown_alike, SPLIT_SIZES, 30)
    old = fitted(apart)
    asked = after(old, together, fitted(together))
    assert asked.is_held
    [change] = set(asked.events["to_confirm"].to_pylist())
    assert " + " in change
    assert "merged" in change
    found = after(old, together, fitted(together), confirmed=change)
    assert " merge into “" in found.events["change"][0].as_py()
    assert "合并为“" in found.events["change_zh"][0].as_py()
    merged = [(came, went) for event, came, went in events_of(found) if event == "merged"]
    assert len(merged) == 2
    assert {went for _, went in merged} <= {one.key for one in found.model.learned.card.segments}


def test_a_new_segment_never_gets_a_key_that_was_in_use_before(model):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    change = after(model, table, fitted(table)).events["to_confirm"][0].as_py()
    used = ["group_1", "group_2", "group_3", "group_11", "champions"]
    found = after(model, table, fitted(table), confirmed=change, used=used)
    assert {"group_12", "group_13"} < {one.key for one in found.model.learned.card.segments}


def test_a_cut_of_everyone_hands_no_name_on_and_asks_nothing(shop):
    matrix = np.zeros((shop.num_rows, 3))
    nobody = segments.fit(shop, matrix, SPEC, gap_days=None)
    assert len(nobody.learned.card.segments) == 1
    found = segments.succeed(
        fitted(shop), prepared(shop), before_of(nobody, shop, matrix), used_keys=["group_1"], confirmed=""
    )
    assert not found.is_held
    assert "Everyone" not in {one.name_en for one in found.model.learned.card.segments}
    back = segments.succeed(nobody, matrix, before_of(found.model, shop), used_keys=(), confirmed="")
    assert back.is_held
    assert "same" not in {event for event, *_ in events_of(back)}
    said, said_zh = back.events["change"][0].as_py(), back.events["change_zh"][0].as_py()
    assert said == "all segments are given up, and everyone is one"
    assert said_zh == "所有分群取消，全体客户归为一群"


def test_what_is_judged_goes_with_the_cut_that_is_in_use(model, tmp_path):
    table = shop_of(SPLIT, SPLIT_SIZES, 30)
    held = after(model, table, fitted(table)).model
    measured = {it.measure: it for it in held.judgements}
    assert measured["chosen_k"].value == 3
    assert measured["identity"].verdict.startswith("poor: after")
    held.save(tmp_path / "model")
    assert SegmentModel.load(tmp_path / "model").judgements == held.judgements
    assert SegmentModel.load(tmp_path / "model").cut_as_of == AS_OF


def test_a_model_saved_before_cuts_had_a_day_is_from_the_day_it_was_learned(model, tmp_path):
    model.save(tmp_path)
    path = tmp_path / "segments.json"
    path.write_text(path.read_text(encoding="utf-8").replace("cut_as_of", "forgotten"), encoding="utf-8")
    assert SegmentModel.load(tmp_path).cut_as_of == model.learned_as_of


def test_a_cut_that_cannot_be_followed_is_said_to_be(shop):
    found = segments.succeed(
        fitted(shop), prepared(shop), None, used_keys=["group_3"], confirmed="", why_not="the cut is gone"
    )
    [said] = [it for it in found.model.judgements if it.measure == "identity"]
    assert "the cut is gone" in said.verdict
    assert [one.key for one in found.model.learned.card.segments] == ["group_4", "group_5", "group_6"]


def test_a_cut_that_looks_at_other_things_keeps_no_name(model, shop):
    before = before_of(model, shop)
    names = list(before.drift)
    keys = [one.key for one in model.learned.card.segments]
    for seen, is_same in ((names, True), (["something", "else"], False)):
        found = segments.succeed(fitted(shop), prepared(shop), before, used_keys=keys, confirmed="", names=seen)
        assert found.is_held is not is_same
        events = found.events["event"].to_pylist()
        assert set(events) == ({"same"} if is_same else {"died", "born"})
        said, said_zh = found.events["change"][0].as_py() or "", found.events["change_zh"][0].as_py() or ""
        assert ("is gone" in said and " are new" in said) is not is_same
        assert ("消失" in said_zh and "新增“" in said_zh) is not is_same
