"""Segments judged where the truth is known: simulated worlds, a public suite, and what judging costs."""
