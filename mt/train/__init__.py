"""From a bitext to a MarianMT directory: data, model, loss, loop."""
