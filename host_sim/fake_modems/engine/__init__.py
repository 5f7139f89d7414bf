"""What all fake modems are made of: AT lines in, answers and URCs out, buffers, the radio below.

``fake_modem.FakeModem`` is the base of every family, ``radio.Radio`` what it needs of a network,
``bench_radio.BenchRadio`` one that a test scripts. Knows no vendor. May import ``uart``.
"""
