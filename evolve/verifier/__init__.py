"""Whether an answer is right, as far as running it can tell: tests that were written without it, and the sandbox."""

__all__: list[str] = []
