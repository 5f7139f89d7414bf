"""The states of a UE, as the network sees them with full knowledge."""

DETACHED = "detached"
ATTACHING = "attaching"
CONNECTING = "connecting"
CONNECTED = "connected"
IDLE_DRX = "idle-DRX"
IDLE_EDRX = "idle-eDRX"
PSM = "PSM"
UNREACHABLE = "unreachable"

STATES = (DETACHED, ATTACHING, CONNECTING, CONNECTED, IDLE_DRX, IDLE_EDRX, PSM, UNREACHABLE)
IDLE = (IDLE_DRX, IDLE_EDRX)
