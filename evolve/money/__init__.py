"""What a run costs and may cost: prices of tokens, and the budget that no call gets past.

`prices` knows what tokens cost, offline; `budget` lets calls in as long as they fit; `wording` says sums to a person.
"""

from evolve.money.budget import Budget, Hold, check_budget, make_budget
from evolve.money.prices import Prices, Worst, counted, make_prices
from evolve.money.wording import dollars, rough

__all__ = [
    "Budget",
    "Hold",
    "Prices",
    "Worst",
    "check_budget",
    "counted",
    "dollars",
    "make_budget",
    "make_prices",
    "rough",
]
