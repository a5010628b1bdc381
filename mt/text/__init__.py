"""Pure functions on one string: normalisation, sentence ends, clauses, encodings."""
