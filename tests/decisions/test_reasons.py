"""Reasons: one true sentence a customer, in both languages, without what is not known."""

from __future__ import annotations

from decisions.shops import AS_OF, crowd, every_situation
from patron.decisions import DecisionSpec, decide, load

OVERDUE = {
    "orders_count_lifetime": 6.0,
    "days_since_last_order": 63.0,
    "order_gap_days_mean_lifetime": 21.0,
    "order_overdue_ratio": 3.0,
}


def reasons(table):
    made = decide(table, load(), DecisionSpec(holdout_share=0.0), as_of=AS_OF, seed=7)
    return {row["customer_id"]: (row["reason"], row["reason_zh"]) for row in made.to_pylist()}


def test_the_sample_sentence():
    english, chinese = reasons(every_situation(**OVERDUE))["at_risk/at_risk"]
    assert english == (
        "A good customer is slipping away: 6 orders, last 63 days ago; usual gap 21 days: 3.0 times overdue."
    )
    assert chinese == "优质客户正在流失：共 6 单，最近一单 63 天前，平时约 21 天一单，已超期 3.0 倍。"


def test_nobody_on_time_is_called_overdue():
    said = reasons(every_situation(**OVERDUE | {"order_overdue_ratio": 0.5}))["loyal/active"]
    assert said[0].endswith("usual gap 21 days.")
    assert "超期" not in said[1]


def test_what_is_not_known_is_left_out():
    assert reasons(every_situation())["at_risk/at_risk"] == ("A good customer is slipping away.", "优质客户正在流失。")


def test_every_reason_is_a_finished_sentence():
    for english, chinese in reasons(crowd(3000)).values():
        assert english.endswith((".", "!", "?"))
        assert chinese.endswith("。")
        assert not any(mark in english + chinese for mark in "{}")
        assert "None" not in english
        assert "nan" not in english
