"""The short advice for boards, on both Pythons."""

from ip_commands.device.reachability import grant_warning, left_on_warning, needs_hlcom, worst_wait


def _close(value, expected):
    return abs(value - expected) < 0.001 + expected * 1e-5


def test_waits_without_power_saving_are_those_of_drx():
    assert _close(worst_wait(None, None), 1.28)
    assert not needs_hlcom(None, None)


def test_waits_in_edrx_are_the_cycle():
    assert _close(worst_wait(81.92, None), 81.92)
    assert needs_hlcom(81.92, None)
    for shortest_s in (10.239999, 10.24, 10.240001):  # as 24-bit floats may have it
        assert needs_hlcom(shortest_s, None)
    assert not needs_hlcom(5.12, None)  # only a longer DRX cycle


def test_cycles_that_do_not_divide_1024_hyperframes_have_a_longer_gap_at_the_wrap():
    # the gaps between two paging hyperframes, counted out over all residues
    for cycle_s, worst_s in ((61.44, 102.4), (102.4, 143.36), (122.88, 163.84), (143.36, 163.84)):
        hyperframes = round(cycle_s / 10.24)
        longest = 0
        for residue in range(hyperframes):
            paging = [h for h in range(2048) if h % 1024 % hyperframes == residue]
            longest = max(longest, max(paging[i + 1] - paging[i] for i in range(len(paging) - 1)))
        assert _close(longest * 10.24, worst_s), cycle_s
        assert _close(worst_wait(cycle_s, None), worst_s), cycle_s
    for cycle_s in (5.12, 10.24, 20.48, 40.96, 163.84, 2621.44, 10485.76):
        assert _close(worst_wait(cycle_s, None), cycle_s), cycle_s


def test_waits_in_psm():
    assert worst_wait(None, (16, 3600)) == 3584
    assert needs_hlcom(None, (16, 3600))
    # an active time that never ends: only the page counts
    assert _close(worst_wait(None, (60, 60)), 1.28)


def test_no_warning_when_all_is_as_asked():
    assert grant_warning(None, None) is None
    assert grant_warning(81.92, 81.9199) is None


def test_warning_says_what_a_longer_cycle_costs():
    text = grant_warning(20.48, 81.92)
    assert text == (
        "eDRX 20.48 s asked, 81.92 s granted: a command can take 82 s instead of 20 s,"
        " and is lost where the network has no HLCOM"
    ), text


def test_warning_when_nothing_was_granted():
    assert grant_warning(81.92, None) == (
        "eDRX 81.92 s asked, off granted: a command can take 1 s instead of 82 s"
    )


def test_warning_of_what_was_left_on():
    assert left_on_warning(None, None) is None
    text = left_on_warning(None, (60, 7200))
    assert text.startswith("eDRX off, PSM 60 s every 7200 s is on in the modem: "), text
    assert "can take 7140 s, and is lost where the network has no HLCOM; edrx_s=0" in text, text
    text = left_on_warning(81.92, None)
    assert text.startswith("eDRX 81.92 s, PSM off is on in the modem: a command can take 82"), text
