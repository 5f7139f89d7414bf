"""The settings of Sequans modules beside their sockets.

Sources: QuickSpot/walter-arduino, walter-documentation (+SQNIPSCFG: 100 to 10000 ms), pycom's
firmware (+SQNIBRCFG), microchip's AVR-IoT library (+SQNRICFG, +SQNHWCFG), sequans.md of the facts
(+SQNBANDSEL). Ranges without such a source, and all lists of test forms, are assumed; so is that
everything is kept in the module's memory.
"""

from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting, Text, Word

UART_ROWS = (
    Setting("+SQNIPSCFG", (Number(1, "0-2"), Number(1000, "100-10000")), NVM),
    Setting("+SQNIBRCFG", (Number(0, "0-2"), Number(None, "100-10000")), NVM),
    Setting("+SQNRICFG", (Number(1, "0-2"), Number(2, "0-3"), Number(1000, "0-10000")), NVM),
    Setting(
        "+SQNHWCFG",
        (Text("rts0", r"[a-z]+[0-9]{0,2}"), Word("enable", ("enable", "disable", "autonomous"))),
        NVM,
        test='("rts0","wakeRTS0","wake0","uart0","uart1","ring0"),("enable","disable")',
    ),
    Setting(
        "+SQNBANDSEL",
        (
            *(Number(0, "0-2"), Text("standard", r"[A-Za-z0-9_-]{1,32}")),
            Text("2,4,12,13", r"\d{1,2}(,\d{1,2})*"),
        ),
        NVM,
        test='(0-2),("standard"),"1,2,3,4,5,8,12,13,14,17,18,19,20,25,26,28,66,71,85"',
        needs=3,
    ),
    Setting("+SQNAUTOCONNECT", (Number(0, "0,1"),), NVM),
)
