"""Writes into the corpus what real Spark answers:

python -m pip install pyspark attrs
python tests/simulation/local/spark/record.py [FILE ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from local.database import corpus  # type: ignore[import-not-found]
    from local.spark import oracle  # type: ignore[import-not-found]
else:
    from ..database import corpus
    from . import oracle


def main(names: list[str]) -> None:
    with oracle.session() as spark:
        for file in corpus.files():
            if not names or file.stem in names:
                corpus.written(file, list(oracle.told(spark, corpus.cases(file))))


if __name__ == "__main__":
    main(sys.argv[1:])
