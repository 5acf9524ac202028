"""The knobs of the records room: how a shop's exports are read and cleaned, and what a source profile may say."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from patron.ground.currencies import currency as checked_currency
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import InputError


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(_Frozen):
    """Rows whose `column` matches the regular expression `matches`."""

    column: str
    matches: str


class Layout(_Frozen):
    """One kind of file of a source: how to recognise it and what its columns mean."""

    name: str
    level: Literal[
        "line", "order", "return", "event", "customer", "identity", "product", "review", "touch", "link", "signal"
    ]
    require: tuple[tuple[str, ...], ...] = Field(description="Each inner list: at least one of these headers is there.")
    forbid: tuple[str, ...] = Field((), description="Headers that rule this layout out.")
    header: StrictBool = Field(True, description="False: the file has no header row; `names` gives its columns.")
    names: tuple[str, ...] = ()
    delimiter: str = Field("", description="Empty: detected.")
    columns: dict[str, tuple[str, ...]] = Field(
        description="Canonical column: accepted headers, best first; row by row the first that is filled counts. "
        "JSON columns pack every header listed."
    )
    also: tuple[str, ...] = Field((), description="Headers of the real export that are known but not used.")
    looks: dict[str, str] = Field(
        {}, description="Header: regular expression its cells match; tells sources with equal headers apart."
    )
    fill_down: tuple[str, ...] = Field(
        (), description="Canonical columns written on the first row of an order only, repeated on its other rows."
    )
    constants: dict[str, str] = Field({}, description="Canonical column: one value for every row.")
    values: dict[str, dict[str, tuple[str, ...]]] = Field(
        {}, description="Canonical column: canonical value: what the source writes ('*' for anything else)."
    )
    time_formats: tuple[str, ...] = Field((), description="strptime formats tried in order before ISO 8601.")
    epoch: Literal["", "s", "ms", "us"] = Field("", description="Times are numbers since 1970 in this unit.")
    cancellations: tuple[Pattern, ...] = Field((), description="Rows that undo an earlier order.")
    non_products: tuple[Pattern, ...] = Field((), description="Rows that are postage, fees, samples, corrections.")
    tests: tuple[Pattern, ...] = Field((), description="Rows of test orders.")
    missing: tuple[str, ...] = Field(
        ("",), description="Texts that mean 'no value', such as '0' for guests; numbers are never compared with them."
    )
    orders_from: Literal["", "order_id", "session_id", "day", "instant"] = Field(
        "", description="Event files only: what groups purchase events into orders."
    )
    keep_duplicates: StrictBool = Field(False, description="Equal rows are real (no order number in the source).")


class SourceProfile(_Frozen):
    """A ready-made mapping from one system's exports to Patron's facts: data, not code."""

    id: str
    title: str
    version: int = 1
    zone: str = Field("", description="Time zone of times written without one; empty: the shop's.")
    currency: str = Field("", description="Currency of amounts written without one; empty: the shop's.")
    tax_included: StrictBool = Field(False, description="Goods amounts include tax.")
    layouts: tuple[Layout, ...]
    traps: tuple[str, ...] = Field((), description="What users of this source should know, shown at import.")
    identity: str = Field("", description="Which column names the person, and how good it is.")
    generic: StrictBool = Field(False, description="General names: gives way to a profile made for one source.")
    ignores: dict[str, tuple[str, ...]] = Field(
        {}, description="Files of this source that hold no facts: name, headers by which they are known."
    )


class RecordSpec(_Frozen):
    """How this shop's records are cleaned."""

    currency: str = Field("", description="ISO code of the shop's currency; empty: what most orders carry.")
    zone: str = Field("UTC", description="IANA time zone in which the shop counts its days.")
    exact_duplicates: Literal["reject", "keep"] = Field("reject", description="Rows equal in every column.")
    near_duplicate_seconds: int = Field(
        0, ge=0, description="Orders of one customer with equal lines placed within so many seconds are one; 0: off."
    )
    outlier_fence: float = Field(
        6.0, gt=0, description="Flag amounts beyond this many robust deviations of log amount from the median."
    )
    earliest: str = Field("1990-01-01", description="Dates before this day are impossible.")
    latest: str = Field(
        "", description="Dates on or after this day are in the future; empty: the day after the import."
    )
    rates: dict[str, float] = Field({}, description="Currency: how much of the shop's currency one unit is worth.")
    one_id_limit: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Refuse when one customer id holds more than this share of the orders; not in a shop of fewer than "
        "200 orders and 20 customers, where one person may.",
    )
    force_identity: StrictBool = Field(False, description="Use the ids even though the identity report refuses them.")

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, code: str) -> str:
        try:
            return checked_currency(code)
        except InputError as error:
            raise ValueError(str(error)) from error

    @field_validator("rates")
    @classmethod
    def _are_currencies(cls, rates: dict[str, float]) -> dict[str, float]:
        try:
            return {checked_currency(code): rate for code, rate in rates.items()}
        except InputError as error:
            raise ValueError(str(error)) from error

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            checked_zone(name)
        except InputError as error:
            raise ValueError(str(error)) from error
        return name
