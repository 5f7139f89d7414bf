"""The settings of an nRF91's native modem.

Sources: nRF91 AT Commands Reference Guide 4.2 (%XSYSTEMMODE), 6.9 (%CESQ), 9.1 (+CMEE: no texts),
9.2 (+CNEC), 12 (+CMGF: PDU mode alone, +CNMI; their lists are assumed), Zephyr's modem scripts
(%XSIM, and its URC after AT+CFUN=41).
"""

from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting

NATIVE_ROWS = (
    Setting("+CMEE", (Number(0, "0,1"),), on_set="cmee_set"),
    Setting("+CNEC", (Number(0, "0,8,16,24"),), needs=0),
    Setting("%CESQ", (Number(0, "0,1"),)),
    Setting("%XSIM", (Number(0, "0,1"),)),
    Setting("+CMGF", (Number(0, "0"),)),
    Setting(
        "+CNMI",
        (
            *(Number(0, "0,3"), Number(0, "0,2"), Number(0, "0"), Number(0, "0,1")),
            Number(1, "1"),
        ),
    ),
    Setting(
        "%XSYSTEMMODE",
        (Number(1, "0,1"), Number(0, "0,1"), Number(0, "0,1"), Number(0, "0-4")),
        NVM,
        needs=3,
        on_set="system_mode_set",
    ),
)
"""%XSYSTEMMODE is stored when AT+CFUN=0 comes; here at once."""
