"""Text in, hypotheses out: batching, splitting, order."""
