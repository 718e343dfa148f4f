"""The Adult table, its source and licence (README.md), and the script that rebuilds it."""
