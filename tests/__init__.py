"""Tests, one module for each of the package's; `oracle` is the plain program that the pipeline must equal."""
