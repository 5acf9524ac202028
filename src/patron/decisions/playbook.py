"""The playbook: what can be done for a customer, for whom it makes sense, what it costs and what it may bring.

A playbook is a TOML file that people edit. It is checked whole when it is loaded: every name, column, group and
sentence; a slip is answered with the place, what was read, and the likeliest correction.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator

from patron.contracts.cards import ActionCard
from patron.decisions import columns
from patron.decisions.methods.expressions import Condition, Vocabulary, read
from patron.decisions.methods.sentences import Template, read_template
from patron.ground.errors import PlanError

SHIPPED = "playbook.toml"
NO_ACTION = "none"

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Probability = Annotated[float, Field(ge=-1.0, le=1.0)]


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Uplift(_Page):
    """The extra probability of an order within the measurement window, and where that number comes from."""

    mean: Probability = Field(description="Best guess; 0.01 is one more customer in a hundred who orders.")
    lower: Probability = Field(description="Lower end of the 80 % interval.")
    upper: Probability = Field(description="Upper end of the 80 % interval.")
    source: Words = Field("assumed", description="'assumed', or the test that measured it.")

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if not self.lower <= self.mean <= self.upper:
            raise ValueError(f"needs lower <= mean <= upper, got {self.lower}, {self.mean}, {self.upper}")
        return self


class Fact(_Page):
    """One piece of evidence in a reason; said only of customers for whom `when` holds and every field is known."""

    when: str = Field("", description="Condition; empty: always.")
    en: Words = Field(description="English, such as 'last {days_since_last_order:0} days ago'.")
    zh: Words = Field(description="Chinese.")


class Action(_Page):
    """One thing that can be done for one customer."""

    key: Key = Field(description="Stable name, in files and tables.")
    title_en: Words = Field(description="What people call it.")
    title_zh: Words = Field(description="The same in Chinese.")
    objective: Literal["first_order", "next_order", "more_value", "return", "advocacy", "trust", "saving"] = Field(
        description="What it is for."
    )
    priority: int = Field(ge=0, description="Who comes first where money cannot decide; 0 is first, no two alike.")
    takes_precedence: StrictBool = Field(
        False, description="Nobody for whom this makes sense is given anything else: no sale before an apology."
    )
    eligible: Words = Field(description="Condition: for whom it makes sense (not: who is likely to respond).")
    needs: tuple[str, ...] = Field((), description="Columns without which the shop cannot do it at all.")
    channel: Key = Field(description="email, sms, phone, push, letter, ads, or no_contact.")
    offer_en: Words = Field(description="What the customer gets.")
    offer_zh: Words = Field(description="The same in Chinese.")
    cost_per_contact: float = Field(0.0, ge=0.0, description="Money per contacted customer.")
    offer_cost: float = Field(0.0, ge=0.0, description="Money per order that the offer is used on, on average.")
    offer_cost_share: float = Field(0.0, ge=0.0, lt=1.0, description="The same as a share of the order's net revenue.")
    offer_applies_to: Literal["every_order", "extra_order"] = Field(
        "every_order", description="Whether customers who would have ordered anyway use the offer too."
    )
    saving: float = Field(0.0, ge=0.0, description="Money not spent on this customer because of the action.")
    uplift: Uplift = Field(description="What it may bring.")
    owner: Words = Field(description="Who does it.")
    measurement_days: int = Field(ge=1, le=730, description="Orders count as a result for this many days.")
    because_en: Words = Field(description="First half of the reason.")
    because_zh: Words = Field(description="The same in Chinese.")
    facts: tuple[str, ...] = Field((), description="Names of [facts] that follow it.")


class Playbook(_Page):
    """A whole playbook; making one checks every condition and sentence in it.

    Raises:
        PlanError: a condition or sentence does not parse, or names something unknown.
    """

    name: Words = Field("playbook", description="How messages call it.")
    version: int = Field(ge=1, description="Raise it when the meaning of an action changes.")
    own_columns: Mapping[str, Literal["number", "text"]] = Field(
        default_factory=dict, description="Columns of this shop's own that rules may read, such as signals."
    )
    groups: Mapping[str, tuple[str, ...]] = Field(default_factory=dict, description="Named lists, for 'in'.")
    facts: Mapping[str, Fact] = Field(default_factory=dict, description="Evidence that reasons may give.")
    actions: tuple[Action, ...] = Field(min_length=1, description="What can be done.")

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for what in ("key", "priority"):
            said = [str(getattr(action, what)) for action in self.actions]
            twice = sorted({one for one in said if said.count(one) > 1})
            if twice:
                raise PlanError(f"{self.name}: two actions share the {what} {twice[0]!r}.\nNext: change one of them.")
        if any(action.key == NO_ACTION for action in self.actions):
            raise PlanError(f"{self.name}: {NO_ACTION!r} means that nothing is done; an action needs another key.")
        for action in self.actions:
            self._check_names(f"{self.name}, action {action.key!r}, facts", action.facts, self.facts)
            self._check_names(f"{self.name}, action {action.key!r}, needs", action.needs, self.vocabulary.kinds)
        self.conditions()
        for name in self.facts:
            self.fact(name)
        return self

    @property
    def vocabulary(self) -> Vocabulary:
        """What conditions may speak of."""
        return Vocabulary({**columns.published(), **self.own_columns}, self.groups, columns.CHOICES)

    @property
    def cards(self) -> tuple[ActionCard, ...]:
        """How reports name the actions; `cost` is per contact, before any offer, in the playbook's money."""
        return tuple(
            ActionCard(a.key, a.title_en, a.title_zh, a.channel, a.offer_en, a.offer_zh, a.cost_per_contact, a.owner)
            for a in self.actions
        )

    @property
    def columns_read(self) -> frozenset[str]:
        """Every column that its rules and reasons read; a customer table may lack any of them."""
        rules = [condition.columns for condition in self.conditions()]
        facts = [self.fact(name) for name in self.facts]
        said = [
            template.columns | (when.columns if when else frozenset()) for when, *both in facts for template in both
        ]
        return frozenset().union(*rules, *said, *(action.needs for action in self.actions))

    def conditions(self) -> tuple[Condition, ...]:
        """Return the eligibility of every action, in their order."""
        known = self.vocabulary
        return tuple(
            read(action.eligible, known, where=f"{self.name}, action {action.key!r}, eligible")
            for action in self.actions
        )

    def fact(self, name: str) -> tuple[Condition | None, Template, Template]:
        """Return a fact's condition (None: always) and its English and Chinese templates."""
        said, where = self.facts[name], f"{self.name}, fact {name!r}"
        known = self.vocabulary
        templates = [read_template(text, where=where) for text in (said.en, said.zh)]
        for template in templates:
            self._check_names(where, template.columns, known.kinds)
            for field in template.fields:
                if (known.kinds[field.column] == "number") != bool(field.shape):
                    raise PlanError(
                        f"{where}: {field.column!r} is a {known.kinds[field.column]}.\n"
                        "Next: give a number its decimals, as in {column:0}, and a text none."
                    )
        return (read(said.when, known, where=where) if said.when else None, templates[0], templates[1])

    @staticmethod
    def _check_names(where: str, names: Iterable[str], known: Iterable[str]) -> None:
        there = list(known)
        for name in names:
            if name not in there:
                near = get_close_matches(name, there, n=1)
                guess = f" Did you mean {near[0]!r}?" if near else ""
                raise PlanError(f"{where}: {name!r} is not known.{guess}\nNext: correct the name, or declare it.")


def load(path: Path | None = None) -> Playbook:
    """Read a playbook, or the one that comes with Patron.

    Raises:
        PlanError: it is not there, not TOML, lacks a key, has an unknown one, or contradicts itself; the message
            names the place and the likeliest correction.

    >>> load().actions[0].key
    'service_recovery'
    """
    where = str(path) if path else "the shipped playbook"
    try:
        text = path.read_text("utf-8") if path else (resources.files(__package__) / SHIPPED).read_text("utf-8")
        said = tomllib.loads(text)
    except FileNotFoundError as error:
        raise PlanError(f"Playbook {where} is not there.\nNext: correct `playbook` under [decisions].") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"Playbook {where} cannot be read as TOML: {error}.") from error
    return parse(said, name=path.name if path else SHIPPED)


def parse(said: Mapping[str, Any], *, name: str) -> Playbook:
    """Turn a playbook's TOML into a checked playbook; `name` is how messages call it.

    Raises:
        PlanError: as `load`.
    """
    try:
        return Playbook.model_validate({"name": name, **said})
    except ValidationError as error:
        lines = [
            _complaint(said, found["loc"], found["input"], found["msg"], found["type"]) for found in error.errors()
        ]
        raise PlanError("\n".join([f"{name} says what Patron does not understand:", *lines])) from error


def _complaint(said: Mapping[str, Any], loc: tuple[int | str, ...], got: object, message: str, kind: str) -> str:
    path, guess = [str(step) for step in loc], ""
    if len(loc) > 1 and loc[0] == "actions" and isinstance(loc[1], int):
        path[:2] = [f"action {said['actions'][loc[1]].get('key', loc[1] + 1)!r}"]
    if kind == "extra_forbidden":
        owner: type[BaseModel] = {1: Playbook, 3: Fact if loc[0] == "facts" else Action}.get(len(loc), Uplift)
        near = get_close_matches(str(loc[-1]), list(owner.model_fields), n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
    shown = "" if kind == "missing" else f"got {got!r}; "
    return f"  {', '.join(path)}: {shown}{message}.{guess}"
