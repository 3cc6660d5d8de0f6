"""evolve: seed coding instructions in, a fine-tuning dataset with full lineage out.

Importing this package pulls in none of ray, openai, datasets or sentence_transformers, and stays quick.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
