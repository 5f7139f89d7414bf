"""What a BG95 and its driver say to each other: start, attach, open, one datagram each way."""

BG95_START = r"""
    >| +++\x1bAT\r
    <| AT\r
    < OK
    > ATE0
    <| ATE0\r
    < OK
    > AT+CMEE=1
    < OK
    > AT+QISDE=0
    < OK
    > AT+QICFG="viewmode",0
    < OK
    > AT+QICFG="dataformat",0,0
    < ERROR
    > AT+QISTATE=0,1
    < +QISTATE: 3,"UDP SERVICE","10.7.157.1",0,3030,2,1,2,0,"uart1"
    < OK
    > AT+QICLOSE=3
    < OK
    > AT+CEREG=4
    < OK
    > AT+QURCCFG="urcport","uart1"
    < OK
"""

BG95_ATTACH = r"""
    > AT+CPIN?
    < +CME ERROR: 14
    > AT+CFUN?
    < +CFUN: 1
    < OK
    ~ 500
    > AT+CPIN?
    < +CPIN: READY
    < OK
    > AT+CGDCONT?
    < +CGDCONT: 1,"IPV4V6","super","0.0.0.0",0,0
    < +CGDCONT: 2,"IP","super","0.0.0.0",0,0
    < OK
    > AT+CFUN?
    < +CFUN: 1
    < OK
    > AT+CFUN=4
    < OK
    > AT+CGDCONT=1,"IP","super"
    < OK
    > AT+CFUN=1
    < +CPIN: READY
    < OK
    > AT+CEREG?
    < +CEREG: 4,2
    < OK
    > AT+CGREG?
    < +CGREG: 0,2
    < OK
    ~ 1000
    < +CEREG: 5,"2B67","1A2D003",8
    > AT+CEREG?
    < +CEREG: 4,5,"2B67","1A2D003",8
    < OK
    > AT+QICSGP=1,1,"super","","",0
    < OK
    > AT+QIACT?
    < OK
    > AT+QIACT=1
    ~ 900
    < OK
"""

BG95_OPEN = r"""
    > AT+QIACT?
    < +QIACT: 1,1,1,"10.3.118.130"
    < OK
    > AT+QICLOSE=0
    < OK
    > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
    < OK
    < +QIOPEN: 0,0
    > AT+QIRD=0
    < +QIRD: 0
    < OK
"""

BG95_TRAFFIC = r"""
    ~ 100
    < +QIURC: "recv",0
    > AT+QIRD=0
    <| \r\n+QIRD: 19,"100.64.0.1",6969\r\n\r\nOK\r\n+QIURC: "re\x00\x1a\r\n\r\nOK\r\n
    > AT+QIRD=0
    <| \r\n+QIRD: 0\r\n\r\nOK\r\n
    > AT+QISEND=0,4,"100.64.0.1",6969
    <| \r\n\x3e\x20
    >| \x1a\r\n>
    < SEND OK
    > AT+QIRD=0
    < +QIRD: 0
    < OK
"""
