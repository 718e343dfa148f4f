"""Mutation testing of the project itself: does a test fail where a line is changed?

- `mutants`: all small changes of the source, and a seeded sample of them
- `operators`: the changes that cosmic-ray does not have
- `order`: which tests a changed file meets, nearest first
- `trial`: one changed line against its tests
- `__main__`: the command, its results and its table
"""
