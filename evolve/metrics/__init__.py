"""What a run does while it goes on, in figures: for its log, for Prometheus, for Ray.

    meter   the figures themselves, read from the schedule, the stages and the fates as they fall
    log     the run's log.jsonl: events, and the figures now and then
    page    the same figures over HTTP, for Prometheus
    watching   all of these while a run goes on

Reading them changes nothing and asks nobody. What a run has come to in the end is told from the ledger, by `report`.
"""

from evolve.metrics.log import Log
from evolve.metrics.meter import Figure, Meter
from evolve.metrics.page import Page
from evolve.metrics.watching import Look, watched

__all__ = ["Figure", "Log", "Look", "Meter", "Page", "watched"]
