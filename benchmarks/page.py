"""How large a page of 10,000 attempts is, and how long a browser takes until all of it can be used.

    python benchmarks/page.py [--attempts 10000] [--words 60] [--answer-words 260]

Texts are words drawn at random, which compress worse than real ones. Needs a Chromium. It does not show how a phone
does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from evolve.web import write_report
from tests.browsers import browser
from tests.runs import plain_run, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--answer-words", type=int, default=260)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seeds = args.attempts // 4
        run = write(Path(folder) / "run", plain_run(seeds, 3, words=args.words, answer_words=args.answer_words))
        path, began = run / "report.html", time.monotonic()
        data = write_report(run, path)
        wrote = time.monotonic() - began
        print(
            f"{data.attempts} attempts, every {data.every}: {path.stat().st_size / 1e6:.1f} MB, made in {wrote:.1f} s"
        )
        with browser() as chromium:
            for turn in range(3):
                page = chromium.new_page()
                began = time.monotonic()
                page.goto(path.as_uri())
                page.wait_for_selector(".tiles")
                first = time.monotonic() - began
                page.wait_for_selector("html[data-ready]")
                print(
                    f"opened {turn + 1}: figures after {first:.2f} s, everything after {time.monotonic() - began:.2f} s"
                )
                page.close()


if __name__ == "__main__":
    main()
