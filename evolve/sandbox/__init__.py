"""Where code that nobody has read is run: an answer and its tests go in, an outcome comes out, the host stays as it was."""
