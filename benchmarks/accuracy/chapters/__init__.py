"""The chapters of the page, in their order."""

from benchmarks.accuracy.chapters import coverage, protocols, shops

CHAPTERS = (protocols.chapter, shops.chapter, coverage.chapter)

__all__ = ["CHAPTERS"]
