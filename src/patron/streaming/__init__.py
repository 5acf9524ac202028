"""Streaming: the same features, message by message.

Events, orders and every other fact come in as messages; facts, tiles and features of the touched customers follow. The
tiles are made by the same expressions as a run's, and what is read is the same compiled reduction: a live row equals
the row of a run on the same facts as of the same day.
"""

from patron.streaming.fields import Reading
from patron.streaming.fold import Folded
from patron.streaming.live import Live, Progress
from patron.streaming.seed import seed
from patron.streaming.settle import Settled, features_of, settle
from patron.streaming.shapes import SHAPES
from patron.streaming.sources import Chunk, JsonLines, Messages, ParquetRows, Source, open_source
from patron.streaming.spec import StreamSpec
from patron.streaming.standing import begin_standing, changes_since, next_waiting, stand, wait_no_longer
from patron.streaming.state import State

__all__ = [
    "SHAPES",
    "Chunk",
    "Folded",
    "JsonLines",
    "Live",
    "Messages",
    "ParquetRows",
    "Progress",
    "Reading",
    "Settled",
    "Source",
    "State",
    "StreamSpec",
    "begin_standing",
    "changes_since",
    "features_of",
    "next_waiting",
    "open_source",
    "seed",
    "settle",
    "stand",
    "wait_no_longer",
]
