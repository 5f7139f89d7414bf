"""Automatic network selection, written a second time from TS 23.122 4.4.3.1.1, for comparison.

It shares nothing with the model but the words: networks are (PLMN, access, RSRP) and the lists are
plain. Instead of an order, which has chance in it, it says step by step what may come next.
"""

Heard = tuple[str, str, int]


def steps(
    heard: list[Heard],
    registered: str | None,
    homes: list[str],
    user: list[str],
    operator: list[str],
    forbidden: set[str],
    can: list[str],
) -> list[tuple[list[Heard], bool]]:
    """Return groups in the order in which they are tried, each with: its order is random.

    A group in fixed order is sorted already. List entries are ``PLMN`` or ``PLMN/access``.
    """
    left = [one for one in heard if one[1] in can and one[0] not in forbidden]
    groups: list[tuple[list[Heard], bool]] = []

    def take(wanted: list[Heard], random: bool = False) -> None:
        taken = [one for one in wanted if one in left]
        for one in taken:
            left.remove(one)
        if taken:
            groups.append((taken, random))

    # 4.4.3.1: the registered PLMN; then i) home, ii) and iii) the lists
    wanted = [registered, *homes, *user, *operator]
    for entry in wanted:
        if entry is None:
            continue
        plmn, _, access = entry.partition("/")
        for kind in can if not access else [access]:
            take([one for one in left if one[0] == plmn and one[1] == kind])
    # iv) high quality in random order, v) the rest by decreasing signal
    take([one for one in left if one[2] >= -110], random=True)
    rest = sorted({one[2] for one in left}, reverse=True)
    for level in rest:
        take([one for one in left if one[2] == level], random=True)
    return groups
