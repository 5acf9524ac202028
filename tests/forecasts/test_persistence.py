from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patron import forecasts
from patron.forecasts import ForecastModel
from patron.forecasts.contenders import LEARN, RESTORE, Lesson
from patron.forecasts.rows import read_rows
from patron.ground.errors import UnreadableFile


@pytest.mark.parametrize("name", sorted(LEARN))
def test_every_contender_says_the_same_after_being_written_and_read(name, shop, quick):
    rows = read_rows(shop.labelled, where="test", labelled=True, window_days=90)
    past, now = rows.where(rows.as_of < rows.as_of.max()), rows.where(rows.as_of == rows.as_of.max())
    contender = LEARN[name](Lesson(past, past, now, now, 90, quick, 1))
    again = RESTORE[name](json.loads(json.dumps(contender.to_parts())))
    before, after = contender.predict(now), again.predict(now)
    for target in ("net_revenue", "orders", "active"):
        assert (before.of(target) == after.of(target)).all()


def test_the_files_are_text_and_trees_are_in_their_own_format(shop, quick, judged, tmp_path):
    champions = [replace(champion, model="hurdle") for champion in judged.champions if champion.target != "next_order"]
    model = forecasts.fit(
        shop.labelled, shop.now, quick, horizon_days=90, backtest=replace(judged, champions=tuple(champions)), seed=7
    )
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".txt"}
    trees = tmp_path / "hurdle.orders.incidence.txt"
    assert trees.read_text(encoding="utf-8").startswith("tree\n")
    before = forecasts.apply(model, shop.now)
    assert forecasts.apply(ForecastModel.load(tmp_path), shop.now).equals(before)
    trees.unlink()
    with pytest.raises(UnreadableFile, match="holds no whole forecast model"):
        ForecastModel.load(tmp_path)


def test_a_folder_without_a_model_or_of_another_format_is_refused(fitted, tmp_path):
    with pytest.raises(UnreadableFile, match="holds no whole forecast model"):
        ForecastModel.load(tmp_path)
    fitted.save(tmp_path)
    path = tmp_path / "forecast.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(UnreadableFile, match="has format 99"):
        ForecastModel.load(tmp_path)
