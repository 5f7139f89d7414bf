"""Device code asks for eDRX: what the network grants, and the warning when it grants less."""


async def test_the_granted_cycle_is_told(supersim):
    device = await supersim.add_device("bg95", "cat-m1-edrx-hlcom", requested_edrx=None)
    lines = []
    client = await device.listen(4242, edrx_s=40.96, log=lines.append)
    assert client.granted_edrx_s == 40.96
    assert device.ue.granted_edrx[1] == "0011"
    assert not [line for line in lines if "asked" in line]


async def test_a_shorter_grant_is_a_warning_with_what_it_means(supersim):
    device = await supersim.add_device(
        "sim7080g",
        "cat-m1-edrx-hlcom",
        requested_edrx=None,
        edrx_policy="shorten",
        edrx_longest="0010",
    )
    lines = []
    client = await device.listen(4242, edrx_s=81.92, log=lines.append)
    assert client.granted_edrx_s == 20.48
    (warning,) = [line for line in lines if "asked" in line]
    assert "eDRX 81.92 s asked, 20.48 s granted" in warning
    assert "20 s instead of 82 s" in warning


async def test_a_refusal_is_a_warning_too_and_the_client_serves_on(supersim):
    device = await supersim.add_device("bg95", "cat-m1")
    lines = []
    client = await device.listen(4242, edrx_s=81.92, log=lines.append)
    assert client.granted_edrx_s is None
    assert [line for line in lines if "81.92 s asked, off granted" in line]
    command = await supersim.send_command(device, "still here", 4242)
    await supersim.run_for(seconds=30)
    assert command.delivered
