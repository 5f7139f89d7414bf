"""The tables of causes, against the standard's numbers."""

import pytest

from ip_commands.host_sim.lte import emm_causes, esm_causes
from ip_commands.host_sim.lte.emm_causes import EMM_CAUSES, emm_cause
from ip_commands.host_sim.lte.esm_causes import ESM_CAUSES, esm_cause

# TS 24.301 table 9.9.3.9.1 and table 9.9.4.4.1
EMM_NUMBERS = {
    *(2, 3, *range(5, 27), 35, 38, 39, 40, 42),
    *(95, 96, 97, 98, 99, 100, 101, 111),
}
ESM_NUMBERS = {
    *(8, *range(26, 40), *range(41, 46), 47, *range(49, 61), 65, 66, 81),
    *(95, 96, 97, 98, 99, 100, 101, 111, 112, 113),
}


def test_the_tables_hold_the_standards_numbers_once_each() -> None:
    assert set(EMM_CAUSES) == EMM_NUMBERS
    assert set(ESM_CAUSES) == ESM_NUMBERS
    assert len({row.name for row in EMM_CAUSES.values()}) == len(EMM_CAUSES)
    assert len({row.name for row in ESM_CAUSES.values()}) == len(ESM_CAUSES)
    assert {row.reaction for row in EMM_CAUSES.values()} == set(emm_causes.REACTIONS)
    assert {row.reaction for row in ESM_CAUSES.values()} == set(esm_causes.REACTIONS)


@pytest.mark.parametrize(
    ("number", "name", "reaction"),
    [
        (3, "illegal UE", emm_causes.USIM_INVALID),
        (6, "illegal ME", emm_causes.USIM_INVALID),
        (8, "EPS services and non-EPS services not allowed", emm_causes.USIM_INVALID),
        (9, "UE identity cannot be derived by the network", emm_causes.ATTACH_AGAIN),
        (11, "PLMN not allowed", emm_causes.FORBID_PLMN),
        (14, "EPS services not allowed in this PLMN", emm_causes.FORBID_PLMN_FOR_DATA),
        (15, "no suitable cells in tracking area", emm_causes.FORBID_AREA),
        (17, "network failure", emm_causes.RETRY),
        (22, "congestion", emm_causes.WAIT_T3346),
    ],
)
def test_what_a_refusal_makes_the_device_do(number: int, name: str, reaction: str) -> None:
    assert emm_cause(number) == (number, name, reaction)
    assert str(emm_cause(number)) == f"EMM cause {number}: {name}"


def test_other_values_count_as_protocol_errors() -> None:
    assert emm_cause(200).name == "protocol error, unspecified"
    assert esm_cause(200).name == "protocol error, unspecified"
    for number in (-1, 256):
        with pytest.raises(ValueError, match="one octet"):
            emm_cause(number)
        with pytest.raises(ValueError, match="one octet"):
            esm_cause(number)
