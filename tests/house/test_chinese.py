"""Chinese sentences have Chinese punctuation, wherever they are written."""

from __future__ import annotations

import re
from pathlib import Path

import patron

HOME = Path(patron.__file__).parent
HALF = re.compile(r"[\u4e00-\u9fff”》）][,:;](?=[\u4e00-\u9fff{“])|[}%）][,:;](?=[\u4e00-\u9fff“])")
LAYOUTS = ("profiles", "headers.py", "wording.py", "vocabulary.py", "guessing.py")  # what other people's files say


def test_no_sentence_mixes_half_width_punctuation_into_chinese():
    written = [path for path in HOME.rglob("*") if path.suffix in (".py", ".toml", ".html")]
    read = [path for path in written if not any(part in LAYOUTS for part in path.relative_to(HOME).parts)]
    found = [
        f"{path.relative_to(HOME)}:{number}: {line.strip()}"
        for path in read
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if HALF.search(line)
    ]
    assert len(read) > 200
    assert not found
