"""Why each customer gets what they get, in English and in Chinese, written for everyone at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.decisions.customers import Customers
from patron.decisions.methods.sentences import joined, only_where
from patron.decisions.playbook import Action, Playbook

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

NOTHING_FITS, DOES_NOT_PAY, TOO_LITTLE, BUDGET_SPENT = range(4)
_NONE_EN = (
    "No action in the playbook makes sense for this customer now.",
    "No action is expected to bring more than it costs.",
    "What an action is expected to bring is too little for its cost.",
    "The budget brings more elsewhere.",
)
_NONE_ZH = (
    "目前没有适合该客户的动作。",
    "没有预期收益高于成本的动作。",
    "动作的预期收益相对成本太小。",
    "预算用于回报更高的客户。",
)
_HELD_OUT = (" Held out to measure the effect.", "（对照组：不触达，用于衡量效果。）")
_LANGUAGES = 2


def write_reasons(
    customers: Customers, playbook: Playbook, action: IntArray, why_none: IntArray, held_out: BoolArray
) -> tuple[pa.Array, pa.Array]:
    """Return one sentence per customer, in English and in Chinese.

    Args:
        customers: who.
        playbook: its actions and facts.
        action: position of each customer's action in the playbook, -1 for none, shape (n_customers,).
        why_none: for those without an action, one of `NOTHING_FITS`, `DOES_NOT_PAY`, `TOO_LITTLE`, `BUDGET_SPENT`.
        held_out: who is held out; said only of those who would have had an action.
    """
    idle = np.flatnonzero(action < 0)
    positions = [idle]
    parts = [[pa.array(words, pa.string()).take(pa.array(why_none[idle]))] for words in (_NONE_EN, _NONE_ZH)]
    for i, one in enumerate(playbook.actions):
        who = np.flatnonzero(action == i)
        if not who.size:
            continue
        positions.append(who)
        for language, sentences in enumerate(_sentences(customers, playbook, one, who)):
            suffix = pc.if_else(pa.array(held_out[who]), _HELD_OUT[language], "")
            parts[language].append(pc.binary_join_element_wise(sentences, suffix, ""))
    back = pa.array(np.argsort(np.concatenate(positions), kind="stable"))
    english, chinese = (pa.chunked_array(part, pa.string()).take(back).combine_chunks() for part in parts)
    return english, chinese


def _sentences(customers: Customers, playbook: Playbook, action: Action, who: IntArray) -> tuple[pa.Array, pa.Array]:
    clauses: list[list[pa.Array]] = [[], []]
    for name in action.facts:
        when, *templates = playbook.fact(name)
        read = frozenset().union(*(template.columns for template in templates), when.columns if when else ())
        columns = customers.rows(who, read)
        for said, template in zip(clauses, templates, strict=True):
            text = template.fill(columns, who.size)
            said.append(only_where(text, when.holds(columns, who.size)) if when else text)
    return (
        _told(action.because_en, clauses[0], (": ", "; ", "."), who.size),
        _told(action.because_zh, clauses[1], ("：", "，", "。"), who.size),
    )


def _told(because: str, clauses: list[pa.Array], marks: tuple[str, str, str], row_count: int) -> pa.Array:
    colon, comma, stop = marks
    head = pa.repeat(because, row_count)
    if not clauses:
        return pc.binary_join_element_wise(head, stop, "")
    facts = joined(clauses, comma)
    link = pc.if_else(pc.equal(facts, ""), "", colon)
    return pc.binary_join_element_wise(head, link, facts, stop, "")
