"""What runs inside the sandbox, beside the code that is tried. It imports the standard library alone."""

__all__: list[str] = []
