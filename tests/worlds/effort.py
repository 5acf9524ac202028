"""How hard a slow property test tries."""

from __future__ import annotations

from hypothesis import Phase, settings


def effort(divisor: int) -> settings:
    """Return settings with a part of the profile's examples; a seed does not shrink to anything simpler."""
    most = max(1, settings().max_examples // divisor)
    return settings(max_examples=most, phases=[Phase.explicit, Phase.reuse, Phase.generate])
