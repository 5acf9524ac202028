from __future__ import annotations

import json

import patron


def test_explain_says_why_and_what_if(say, small_shop):
    row = patron.open(small_shop).current().explanations.to_arrow().to_pylist()[0]
    who = row["customer_id"]
    said = say("explain", who, "--shop", small_shop, "--set", "orders_count_lifetime=12")
    assert said.code == 0
    assert said.out.startswith(row["reason"])
    assert "predicted_clv_upper" in said.out
    assert "btyd_frequency" in said.out
    chinese = say("explain", who, "--shop", small_shop, "--lang", "zh")
    assert chinese.out.startswith(row["reason_zh"])
    told = json.loads(say("explain", who, "--shop", small_shop, "--json").out)
    assert told["story"]["reason"] == row["reason"]
    assert told["what_if"] is None


def test_explain_refuses_in_words(say, small_shop):
    who = patron.open(small_shop).current().explanations.to_arrow()["customer_id"][0].as_py()
    bad = say("explain", who, "--shop", small_shop, "--set", "orders_count_lifetime")
    assert bad.code == 1
    assert "a feature, = and a number were expected" in bad.err
    unknown = say("explain", "nobody", "--shop", small_shop)
    assert unknown.code == 1
    assert "is not among the" in unknown.err
