"""The bench as a process: a request a line on standard input, a reply a line on the descriptor named on the command line.

Started as `python -I serve.py FD`. Ends when its input ends.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench import Bench  # noqa: E402  (isolated mode keeps the script's folder off the path)


def main() -> None:
    replies, bench = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8"), Bench()
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    for line in requests:
        replies.write(bench.ask(line) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
