"""How the fake SIM7000 and SIM800 boot, sleep and go down, and what a SIM800 lacks."""

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench
from tests.fake_modems.simcom_cip_bench import ERROR, HEADED, OK, connection


async def test_boot_urcs_need_a_fixed_baud_rate():
    for model, wait_s, lines in (
        ("sim7000g", 4, b"RDY|+CFUN: 1|+CPIN: READY|SMS Ready"),
        ("sim800", 2.5, b"RDY|+CFUN: 1|+CPIN: READY|Call Ready|SMS Ready"),
    ):
        async with Bench(model, quirks=["fixed-baud"], powered=False) as bench:
            bench.fake.power_key()
            assert await bench.hear(wait_s) == b""
            said = b"".join(b"\r\n" + line + b"\r\n" for line in lines.split(b"|"))
            assert await bench.hear(20) == said
        async with Bench(model, quirks=["first-ats-lost"], powered=False) as bench:
            bench.fake.power_key()
            assert await bench.hear(20) == b""
            assert await bench.type(b"AT\rAT\rAT\r", 1) == b""
            assert await bench.type(b"AT\r", 1) == b"AT\r" + OK


async def test_power_off_says_so_without_ok():
    async with Bench("sim7000g") as bench:
        await bench.attach()
        assert await bench.ask("AT+CPOWD=1") + await bench.hear(5) == (
            b"\r\nNORMAL POWER DOWN\r\n"
        )
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""


async def test_psm_switches_off_and_nothing_of_cip_is_left():
    async with Bench("sim7000g", quirks=["fixed-baud"]) as bench:
        await connection(bench, "AT+CPSMSTATUS=1")
        bench.radio.enter_psm()
        assert await bench.hear(1) == b'\r\n+CPSMSTATUS: "ENTER PSM"\r\n'
        assert await bench.type(b"AT\r", 1) == b""
        bench.radio.leave_psm()
        assert b"RDY" in await bench.hear(10)
        await bench.ask("ATE0")
        assert await bench.ask("AT+CIPSTATUS") == OK + b"\r\nSTATE: IP INITIAL\r\n"


async def test_network_time_comes_when_asked_for_in_each_models_form():
    for model, said in (
        ("sim7000g", b"\r\nDST: 0\r\n\r\n*PSUTTZ: 26/01/01,00:00:0"),
        ("sim800", b"\r\n*PSUTTZ: 2026,1,1,0,0,"),
    ):
        async with Bench(model, radio=BenchRadio(attach_ms=2000)) as bench:
            await bench.ask("AT+CLTS=1")
            assert (await bench.hear(5)).startswith(said)


async def test_network_time_inside_the_answer_of_cipshut():
    async with Bench("sim7000g", quirks=["nitz-in-answers"]) as bench:
        await bench.attach()
        said = await bench.ask("AT+CIPSHUT")
        assert said.startswith(b"\r\nDST: 0\r\n\r\n*PSUTTZ: ")
        assert said.endswith(b"\r\nSHUT OK\r\n")


async def test_a_sim800_has_no_lte():
    async with Bench("sim800") as bench:
        await connection(bench, *HEADED)
        await bench.ask("AT+CREG=2")
        assert await bench.ask("AT+CREG?") == b'\r\n+CREG: 2,5,"2B67","1A2D003"\r\n' + OK
        for command in ("AT+CEREG?", "AT+CPSMS=1", "AT+CEDRXS=1", "AT+CNACT?", "AT+CPSI?"):
            assert await bench.ask(command) == ERROR, command
        bench.radio.inject_datagram(b"abc")
        assert await bench.hear(1) == b"\r\nRECV FROM:100.64.0.1:6969\r\n+IPD,3:abc"
