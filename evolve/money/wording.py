"""Amounts as a person reads them."""

from __future__ import annotations


def dollars(usd: float | None) -> str:
    """Such as $12.30 or, of small sums, $0.0042; what nobody knows is unpriced."""
    if usd is None:
        return "unpriced"
    if 0 < usd < 0.1:
        return f"${usd:.3f}" if usd >= 0.01 else f"${usd:.4f}" if usd >= 0.00005 else "under $0.0001"
    return f"${usd:,.2f}"


def rough(count: float) -> str:
    """Such as 950, 12.3k or 4.2M: of what is only known roughly."""
    if count >= 999_500:
        return f"{count / 1e6:,.1f}M"
    return f"{count / 1e3:.3g}k" if count >= 9_950 else f"{count:,.0f}"
