from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from patron.engines.duck import DuckEngine
from patron.ground.errors import IdentityRefused
from patron.records.cleaning.landing import land
from patron.records.cleaning.people import known
from patron.records.identity import IdentityReport, insist, report
from patron.records.spec import RecordSpec
from staged import staged


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as engine:
        yield engine


def judged(engine: DuckEngine, ids: Sequence[str | None], *, days: int = 28) -> IdentityReport:
    rows = [
        {
            "order_id": f"o{i}",
            "customer_id": who,
            "ordered_at": f"2026-{1 + i * days // len(ids) // 28:02d}-{1 + i % 28:02d}T10:00:00",
            "goods_amount": 1,
        }
        for i, who in enumerate(ids)
    ]
    return report(known(land([staged(engine, "order", rows)], "UTC", engine), b"key", engine), RecordSpec(), engine)


GOOD = [f"c{i % 50}" for i in range(150)]


@pytest.mark.parametrize(
    ("ids", "days", "verdict", "word"),
    [
        (GOOD, 28, "ok", ""),
        ([f"c{i}" for i in range(300)], 112, "refuse", "100.0% of ids occur once"),
        ([f"c{i}" for i in range(300)], 28, "warn", "nearly everybody New"),
        ([f"o{i}" for i in range(30)], 28, "refuse", "is the order number"),
        ([*GOOD, *["c0"] * 200], 28, "refuse", "One customer id holds 58.0%"),
        ([*GOOD, *["c0"] * 20], 28, "warn", "One customer id holds"),
        ([f"138****{i:04d}" for i in range(20)] * 2, 28, "refuse", "masked"),
        ([None] * 30, 28, "refuse", "no buyer id"),
        ([*GOOD, *["0"] * 15, *["guest"] * 15], 28, "warn", "16.7% of the orders have no customer id"),
        (["solo"] * 10, 28, "ok", ""),
        (["a"] * 40 + ["b", "c"] * 10, 28, "ok", ""),  # a tiny shop with one good customer
        (["a"] * 150 + [f"c{i % 19}" for i in range(60)], 28, "refuse", "One customer id holds 71.4%"),
        (["a"] * 100 + [f"c{i % 19}" for i in range(60)], 28, "refuse", "One customer id holds 62.5%"),
        (["a"] * 100 + [f"c{i % 18}" for i in range(60)], 28, "ok", ""),
        (["a"] * 300, 28, "refuse", "One customer id holds 100.0%"),
        ([str(i % 5) for i in range(30)], 28, "ok", ""),  # customers numbered from 0
        ([*(str(i % 60) for i in range(180)), *["-1"] * 30], 28, "warn", "14.3% of the orders have no customer id"),
        (["only"], 28, "ok", ""),
    ],
)
def test_verdicts(engine: DuckEngine, ids: Sequence[str | None], days: int, verdict: str, word: str) -> None:
    found = judged(engine, ids, days=days)
    assert (found.verdict, word in found.message) == (verdict, True), found.message
    assert bool(found.message) == bool(found.message_zh) == (verdict != "ok")


def test_the_numbers(engine: DuckEngine) -> None:
    found = judged(engine, ["a", "a", "a", "b", None, "**"])
    assert (found.order_count, found.customer_count, found.coverage) == (6, 3, 5 / 6)
    assert (found.one_order_share, found.top_id_share, found.masked_share) == (2 / 3, 0.5, 1 / 3)
    assert found.orders_per_customer == pytest.approx(5 / 3)


def test_a_refusal_says_what_to_do_and_can_be_overruled(engine: DuckEngine) -> None:
    found = judged(engine, [None] * 30)
    with pytest.raises(IdentityRefused, match="Next: map another column"):
        insist(found, RecordSpec())
    insist(found, RecordSpec(force_identity=True))
