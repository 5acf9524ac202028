"""One block's register: what the shop wrote down about people rather than purchases, as Arrow tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.simulation.exports import COUNTRIES, Names
from patron.simulation.methods import cells, marketing, people, purchases
from patron.simulation.methods.arrays import NEVER, IntArray
from patron.simulation.methods.calendar import DAY_S
from patron.simulation.population import Careers, Population
from patron.simulation.scene import Scene

_CITIES = ("Hamburg", "Munich", "Leipzig", "Cologne", "Vienna", "Rotterdam")
_FIRST_NAMES = (
    "Ada",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gia",
    "Hugo",
    "Ida",
    "Jon",
    "Kim",
    "Leo",
    "Mia",
    "Noa",
    "Ole",
    "Pia",
)
_LAST_NAMES = (
    "Abel",
    "Brandt",
    "Conrad",
    "Dietz",
    "Ernst",
    "Falk",
    "Graf",
    "Hahn",
    "Imhof",
    "Jost",
    "Koch",
    "Lang",
    "Moser",
)


def touches(scene: Scene, lives: Careers, known: Names, past: purchases.Orders) -> pa.Table:
    """Write the campaigns' contacts, with the first order within the window as the conversion in either arm."""
    sent = lives.touches
    alive = sent.sent_s < lives.left_s[sent.customer]
    opened_s, clicked_s = marketing.responses(scene.stream("responses", known.block), sent, alive)
    window_s = scene.spec.marketing.touch_window_days * DAY_S
    order = purchases.first_within(past, sent.customer, sent.sent_s, window_s)
    converted_s = (
        np.where(order >= 0, past.placed_s[np.maximum(order, 0)], NEVER) if len(past) else clicked_s * 0 + NEVER
    )
    arms = ("treatment", "holdout")
    return pa.table(
        {
            "touch_id": known.ids("T", np.arange(len(sent.customer), dtype=np.int64)),
            "customer_id": cells.words(sent.customer, known.customers),
            "campaign_id": cells.words(sent.campaign, [f"CMP{n + 1:03d}" for n in range(len(scene.campaign_s))]),
            "action": cells.words(np.zeros_like(sent.campaign), ("newsletter",)),
            "channel": cells.words(np.zeros_like(sent.campaign), ("email",)),
            "arm": cells.words(sent.arm, arms),
            "propensity": cells.reals(sent.propensity),
            "sent_at": cells.instants(sent.sent_s),
            "opened_at": cells.instants(_before(opened_s, scene.as_of_s)),
            "clicked_at": cells.instants(_before(clicked_s, scene.as_of_s)),
            "converted_at": cells.instants(converted_s),
            "cost": cells.money(np.where(sent.arm == marketing.TREATMENT, marketing.COST_CENTS, 0)),
        }
    )


def _before(instant_s: IntArray, as_of_s: int) -> IntArray:
    return np.where(instant_s < as_of_s, instant_s, NEVER)


def links(folk: Population, known: Names) -> pa.Table:
    """Write referrals and households."""
    referred = np.flatnonzero(folk.referrer >= 0)
    one, other = folk.households
    start = np.concatenate([folk.referrer[referred], one])
    end = np.concatenate([referred, other])
    return pa.table(
        {
            "from_customer": cells.words(start, known.customers),
            "to_customer": cells.words(end, known.customers),
            "kind": cells.words(np.repeat([0, 1], [len(referred), len(one)]), ("referral", "household")),
            "since": cells.instants(np.maximum(folk.created_s[end], folk.created_s[start])),
        }
    )


def customers(folk: Population, known: Names) -> pa.Table:
    """Write the customers' attributes."""
    seen, everyone = folk.attributes, np.arange(len(folk), dtype=np.int64)
    consents = ("consent_email", "consent_sms", "consent_ads", "consent_profiling")
    return pa.table(
        {
            "customer_id": cells.words(everyone, known.customers),
            "created_at": cells.instants(folk.created_s),
            "birth_year": cells.wholes(seen.birth_year),
            "gender": cells.words(seen.gender, people.GENDERS),
            "region": cells.words(seen.region, people.REGIONS),
            "city": cells.words(seen.region, _CITIES),
            "country": cells.words(seen.region, COUNTRIES),
            "channel": cells.words(seen.channel, people.CHANNELS),
            **{name: cells.flags(seen.consents[:, column]) for column, name in enumerate(consents)},
        }
    )


def contacts(folk: Population, known: Names) -> pa.Table:
    """Write made-up people: addresses at example.com (RFC 2606), telephone numbers kept free for drama (Ofcom)."""
    number = folk.numbers
    ids = cells.numbered("C", number, 8)
    domain = pa.array(["@example.com"] * len(folk))
    return pa.table(
        {
            "customer_id": cells.words(number - number[0], known.customers),
            "external_id": ids,
            "email": pc.binary_join_element_wise(pc.utf8_lower(ids), domain, ""),
            "phone": cells.numbered("+447700900", number * 7919 % 1000, 3),
            "first_name": cells.words(number * 31 % len(_FIRST_NAMES), _FIRST_NAMES),
            "last_name": cells.words(number * 17 % len(_LAST_NAMES), _LAST_NAMES),
        }
    )
