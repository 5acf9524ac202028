"""One block's exports: the arrays of the world as Arrow tables in Patron's canonical names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron.simulation.methods import browsing, catalogue, cells, dirt, reviews
from patron.simulation.methods.arrays import ABSENT, IntArray
from patron.simulation.population import Population
from patron.simulation.sales import ORDER_CHANNELS, Sales
from patron.simulation.scene import Scene

_ID_SPAN = 100_000_000  # room for the rows of one block
COUNTRIES = ("DE", "DE", "DE", "DE", "AT", "NL")  # by region
_TOP_CATEGORIES = tuple(path.split(" / ")[0] for path in catalogue.CATEGORIES)
_EVENT_DIRT: dict[str, dict[str, int]] = {
    "duplicate_event": {},
    "unknown_event_type": {"type": browsing.UNKNOWN},
    "nobodys_event": {"customer": ABSENT, "device_id": ABSENT},
}


@dataclass(frozen=True, slots=True)
class Names:
    """The texts that codes of one block stand for."""

    block: int
    customers: pa.Array  # ids, then the test account and the wholesaler
    products: pa.Array

    def ids(self, prefix: str, numbers: IntArray) -> pa.Array:
        """Name rows of the block uniquely in the world."""
        return cells.numbered(prefix, self.block * _ID_SPAN + numbers, 12)


def names(scene: Scene, folk: Population) -> Names:
    """Name the block's customers and the products."""
    own = cells.numbered("C", folk.numbers, 8)
    others = pa.array([f"TEST{folk.block:04d}", f"WHOLESALE{folk.block:04d}"])
    return Names(folk.block, pa.concat_arrays([own, others]), scene.product_ids)


def order_columns(sales: Sales) -> dirt.Columns:
    """Return the block's true orders as plain columns."""
    lines, size = sales.lines, len(sales.orders)
    return {
        "number": np.arange(size, dtype=np.int64),
        "customer": sales.orders.customer,
        "placed_s": sales.orders.placed_s,
        "status": np.zeros(size, np.int64),
        "currency": np.zeros(size, np.int64),
        "gross_cents": sales.per_order(lines.quantity * lines.unit_price_cents),
        "discount_cents": sales.per_order(lines.discount_cents),
        "shipping_cents": sales.shipping_cents(),
        "tax_cents": sales.tax_cents(),
        "channel": sales.channel,
        "coupon": np.where(sales.has_coupon, 0, ABSENT),
    }


def line_columns(sales: Sales) -> dirt.Columns:
    """Return the block's true lines as plain columns."""
    lines = sales.lines
    return {name: getattr(lines, name) for name in lines.__slots__}


def orders(columns: dirt.Columns, known: Names, folk: Population, currency: str) -> pa.Table:
    """Write orders."""
    region = np.append(folk.attributes.region, [0, 0])[columns["customer"]]
    return pa.table(
        {
            "order_id": known.ids("O", columns["number"]),
            "customer_id": cells.words(columns["customer"], known.customers),
            "ordered_at": cells.instants(columns["placed_s"]),
            "status": cells.words(columns["status"], dirt.STATUSES),
            "currency": cells.words(columns["currency"], _currencies(currency)),
            "gross_amount": cells.money(columns["gross_cents"]),
            "discount_amount": cells.money(columns["discount_cents"]),
            "shipping_amount": cells.money(columns["shipping_cents"]),
            "tax_amount": cells.money(columns["tax_cents"]),
            "channel": cells.words(columns["channel"], ORDER_CHANNELS),
            "coupon": cells.words(columns["coupon"], ("SAVE10",)),
            "country": cells.words(region, COUNTRIES),
        }
    )


def order_lines(lines: dirt.Columns, of: dirt.Columns, known: Names, currency: str) -> pa.Table:
    """Write order lines; `of` are the orders, whose row is the line's `order`."""
    row = lines["order"]
    return pa.table(
        {
            "order_id": cells.words(of["number"][row], known.ids("O", np.arange(of["number"].max(initial=-1) + 1))),
            "line_no": cells.wholes(lines["line_no"]),
            "customer_id": cells.words(of["customer"][row], known.customers),
            "ordered_at": cells.instants(of["placed_s"][row]),
            "product_id": cells.words(lines["product"], known.products),
            "quantity": cells.reals(lines["quantity"]),
            "unit_price": cells.money(lines["unit_price_cents"]),
            "line_discount": cells.money(lines["discount_cents"]),
            "status": cells.words(of["status"][row], dirt.STATUSES),
            "currency": cells.words(of["currency"][row], _currencies(currency)),
        }
    )


def spelled_out(table: pa.Table) -> pa.Table:
    """Return a small table with words instead of codes, so that it need not carry the whole block's vocabulary."""
    texts = [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(texts))


def _currencies(currency: str) -> tuple[str, str]:
    return currency, "USD" if currency != "USD" else "EUR"


def returns(scene: Scene, sales: Sales, known: Names) -> tuple[pa.Table, dict[str, int]]:
    """Write the returns known before as_of, and those of orders that nobody can find."""
    back = sales.returns
    seen = back.returned_s < scene.as_of_s
    line = back.line[seen]
    columns = {
        "number": np.arange(len(line), dtype=np.int64),
        "order": sales.lines.order[line],
        "customer": sales.line_customer[line],
        "product": sales.lines.product[line],
        "quantity": back.quantity[seen],
        "amount_cents": back.amount_cents[seen],
        "returned_s": back.returned_s[seen],
    }
    orphan = {"orphan_return": {"order": _ID_SPAN - 1}}
    draw = scene.stream("return dirt", known.block)
    columns, counts = dirt.soil_rows(draw, columns, "number", orphan, scene.spec.dirt_shares)
    table = {
        "return_id": known.ids("R", columns["number"]),
        "order_id": known.ids("O", columns["order"]),
        "customer_id": cells.words(columns["customer"], known.customers),
        "product_id": cells.words(columns["product"], known.products),
        "quantity": cells.reals(columns["quantity"]),
        "amount": cells.money(columns["amount_cents"]),
        "returned_at": cells.instants(columns["returned_s"]),
    }
    return pa.table(table), counts


def events(scene: Scene, happened: browsing.Events, known: Names) -> tuple[pa.Table, dict[str, int]]:
    """Write what was seen on the site before as_of."""
    columns = {name: getattr(happened, name) for name in happened.__slots__}
    seen = columns["occurred_s"] < scene.as_of_s
    columns = {name: values[seen] for name, values in columns.items()}
    columns["number"] = np.arange(int(seen.sum()), dtype=np.int64)
    columns["device_id"] = columns["customer"]
    columns["customer"] = np.where(columns.pop("anonymous") == 1, ABSENT, columns["customer"])
    draw = scene.stream("event dirt", known.block)
    columns, counts = dirt.soil_rows(draw, columns, "number", _EVENT_DIRT, scene.spec.dirt_shares)
    return _events(scene, columns, known), counts


def _events(scene: Scene, columns: dirt.Columns, known: Names) -> pa.Table:
    product = columns["product"]
    priced = product != ABSENT
    price = scene.catalogue.list_price_cents[np.where(priced, product, 0)]
    visits = int(columns["session"].max(initial=-1)) + 1
    devices = cells.numbered("A", (known.block * 65_536 + np.arange(len(known.customers))) * 48_271 % 2**40, 13)
    return pa.table(
        {
            "event_id": known.ids("E", columns["number"]),
            "customer_id": cells.words(columns["customer"], known.customers),
            "anonymous_id": cells.words(columns["device_id"], devices),
            "occurred_at": cells.instants(columns["occurred_s"]),
            "type": cells.words(columns["type"], browsing.TYPES),
            "session_id": cells.words(columns["session"], known.ids("S", np.arange(visits, dtype=np.int64))),
            "product_id": cells.words(product, known.products),
            "category": cells.words(
                np.where(priced, catalogue.category_of(product), ABSENT),
                _TOP_CATEGORIES,
            ),
            "price": cells.money(price, priced),
            "quantity": cells.reals(columns["quantity"]),
            "device": cells.words(columns["device"], browsing.DEVICES),
            "dwell_seconds": cells.reals(columns["dwell_seconds"]),
            "properties": cells.words(columns["query"], [f'{{"query":"{word}"}}' for word in browsing.QUERIES]),
        }
    )


def reviewed(scene: Scene, sales: Sales, known: Names) -> pa.Table:
    """Write the reviews made before as_of."""
    draw = scene.stream("reviews", known.block)
    made = reviews.draw(draw, sales.lines.product, scene.catalogue.quality, sales.line_placed_s)
    seen = made.reviewed_s < scene.as_of_s
    line = made.line[seen]
    return pa.table(
        {
            "review_id": known.ids("V", np.arange(len(line), dtype=np.int64)),
            "customer_id": cells.words(sales.line_customer[line], known.customers),
            "product_id": cells.words(sales.lines.product[line], known.products),
            "rating": cells.reals(made.rating[seen]),
            "text": cells.words(made.rating[seen] - 1, reviews.TEXTS),
            "reviewed_at": cells.instants(made.reviewed_s[seen]),
        }
    )


def products(scene: Scene) -> pa.Table:
    """Write the catalogue."""
    goods = scene.catalogue
    count = len(goods)
    category = catalogue.category_of(np.arange(count, dtype=np.int64))
    return pa.table(
        {
            "product_id": scene.product_ids[:count],
            "title": catalogue.titles(count),
            "category": cells.words(category, catalogue.CATEGORIES),
            "brand": catalogue.brand_names(count),
            "list_price": cells.money(goods.list_price_cents),
            "unit_cost": cells.money(goods.unit_cost_cents),
        }
    )
