"""Whether what was acknowledged is found after a crash: `python -m bench.crash kill|power`."""

from __future__ import annotations

import argparse
import sys

from bench.crash import kill, power


def main() -> int:
    """Run one of the two; the exit status is 1 when anything was lost, doubled or made up."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, crash, rounds in (("kill", kill.run, 16), ("power", power.run, 6)):
        options = kinds.add_parser(name, help=crash.__doc__)
        options.add_argument("--rounds", type=int, default=rounds)
        options.add_argument("--callers", type=int, default=8)
        options.add_argument("--workers", type=int, default=1, help="gateway workers of the server")
        options.add_argument("--seed", type=int, default=1, help="of the moments at which it crashes")
        options.set_defaults(run=crash)
    chosen = parser.parse_args()
    return int(chosen.run(chosen.rounds, chosen.callers, chosen.workers, chosen.seed))


if __name__ == "__main__":
    sys.exit(main())
