"""Which models stand for which dialect, which links have none, and what is theirs by nature."""

DIALECTS = {
    "BG95": "Quectel QI",
    "SIM7080G": "SIMCom CA",
    "SIM7000G": "SIMCom CIP",
    "SIM7600": "SIMCom CIPOPEN",
    "SARA-R510S": "u-blox USO",
    "GM02SP": "Sequans SQN",
    "ME310G1": "Telit #S",
    "nRF9160": "Nordic SLM",
    "nRF9151": "Nordic Serial Modem",
}
"""One model of each dialect; Nordic's two firmwares speak different ones."""

PUSHED = ("SIM7000G", "SIM7600")
"""Print datagrams as they come: their pull mode does not tell the sender."""

NATIVE = {
    "PPP": "network.PPP over a modem that is dialled",
    "PPP with carrier": "the same, with the modem's carrier line told to it",
    "Pycom": "network.LTE of a Pycom board",
    "XBee": "network.Cellular of a Digi XBee 3",
}
"""Links whose sockets are the board's own."""
