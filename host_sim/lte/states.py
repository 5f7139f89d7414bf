"""The states of a UE, as the network sees them with full knowledge."""

DETACHED = "detached"
ATTACHING = "attaching"
CONNECTING = "connecting"
CONNECTED = "connected"
IDLE_DRX = "idle-DRX"
IDLE_EDRX = "idle-eDRX"
PSM = "PSM"
UNREACHABLE = "unreachable"
LIMITED = "limited service"
"""Refused: camping on a cell without being registered, waiting or for good."""

STATES = (
    DETACHED,
    ATTACHING,
    CONNECTING,
    CONNECTED,
    IDLE_DRX,
    IDLE_EDRX,
    PSM,
    UNREACHABLE,
    LIMITED,
)
IDLE = (IDLE_DRX, IDLE_EDRX)
