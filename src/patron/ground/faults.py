"""Faults of a file that people write: one plain line each, with where, what came, what was expected.

They are read from what a schema's validator lists (type, loc, input, ctx); its own wording never reaches a person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

_MOST_SHOWN = 60
_WANTED: Mapping[str, str] = {
    "int": "a whole number, such as 7",
    "float": "a number, such as 0.5",
    "bool": "true or false",
    "string": 'text in quotes, such as "text"',
    "path": 'a path in quotes, such as "folder/file.toml"',
    "tuple": "a list in square brackets, such as [1, 2]",
    "list": "a list in square brackets, such as [1, 2]",
    "dict": "a section of its own, with keys and values",
    "model": "a section of its own, with keys and values",
    "finite": "a finite number",
    "date": "a day, such as 2025-12-31",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("a number above {}", "gt"),
    "greater_than_equal": ("a number of {} or more", "ge"),
    "less_than": ("a number below {}", "lt"),
    "less_than_equal": ("a number of {} or less", "le"),
    "too_short": ("at least {} in the list", "min_length"),
    "too_long": ("at most {} in the list", "max_length"),
    "string_too_short": ("text of {} letter or more", "min_length"),
    "string_too_long": ("text of at most {} letters", "max_length"),
    "literal_error": ("{}", "expected"),
}


def spoken(model: Any, errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one line for each key that is wrong.

    Args:
        model: the schema's class, with `model_fields`; its keys are what can have been meant.
        errors: what its validator found.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(_spelled(model, error["loc"]), []).append(error)
    precise = {key[: key.rindex("[")] for key in found if key.endswith("]")}  # one entry is wrong, not the list
    return [_line(model, key, same) for key, same in found.items() if key not in precise]


def listed(where: str, lines: Sequence[str], next_step: str) -> str:
    """Return the whole message: one fault stands behind its file, several are listed below it."""
    if len(lines) == 1:
        return f"{where}: {lines[0]}\nNext: {next_step}"
    return "\n".join([f"{where} has {len(lines)} faults:", *(f"- {line}" for line in lines), f"Next: {next_step}"])


def named(said: str, known: Collection[str], expected: str) -> str:
    """Return a name that is known.

    Args:
        said: what stands in the file.
        known: every name that can stand there.
        expected: those names in words, or where they are listed.

    Raises:
        ValueError: it is none of them; the likely one is named.

    >>> named("clasic11", ["classic11", "cn8"], "classic11 or cn8")
    Traceback (most recent call last):
    ...
    ValueError: "clasic11" came; expected classic11 or cn8. Did you mean 'classic11'?
    """
    if said in known:
        return said
    raise ValueError(f"{shown(said)} came; expected {expected}.{_guess(said, known)}")


def shown(value: object) -> str:
    """Write a value as its file spells it, shortened; a table is only called one.

    >>> shown("seven"), shown(True), shown({"a": 1})
    ('"seven"', 'true', 'a section')
    """
    if isinstance(value, Mapping):
        return "a section"
    try:
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False, default=str)
    except ValueError:
        text = str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _line(model: Any, key: str, errors: Sequence[Mapping[str, Any]]) -> str:
    first = errors[0]
    kind = str(first["type"])
    if kind == "extra_forbidden":
        return f"{key}: this key is not known.{_meant(model, first['loc'])}"
    if kind == "missing":
        return f"{key}: this key is missing."
    if kind in {"value_error", "assertion_error"}:
        return f"{key}: {_one_line(str(first.get('ctx', {}).get('error', first.get('msg', ''))))}"
    wanted = " or ".join(dict.fromkeys(_wanted(error) for error in errors))
    return f"{key}: {shown(first['input'])} came; expected {wanted}.{_near_choice(first)}"


def _wanted(error: Mapping[str, Any]) -> str:
    kind, facts = str(error["type"]), error.get("ctx", {})
    if kind in _BOUNDS:
        text, name = _BOUNDS[kind]
        return text.format(facts.get(name, ""))
    return _WANTED.get(kind.split("_", 1)[0], "another kind of value: the comment at the key says which")


def _near_choice(error: Mapping[str, Any]) -> str:
    if error["type"] != "literal_error" or not isinstance(error["input"], str):
        return ""
    choices = [part for part in str(error.get("ctx", {}).get("expected", "")).split("'") if part.strip(" ,or")]
    return _guess(error["input"], choices)


def _meant(model: Any, loc: Sequence[str | int]) -> str:
    said, section = str(loc[-1]), _section(model, loc)
    siblings = tuple(getattr(section, "model_fields", {}))
    near = _guess(said, siblings)
    if near:
        return near
    elsewhere = sorted(path for path in _paths(model) if path.rsplit(".", 1)[-1] == said)
    if elsewhere:
        return f" Did you mean '{elsewhere[0]}'?"
    return f" Known here: {', '.join(siblings)}." if siblings else ""


def _guess(said: str, names: Collection[str]) -> str:
    near = get_close_matches(said, list(names), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _spelled(model: Any, loc: Sequence[str | int]) -> str:
    """Write a place as people do, the first of a list being `sources[1]`, without the branches a validator tried."""
    kept: list[str] = []
    section = model
    for part in loc:
        fields = getattr(section, "model_fields", {})
        if isinstance(part, int) and kept:
            kept[-1] += f"[{part + 1}]"
        elif not _is_branch(part) or fields or not kept:
            kept.append(str(part))
        section = _inside(fields[part].annotation) if part in fields else section if isinstance(part, int) else None
    return ".".join(kept) or "the file"


def _is_branch(part: str | int) -> bool:
    """Whether a step of a place is the validator's own: the name of a type that it tried."""
    return isinstance(part, str) and ("[" in part or part.startswith(("function-", "constrained")))


def _section(model: Any, loc: Sequence[str | int]) -> Any:
    section = model
    for part in loc[:-1]:
        fields = getattr(section, "model_fields", {})
        section = _inside(fields[part].annotation) if part in fields else section
    return section


def _inside(annotation: Any) -> Any:
    """Return the schema within a field's type, where there is one."""
    if hasattr(annotation, "model_fields"):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inside(part)) is not None), None)


def _paths(model: Any) -> Iterator[str]:
    for name, field in getattr(model, "model_fields", {}).items():
        yield name
        section = _inside(field.annotation)
        yield from (f"{name}.{path}" for path in _paths(section))


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines() if line.strip())
