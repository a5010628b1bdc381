"""Rooms put together into a run: configuration, order of steps, manifest."""
