"""The pytest fixture ``supersim``: a cloud, a network and devices in virtual time."""
