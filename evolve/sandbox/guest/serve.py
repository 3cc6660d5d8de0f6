"""The bench as a process: a request a line on standard input, a reply a line on another descriptor.

Started as `python -I serve.py FD [FOLDER...]`: the descriptor's number, and where further modules lie. Ends when its
input ends.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench import Bench


def main() -> None:
    sys.path += sys.argv[2:]
    replies, bench = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8"), Bench()
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    for line in requests:
        replies.write(bench.ask(line) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
