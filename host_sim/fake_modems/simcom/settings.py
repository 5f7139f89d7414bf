"""The settings of SIMCom modules beside their sockets.

Sources: AT Command Manuals of the SIM7000 Series V1.06, SIM7070_SIM7080_SIM7090 Series V1.05,
SIM7500_SIM7600 Series V3.00, A76XX Series V1.09 and SIM800 Series V1.09; public logs: +IPR=? of a
SIM808, +CBAND=? and +CNMP=? of a SIM7000, +CNMP=? and +CNSMOD=? of a SIM7600 (notes in ESP32
modem code). What keeps a value is assumed where the manual does not say it.
"""

from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting, Text, Word
from ip_commands.host_sim.fake_modems.generic.v250 import SPEEDS, speed_row

_DOTTED = r"\d{1,3}(\.\d{1,3}){3}|"
_CATM_SPEEDS = "0,300,600,1200,2400,4800,9600,19200,38400,57600,115200,230400,921600,3000000"
_SIM800_SPEEDS = "0,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800"
_SIM7600_SPEEDS = "0,300,600,1200,2400,4800," + SPEEDS + ",3000000,3200000,3686400"

SLEEP = Setting("+CSCLK", (Number(0, "0-2"),), NVM)
NETWORK_LED = Setting("+CNETLIGHT", (Number(1, "0,1"),), NVM)
BATTERY_CHECK = Setting("+CBATCHK", (Number(0, "0,1"),), NVM)
"""The SIM7080 takes it, too (vshymanskyy/TinyGSM, init of that module)."""
RING_LINE = Setting("+CFGRI", (Number(0, "0,1"),), NVM)
LOCAL_TIME = Setting("+CLTS", (Number(0, "0,1"),), NVM)
DNS_SERVERS = Setting("+CDNSCFG", (Text("8.8.8.8", _DOTTED), Text("8.8.4.4", _DOTTED)))
"""Known of a SIM800 and an A7672 (TinyGSM sends it to both)."""

LTE_MODES = "((2-Automatic),(13-GSM Only),(38-LTE Only),(51-GSM And LTE Only))"
MODE = Setting("+CNMP", (Number(2, "2,13,38,51"),), NVM, test=LTE_MODES)
IOT_MODE = Setting(
    "+CMNB",
    (Number(3, "1-3"),),
    NVM,
    test="((1-Cat-M),(2-NB-IoT),(3-Cat-M And NB-IoT))",
)
PSM_STATUS = Setting("+CPSMSTATUS", (Number(0, "0,1"),), NVM)

CA_BANDS = {
    "CAT-M": "1,2,3,4,5,8,12,13,14,18,19,20,25,26,27,28,66,85",
    "NB-IOT": "1,2,3,4,5,8,12,13,18,19,20,25,26,28,66,71,85",
}
"""Of +CBANDCFG, as the modules come; of NB-IoT from the manual's test form."""

CA_ROWS = (
    *(MODE, IOT_MODE, PSM_STATUS, BATTERY_CHECK, NETWORK_LED),
    Setting("+CSCLK", (Number(0, "0,1"),), NVM),
    speed_row(0, f"({_CATM_SPEEDS})", _CATM_SPEEDS),
    Setting(
        "+CURCCFG",
        (Text("SYS", r"SYS|SIMCARD|SMS|NETWORK|TCPIP|ALL"), Number(1, "0,1")),
        test='("ALL","SYS","SIMCARD","SMS","NETWORK","TCPIP"),(0,1)',
        needs=2,
    ),
    Setting("+CPSMCFG", (Number(60, "20-86400"),), NVM),
    Setting(
        "+CEDRX", (Number(3, "2,3"), Number(0, "0,1"), Number(0, "0-15"), Number(0, "0-15")), NVM
    ),
)
CIP_ROWS = (
    Setting("+CIPSSL", (Number(0, "0,1"),)),
    *(MODE, IOT_MODE, PSM_STATUS, SLEEP, NETWORK_LED, BATTERY_CHECK, RING_LINE, DNS_SERVERS),
    speed_row(0, f"({_CATM_SPEEDS})", _CATM_SPEEDS),
    Setting(
        "+CBAND",
        (Word("ALL_MODE", ("EGSM_MODE", "DCS_MODE", "ALL_MODE"), bare=True),),
        NVM,
    ),
)
SIM800_ROWS = (
    speed_row(0, f"(),({_SIM800_SPEEDS})", _SIM800_SPEEDS),
    Setting(
        "+CBAND",
        (
            Word(
                "ALL_BAND",
                ("EGSM_MODE", "PGSM_MODE", "DCS_MODE", "GSM850_MODE", "PCS_MODE",
                 "EGSM_DCS_MODE", "GSM850_PCS_MODE", "EGSM_PCS_MODE", "ALL_BAND"),
            ),
        ),
        NVM,
    ),
)  # fmt: skip
CIPOPEN_MODES = "2,9,10,13,14,19,22,38,39,48,51,54,59,60,63,67"
CIPOPEN_ROWS = (
    *(SLEEP, RING_LINE, NETWORK_LED, DNS_SERVERS),
    Setting("+CNMP", (Number(2, CIPOPEN_MODES),), NVM),
    speed_row(115200, f"({_SIM7600_SPEEDS})", _SIM7600_SPEEDS),
    Setting("+CNSMOD", (Number(0, "0,1"),), test="(0-1)"),
    Setting(
        "+CTCPKA",
        (Number(0, "0,1"), Number(2, "1-7200"), Number(5, "1-9"), Number(1, "1-7200")),
        on_set="keepalive_set",
    ),
)
