"""Amounts as a person reads them."""

from __future__ import annotations


def dollars(usd: float | None) -> str:
    """Such as $12.30 or, of small sums, $0.0042; what nobody knows is unpriced."""
    if usd is None:
        return "unpriced"
    if 0 < usd < 0.1:
        return f"${usd:.4f}" if usd >= 0.00005 else "under $0.0001"
    return f"${usd:,.2f}"


def tokens(count: float) -> str:
    """Such as 950, 12,300 or 4.2 M."""
    return f"{count / 1e6:,.1f} M" if count >= 1e6 else f"{count:,.0f}"
