"""The command `mt`: one file a command, no logic."""
