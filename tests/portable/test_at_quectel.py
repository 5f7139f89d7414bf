"""The life of a BG95's driver, byte for byte, on both Pythons."""

# heap: 120wK, because driver, script and both ends of the stream live in it

import gc

from ip_commands.modem_drivers.quectel import QuectelModem
from tests.portable.at_script import play
from tests.portable.bg95_script import BG95_ATTACH, BG95_OPEN, BG95_START, BG95_TRAFFIC
from tests.portable.driver_life import whole_life


async def test_the_life_of_a_bg95_in_pieces_of_every_size():
    script = BG95_START + BG95_ATTACH + BG95_OPEN + BG95_TRAFFIC
    for cut in (0, 1, 7):
        gc.collect()  # what the last life left would lie between the pieces of this one
        await play(script, QuectelModem, whole_life, cut)
