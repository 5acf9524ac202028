"""Currencies: one per shop; other amounts are converted where a rate is given, else refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.ground.currencies import NO_CURRENCY
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import Rule
from patron.records.spec import RecordSpec
from patron.records.staging import Level

_MONEY = "decimal(18, 4)"


@dataclass(frozen=True, slots=True)
class Money:
    """The amounts of one table in the shop's currency."""

    currency: ir.StringValue
    shop_currency: str
    rates: Mapping[str, float]

    def rule(self) -> Rule:
        """Refuse rows in a currency that has no rate."""
        foreign = (self.currency != self.shop_currency) & self.currency.notin([*self.rates, ""])
        return Rule(foreign, ibis.literal("currency ").concat(self.currency, " without a rate"))

    def converted(self, amount: ir.Value) -> ir.Value:
        """Return an amount in the shop's currency, rounded to four decimals."""
        if not self.rates:
            return amount
        rate = ibis.cases(*((self.currency == code, rate) for code, rate in self.rates.items()), else_=1.0)
        return ibis.ifelse(rate == 1.0, amount, decimal(amount.cast("float64") * rate))


def money(table: ir.Table, spec: RecordSpec, shop_currency: str) -> Money:
    """Read which currency each row's amounts are in."""
    rates = {code.upper(): rate for code, rate in spec.rates.items() if code.upper() != shop_currency}
    return Money(code_of(table, shop_currency), shop_currency, rates)


def code_of(table: ir.Table, otherwise: str) -> ir.StringValue:
    """Return each row's currency code: its own, the source's, or the one given."""
    return ibis.coalesce(table["currency"].upper(), table["_home_currency"], ibis.literal(otherwise))


def shop_currency(levels: Mapping[Level, Landed], spec: RecordSpec, engine: DuckEngine) -> str:
    """Return the spec's currency, else the one most rows are in, else XXX (ISO 4217: none known)."""
    if spec.currency:
        return spec.currency.upper()
    codes = [code_of(levels[level].table, NO_CURRENCY) for level in ("order", "line", "event") if level in levels]
    counts: dict[str, int] = {}
    for code in codes:
        for row in engine.rows(code.name("code").as_table().group_by("code").agg(n=lambda t: t.count())):
            counts[str(row["code"])] = counts.get(str(row["code"]), 0) + int(str(row["n"]))
    named = {code: n for code, n in counts.items() if code != NO_CURRENCY}
    return max(sorted(named), key=lambda code: named[code]) if named else NO_CURRENCY


def decimal(number: ir.Value) -> ir.Value:
    """Return a number as DECIMAL(18, 4), rounded; beyond its range, and NaN, become empty."""
    if number.type().is_floating():
        return number.try_cast(_MONEY)
    # Sums and differences are wider in the engine than their type says here; this narrows them again.
    return number.try_cast("decimal(38, 4)").try_cast(_MONEY)


def product(units: ir.Value, price: ir.Value) -> ir.Value:
    """Multiply units by a price and round to DECIMAL(18, 4): exact for whole units and amounts below 1e11."""
    return decimal(units.cast("float64") * price.cast("float64"))
