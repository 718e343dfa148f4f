"""`python -m nocollapse.theory.claims.lock`: writes the ids of new claims into the lock file.

An id is permanent: one that is in the file stays there, and a claim that has lost its id is an error. The order of the
file is that of the report; a new id comes last, and its line may be moved.
"""

from __future__ import annotations

from nocollapse.theory.claims import registry


def main() -> None:
    """Add what is missing; SystemExit names ids that no claim has any more."""
    ids = registry.locked()
    if lost := [identifier for identifier in ids if identifier not in registry.OWN]:
        raise SystemExit(f"ids are permanent, and no claim has these any more: {', '.join(lost)}")
    new = [identifier for identifier in registry.OWN if identifier not in ids]
    registry.LOCK.write_text("".join(f"{identifier}\n" for identifier in (*ids, *new)), encoding="utf-8")
    print(f"{registry.LOCK}: {len(new)} new" if new else f"{registry.LOCK}: nothing is new")


if __name__ == "__main__":
    main()
