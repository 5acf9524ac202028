"""What shops call things: the words that each column of a level goes by, in English, German, French and Chinese.

A word may mean one thing in a file of orders and another in a file of their lines: "Menge" counts the items of an
order there, and the pieces of one product here.
"""

from __future__ import annotations

from collections.abc import Mapping

from patron.records import sources
from patron.records.headers import fold
from patron.records.spec import SourceProfile
from patron.records.staging import COLUMNS

_Words = tuple[str, ...]

_UNITS = (
    "qty sold", "units sold", "pieces", "pcs", "count", "menge", "anzahl", "stückzahl", "stück", "quantité", "quantite",
    "qté", "qte", "nombre", "cantidad", "数量", "件数", "个数", "购买数量",
)  # fmt: skip
_UNIT_PRICES = (
    "unit price", "price each", "price per unit", "einzelpreis", "stückpreis", "preis", "verkaufspreis",
    "prix unitaire", "prix", "pu", "precio", "precio unitario", "单价", "价格", "售价",
)  # fmt: skip
_NET = (
    "net value", "net amount", "turnover", "spend", "betrag", "umsatz", "netto", "nettobetrag", "importe", "montant",
    "montant ht", "销售金额", "应付金额",
)  # fmt: skip
_TOTALS = (
    "total", "total price", "total value", "paid", "summe", "gesamt", "gesamtpreis", "gesamtbetrag", "brutto",
    "bruttobetrag", "prix total", "montant total", "montant ttc", "总价", "总额", "总金额", "合计", "实付",
)  # fmt: skip
_LINE_TOTALS = (
    "line value", "item total", "row total", "positionssumme", "positionsbetrag", "zeilensumme", "total ligne",
    "montant ligne", "小计", "商品总价",
)  # fmt: skip
_ORDER_TOTALS = (
    "invoice total", "order value", "order amount", "basket total", "bestellsumme", "bestellwert", "auftragssumme",
    "auftragswert", "rechnungsbetrag", "rechnungssumme", "total commande", "total de la commande", "montant commande",
    "montant de la commande", "total facture", "订单总价", "订单总额", "订单总金额",
)  # fmt: skip

_EVERYWHERE: Mapping[str, _Words] = {
    "customer_id": (
        "uid", "cust no", "cust id", "client", "account", "buyer", "member", "kunde", "kundennummer", "kunden nr",
        "kd nr", "cliente", "numéro client", "用户", "客户", "买家", "会员", "顾客", "用户名", "会员名",
    ),
    "order_id": (
        "sales doc", "document no", "receipt", "purchase", "bestellung", "bestellnummer", "bestell nr", "auftrag",
        "auftragsnummer", "rechnung", "rechnungsnummer", "beleg", "pedido", "commande", "numéro commande", "订单",
        "单号", "小票号", "流水号",
    ),
    "product_id": ("iid", "material", "article", "artikel", "produit", "goods", "商品", "货品"),
    "ordered_at": (
        "posting dt", "posting date", "day", "when", "datum", "bestelldatum", "auftragsdatum", "rechnungsdatum",
        "date commande", "fecha", "下单日", "购买日期", "时间",
    ),
    "occurred_at": ("event day", "log time", "日志时间"),
}  # fmt: skip
_AT: Mapping[str, Mapping[str, _Words]] = {
    "order": {"item_count": _UNITS, "goods_amount": _NET, "total_amount": (*_TOTALS, *_ORDER_TOTALS)},
    "line": {
        "quantity": _UNITS,
        "unit_price": _UNIT_PRICES,
        "line_total": (*_NET, *_TOTALS, *_LINE_TOTALS),
        "total_amount": _ORDER_TOTALS,
    },
    "event": {"quantity": _UNITS},
}


def synonyms(level: str) -> dict[str, _Words]:
    """Return every header that any shipped profile reads into each column of the level, and the column's own name."""
    words = {name: [name] for name in COLUMNS[level]}  # type: ignore[index]
    for profile in sources.profiles():
        for layout in profile.layouts:
            if layout.level == level and (profile.generic or not _is_odd(profile)):
                for name, headers in layout.columns.items():
                    words[name] += [header for header in headers if "[" not in header and header != "*"]
    also = {**_EVERYWHERE, **_AT.get(level, {})}
    return {name: tuple(dict.fromkeys([*found, *also.get(name, ())])) for name, found in words.items()}


def targets(said: str, level: str) -> tuple[str, ...]:
    """Return the canonical columns that a word can mean: itself, or those that go by that name.

    >>> targets("Total Amount", "order"), targets("client", "order"), targets("colour", "order")
    (('total_amount',), ('customer_id',), ())
    >>> targets("Menge", "order"), targets("Menge", "line")
    (('item_count',), ('quantity',))
    """
    words = synonyms(level)
    exact = [name for name in words if fold(name) == fold(said)]
    return tuple(exact or [name for name, known in words.items() if fold(said) in map(fold, known)])


def _is_odd(profile: SourceProfile) -> bool:
    """Whether a profile calls things so unusually that its words mislead elsewhere (`Name` for an order number)."""
    return profile.id in {"shopify-orders", "magento", "cdnow"}
