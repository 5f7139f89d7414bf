"""The states of a connection: which one may lead to which. Each may also end in CLOSED."""

STATES = {
    "IDLE": "STARTING",
    "STARTING": "ATTACHING WAITING SLEEPING",
    "ATTACHING": "OPENING SERVING WAITING SLEEPING",
    "OPENING": "SERVING WAITING SLEEPING",
    "SERVING": "ATTACHING WAITING SLEEPING",
    "WAITING": "STARTING ATTACHING SERVING WAITING SLEEPING",
    "SLEEPING": "STARTING ATTACHING SERVING WAITING SLEEPING",
    "CLOSED": "",
}


class StatesSeen:
    """Give ``note`` to ``client.on_state``: it keeps the states, and what no table allows."""

    def __init__(self):
        self.states = ["IDLE"]
        self.forbidden = []

    def note(self, state, reason):
        before = self.states[-1]
        if state != "CLOSED" and state not in STATES[before].split():
            self.forbidden.append((before, state))
        self.states.append(state)
