"""The command line: a file a group of commands, and what they share. It computes nothing itself."""
