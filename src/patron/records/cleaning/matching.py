"""Matching: which earlier order a return undoes, and what the orders are worth once returns are counted.

Works on facts, so that a return can find its order in this import or in one that came before or after.
A return goes to the customer's latest order, not after it, that holds the product in exactly the quantity returned;
else to the latest with enough left. No order gives back more of a product than it sold.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.records.cleaning.context import looked_up, without
from patron.records.cleaning.currencies import decimal

_ANY = "\x00whole order"  # stands for the product of returns that name none: they are matched by amount
_SLACK = 1e-9
_KEY = ("order_id", "_product")


def matched(returns: ir.Table, orders: ir.Table, lines: ir.Table | None, engine: DuckEngine) -> ir.Table:
    """Return the `returns` facts with `order_id` filled where the order was found."""
    loose = engine.keep(_needs(returns.filter(returns["order_id"].isnull())))
    if not engine.count(loose):
        return returns
    stock = engine.keep(_stock(orders, lines, returns, loose))
    pairs: list[ir.Table] = []
    for is_exact in (True, False):
        while True:
            won = engine.keep(_round(loose, stock, is_exact=is_exact))
            if not engine.count(won):
                break
            pairs.append(won)
            loose = engine.keep(without(loose, won, "return_id"))
            stock = engine.keep(_less(stock, won))
    if not pairs:
        return returns
    found = ibis.union(*pairs) if len(pairs) > 1 else pairs[0]
    table = looked_up(returns, found.select("return_id", _found="order_id"), "return_id")
    return engine.keep(table.mutate(order_id=ibis.coalesce(table["order_id"], table["_found"])).drop("_found"))


def applied_to_orders(orders: ir.Table, returns: ir.Table) -> ir.Table:
    """Return the orders with refunded amount and net revenue after these returns.

    Margin stays as it was on the order's day: lowering it would tell earlier dates of later returns.
    """
    sums = returns.group_by("order_id").agg(_refunded=decimal(returns["amount"].sum()))
    table = looked_up(orders, sums, "order_id")
    zero = ibis.literal(0).cast("decimal(18, 4)")
    refunded = ibis.ifelse(table["order_revenue"].isnull(), table["_refunded"], ibis.coalesce(table["_refunded"], zero))
    net = decimal(table["order_revenue"] - ibis.coalesce(table["_refunded"], zero))
    return table.mutate(refunded_amount=refunded, net_revenue=net).select(*orders.columns)


def applied_to_lines(lines: ir.Table, returns: ir.Table) -> ir.Table:
    """Return the order lines with the units returned so far, first lines of a product first."""
    back = returns.filter(returns["order_id"].notnull() & returns["product_id"].notnull())
    sums = back.group_by("order_id", "product_id").agg(_back=back["quantity"].sum())
    whole = returns.filter(returns["order_id"].notnull() & returns["product_id"].isnull())
    everything = _whole_orders(lines, whole)
    keyed = sums.rename(_order="order_id", _item="product_id")
    found = lines.inner_join(keyed, [lines["order_id"] == keyed["_order"], lines["product_id"] == keyed["_item"]])
    before = (
        found["quantity"].cumsum().over(ibis.cumulative_window(group_by=["order_id", "product_id"], order_by="line_no"))
    )
    left = found["_back"] - (before - found["quantity"])
    part = found.select(_o="order_id", _l="line_no", _part=ibis.least(ibis.greatest(left, 0.0), found["quantity"]))
    table = lines.left_join(part, [lines["order_id"] == part["_o"], lines["line_no"] == part["_l"]]).drop("_o", "_l")
    table = looked_up(table, everything, "order_id")
    units = ibis.ifelse(table["_is_whole"].notnull(), table["quantity"], ibis.coalesce(table["_part"], 0.0))
    return table.mutate(returned_quantity=units).select(*lines.columns)


def _whole_orders(lines: ir.Table, returns: ir.Table) -> ir.Table:
    """Return the orders of which, naming no product, as many units came back as there were."""
    back = returns.group_by("order_id").agg(_back=returns["quantity"].sum())
    own = lines.semi_join(back, "order_id")
    both = looked_up(own.group_by("order_id").agg(_sold=own["quantity"].sum()), back, "order_id")
    return both.filter(both["_back"] >= both["_sold"] - _SLACK).select("order_id", _is_whole=ibis.literal(True))


def _needs(returns: ir.Table) -> ir.Table:
    """Read what each loose return looks for: units of a product or, naming none, an amount of money."""
    need = ibis.ifelse(returns["product_id"].isnull(), returns["amount"].cast("float64"), returns["quantity"])
    needs = returns.select(
        "return_id",
        "customer_id",
        "returned_at",
        _product=ibis.coalesce(returns["product_id"], _ANY),
        _need=need,
    )
    return needs.filter(needs["_need"] > 0)


def _stock(orders: ir.Table, lines: ir.Table | None, returns: ir.Table, loose: ir.Table) -> ir.Table:
    """Add up what each order of the customers concerned still holds of the products concerned."""
    bought = orders.filter((orders["status"] == "paid") & (orders["order_revenue"] > 0))
    money = bought.select(
        "order_id",
        "customer_id",
        "ordered_at",
        _product=ibis.literal(_ANY),
        _left=bought["order_revenue"].cast("float64"),
    )
    sold = money if lines is None else ibis.union(money, _units(lines))
    wanted = sold.semi_join(loose, ["customer_id", "_product"])
    gone = returns.filter(returns["order_id"].notnull())
    taken = gone.select(
        "order_id",
        _product=ibis.coalesce(gone["product_id"], _ANY),
        _taken=ibis.ifelse(gone["product_id"].isnull(), gone["amount"].cast("float64"), gone["quantity"]),
    )
    return _less(wanted, taken.rename(_need="_taken"))


def _units(lines: ir.Table) -> ir.Table:
    paid = lines.filter(lines["status"] == "paid")
    sums = paid.group_by("order_id", "customer_id", "ordered_at", _product=paid["product_id"]).agg(
        _left=paid["quantity"].sum()
    )
    return sums.select("order_id", "customer_id", "ordered_at", "_product", "_left")


def _less(stock: ir.Table, taken: ir.Table) -> ir.Table:
    sums = taken.group_by(_o=taken["order_id"], _p=taken["_product"]).agg(_t=taken["_need"].sum())
    both = stock.left_join(sums, [stock["order_id"] == sums["_o"], stock["_product"] == sums["_p"]])
    left = both.mutate(_left=both["_left"] - ibis.coalesce(both["_t"], 0.0)).drop("_o", "_p", "_t")
    return left.filter(left["_left"] > _SLACK)


def _round(loose: ir.Table, stock: ir.Table, *, is_exact: bool) -> ir.Table:
    """Let every loose return choose its order, and every order accept, in time, what it still holds."""
    pairs = loose.inner_join(stock, ["customer_id", "_product"])
    fits = (pairs["_left"] - pairs["_need"]).abs() <= _SLACK if is_exact else pairs["_left"] >= pairs["_need"] - _SLACK
    open_ = pairs.filter((pairs["ordered_at"] <= pairs["returned_at"]) & fits)
    rank = ibis.row_number().over(group_by="return_id", order_by=[open_["ordered_at"].desc(), open_["order_id"].desc()])
    chosen = open_.mutate(_rank=rank)
    chosen = chosen.filter(chosen["_rank"] == 0)
    total = (
        chosen["_need"]
        .cumsum()
        .over(ibis.cumulative_window(group_by=list(_KEY), order_by=[chosen["returned_at"], chosen["return_id"]]))
    )
    claimed = chosen.mutate(_claimed=total)
    return claimed.filter(claimed["_claimed"] <= claimed["_left"] + _SLACK).select(
        "return_id", "order_id", "_product", "_need"
    )


def settled(orders: ir.Table, lines: ir.Table | None, returns: ir.Table, engine: DuckEngine) -> dict[str, ir.Table]:
    """Return orders, lines and returns after every return has looked for its order and been counted there."""
    back = matched(returns, orders, lines, engine)
    facts = {"orders": engine.keep(applied_to_orders(orders, back)), "returns": back}
    if lines is not None:
        facts["order_lines"] = applied_to_lines(lines, back)
    return facts
