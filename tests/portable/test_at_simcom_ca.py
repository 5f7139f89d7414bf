"""The life of a SIM7080G's driver, byte for byte, on both Pythons."""

# heap: 96wK, because driver, script and both ends of the stream live in it

import gc

from ip_commands.modem_drivers.simcom_ca import SimcomCaModem
from tests.portable.at_script import play
from tests.portable.driver_life import whole_life

SIM7080_WHOLE = r"""
    >| +++\x1bAT\r
    ~ 500
    > AT
    <| AT\r\r\nOK\r\n
    > ATE0
    <| ATE0\r\r\nOK\r\n
    > AT+CMEE=1
    < OK
    > AT+CPSMSTATUS=1
    < OK
    > AT+CASTATE?
    < +CASTATE: 4,1
    < OK
    > AT+CACLOSE=4
    < OK
    > AT+CEREG=4
    < OK
    > AT+CASRIP=1
    < OK
    > AT+CPIN?
    < +CPIN: READY
    < OK
    > AT+CGDCONT?
    < +CGDCONT: 1,"IP","super.mnc041.mcc310.gprs","0.0.0.0",0,0,0,0
    < OK
    > AT+CFUN?
    < +CFUN: 1
    < OK
    > AT+CEREG?
    < +CEREG: 4,5,"2B67","1A2D003",7,,,"00000000","01100000"
    < OK
    > AT+CNCFG=0,1,"super"
    < ERROR
    > AT+CNACT?
    < +CNACT: 0,0,"0.0.0.0"
    < OK
    > AT+CNACT=0,1
    < OK
    ~ 400
    < +APP PDP: 0,ACTIVE
    > AT+CNACT?
    < +CNACT: 0,1,"10.181.182.177"
    < OK
    > AT+CASRIP=1
    < OK
    > AT+CASERVER=0,0,"UDP",4242
    < +CASERVER: 0,0
    < OK
    > AT+CARECV=0,1460
    < +CARECV: 0
    < OK
    ~ 100
    < +CANEW: 0,0,100.64.0.1,6969
    > AT+CARECV=0,1460
    <| \r\n+CARECV: 100.64.0.1,6969,19,\r\nOK\r\n+QIURC: "re\x00\x1a\r\n\r\nOK\r\n
    > AT+CARECV=0,1460
    < +CARECV: 0
    < OK
    > AT+CACFG="REMOTEADDR",0,100.64.0.1,6969
    < OK
    > AT+CASEND=0,4
    <| \r\n>
    >| \x1a\r\n>
    < OK
    > AT+CARECV=0,1460
    < +CARECV: 0
    < OK
"""


async def test_the_life_of_a_sim7080_in_pieces_of_every_size():
    for cut in (0, 1, 7):
        gc.collect()  # what the last life left would lie between the pieces of this one
        await play(SIM7080_WHOLE, SimcomCaModem, whole_life, cut)
