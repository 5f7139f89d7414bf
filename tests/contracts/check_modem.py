"""The contract of ``device.interfaces.Modem`` over a fake: every family runs every check.

``CHECKS`` is the list: async functions, named after the one behaviour that they check, that get a
fresh ``bench`` each. A bench is one UART with a driver's side and a fake modem's side::

    bench.driver(**options)   a new driver on the UART, PWRKEY wired; the bench closes it at last
    await bench.online(port)  a driver that is started and attached, and its socket on that port
    bench.inject(payload, host="100.64.0.1", port=6969, to_port=4242)   a downlink datagram, now
    bench.sent                [(payload, source port, host, port)] of the uplink, oldest first
    bench.power               "off", "booting", "on", "stopping" or "psm"
    bench.power_keys          how often PWRKEY was pulsed
    bench.switch_off(), bench.restart(), bench.enter_psm()   what happens to the modem
    bench.lose_pdp(), bench.lose_coverage(), bench.regain_coverage()   what the network does
    bench.fake                the fake modem: ``.model``, ``.power_key()``
    bench.radio               the fake's radio: deny, refuse, grant (see its attributes)
    bench.lose_urcs(bool)     what the modem says by itself does not arrive
    bench.mute(bool)          nothing passes the UART, in either direction
    bench.swallow_data(bool)  bytes the host writes at a data prompt vanish but for the first
    bench.abandon(driver)     its program ends without a word: nobody reads for it any more
    bench.type(bytes)         the host's side writes these bytes
    bench.unplug()            the stream ends
    bench.power_saving        whether the model has PSM and eDRX
    bench.tells_rssi          whether it has +CSQ; an nRF91 has none: RSRP and RSRQ, but no RSSI
    bench.asleep              whether the radio is in PSM
    bench.sender(host, port)  the source that the model's firmware tells of a datagram from there

Time is virtual; a check that needs more than an hour of it hangs. No check may leave a handler
error, a bad length or a dropped line behind (``bench`` looks), and nothing may be raised but what
``ip_commands.device.errors`` names.
"""

# ruff: noqa: F401, I001  each file adds its checks, in this order
from tests.contracts import check_modem_start
from tests.contracts import check_modem_receive
from tests.contracts import check_modem_send
from tests.contracts import check_modem_trouble
from tests.contracts import check_modem_rest
from tests.contracts.modem_checks import CHECKS as CHECKS
from tests.contracts.modem_checks import SERVICE as SERVICE
