"""`python -m nocollapse`: the command line."""

from nocollapse import main

main()
