"""``boards.raspberry_pi.modem()``: the README's program runs with only the import changed."""

import asyncio
from pathlib import Path

import pytest

from ip_commands import IpCommandClient
from ip_commands.boards import raspberry_pi as board
from ip_commands.boards.raspberry_pi.detected_modem import DetectedModem
from ip_commands.boards.raspberry_pi.serial_stream import PortError
from ip_commands.boards.raspberry_pi.usb_ports import UART_VARIABLE, find_at_port
from ip_commands.device.errors import InvalidValue, ModemRestarted, ModemTimeout
from ip_commands.host_sim.fake_modems import create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers.quectel import QuectelModem
from tests.docs import pages
from tests.docs.device_programs import answer_over_serial, board_of, serial_modem


@pytest.mark.parametrize("model", ["bg95", "sim7080g"])
async def test_only_the_import_of_the_readmes_program_changes(model: str, tmp_path: Path) -> None:
    program = next(b.text for b in pages.blocks("README.md", "python") if "as board" in b.text)
    assert board_of(program) == "pico_sim7080g"
    program = program.replace("pico_sim7080g", "raspberry_pi")
    await answer_over_serial(program, tmp_path, model)


async def test_a_named_model_is_its_driver_at_once() -> None:
    said: list[str] = []
    async with serial_modem("bg95") as on:
        modem = board.modem(on.path, "BG95", log=said.append)
        assert isinstance(modem, QuectelModem)
        assert not modem.usb
        await modem.start()
        assert "> AT+CMEE=1" in said
        await modem.close()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"model": "bg999"}, InvalidValue), ({"model": "bg95", "no_such": 1}, TypeError)],
)
async def test_a_wrong_word_leaves_the_port_free(arguments, error) -> None:
    async with serial_modem("bg95") as on:
        with pytest.raises(error) as refused:
            board.modem(on.path, **arguments)
        await board.modem(on.path, "bg95").close()
        del refused  # it held the frames, and with them the port's object, until here


async def test_a_port_in_use_is_told_where_the_modem_is_made() -> None:
    async with serial_modem("bg95") as on:
        first = board.modem(on.path)
        with pytest.raises(PortError, match="in use by another program"):
            board.modem(on.path)
        await first.close()
        await first.close()
        await board.modem(on.path).close()


class Cable:
    """Plugs a new UART into one fake modem each time a port is opened."""

    def __init__(self, powered: bool) -> None:
        self.radio = BenchRadio()
        self.fake = create("SIM7080G", self.radio, seed=1, powered=powered)
        self.opened: list[UartLink] = []

    def open(self):
        self.opened.append(UartLink(baud=115200))
        self.fake.connect(self.opened[-1].modem)
        return self.opened[-1].host


def test_a_program_may_start_long_before_its_modem() -> None:
    async def main():
        cable = Cable(powered=False)
        failures = []
        modem = DetectedModem(cable.open)
        client = IpCommandClient(modem, port=4242)
        client.on_error(lambda command, error: failures.append(type(error)))

        @client.on_command
        async def handle(command):
            await client.send(command.payload)

        running = asyncio.create_task(client.run())
        await asyncio.sleep(1800)
        assert modem.driver is None
        cable.fake.power_on()
        await client.wait_ready(600_000)
        cable.radio.inject_datagram(b"late")
        await asyncio.sleep(60)
        await client.close()
        await running
        return modem.driver.model, cable.radio.uplink[-1][0], set(failures), len(cable.opened) > 2

    assert run(main()) == ("SIM7080G", b"late", {ModemTimeout}, True)


def test_nothing_is_asked_before_start_and_everything_after_it_is_the_drivers() -> None:
    async def main():
        cable = Cable(powered=True)
        modem = DetectedModem(cable.open, setup=("+CNMP=38",))
        for early, arguments in (
            ("attach", ("super", 1000)),
            ("open_udp", (4242,)),
            ("set_edrx", (None,)),
            ("set_psm", (None, None)),
            ("read_identity", ()),
            ("read_signal", ()),
            ("power_off", ()),
        ):
            with pytest.raises(ModemRestarted, match="call start"):
                await getattr(modem, early)(*arguments)
        with pytest.raises(AttributeError, match="fly"):
            modem.fly()
        assert not cable.opened[0].spy.entries
        await modem.start()
        await modem.attach("super", 180_000)
        assert (await modem.read_identity()).model.endswith("SIM7080")
        assert (await modem.read_signal()).rssi_dbm is not None
        assert await modem.set_edrx(None) is None
        assert await modem.set_psm(None, None) is None
        socket = await modem.open_udp(4242)
        await socket.send_to(b"x", "100.64.0.1", 6969)
        await asyncio.sleep(10)
        sent = cable.radio.uplink[-1]
        await modem.start()  # again: not asked again
        await modem.power_off()
        await modem.close()
        typed = [data for _, way, data in cable.opened[0].spy.entries if way == ">"]
        assert not cable.fake.powered
        return sent[0], len(cable.opened), sum(b"CGMM" in data for data in typed)

    assert run(main()) == (b"x", 1, 2)  # asked by detect, and for the identity


# --- which port --------------------------------------------------------------------------------
class Usb:
    """A sysfs and a /dev with USB devices, as Linux lays them out."""

    def __init__(self, folder: Path) -> None:
        self.sys_tty = folder / "sys/class/tty"
        self.dev = folder / "dev"
        self.devices = folder / "sys/devices/usb1"
        (self.dev / "serial/by-id").mkdir(parents=True)
        self.sys_tty.mkdir(parents=True)
        self._count = 0

    def plug(self, place: str, vendor: str, product: str, name: str, ports: dict[int, str]):
        """Plug a device in; ports: name in /dev/serial/by-id of each interface, "" for none."""
        device = self.devices / place
        device.mkdir(parents=True)
        for file, text in (("idVendor", vendor), ("idProduct", product), ("product", name)):
            (device / file).write_text(text + "\n")
        for interface, by_id in ports.items():
            tty = f"ttyUSB{self._count}"
            self._count += 1
            folder = device / f"{place}:1.{interface}" / tty
            (folder / "tty" / tty).mkdir(parents=True)
            (folder.parent / "bInterfaceNumber").write_text(f"{interface:02x}\n")
            (folder / "tty" / tty / "device").symlink_to(folder)
            (self.sys_tty / tty).symlink_to(folder / "tty" / tty)
            (self.dev / tty).touch()
            if by_id:
                (self.dev / "serial/by-id" / by_id).symlink_to(self.dev / tty)

    def find(self) -> str:
        return find_at_port(self.sys_tty, self.dev)


@pytest.fixture
def usb(tmp_path: Path, monkeypatch) -> Usb:
    monkeypatch.delenv(UART_VARIABLE, raising=False)
    return Usb(tmp_path)


def ports_of(name: str, count: int = 4) -> dict[int, str]:
    return {number: f"usb-{name}-if{number:02x}-port0" for number in range(count)}


def test_the_at_port_is_found_by_its_interface(usb: Usb) -> None:
    usb.plug("1-1", "10c4", "ea60", "CP2102 USB to UART", {0: "usb-CP2102-if00-port0"})
    usb.plug("1-2", "2c7c", "0125", "EG25-G", ports_of("Android_Android"))
    assert usb.find() == str(usb.dev / "serial/by-id/usb-Android_Android-if02-port0")


def test_the_second_at_port_serves_when_the_first_is_not_there(usb: Usb) -> None:
    usb.plug("1-2", "2c7c", "0296", "BG96", {0: "", 3: ""})
    assert usb.find() == str(usb.dev / "ttyUSB1")


def test_an_interface_beyond_nine_is_hexadecimal(usb: Usb) -> None:
    usb.plug("1-2", "1e0e", "9011", "A76XX", {0x10: "", 4: ""})
    assert usb.find() == str(usb.dev / "ttyUSB1")


def test_two_modems_are_listed_not_guessed(usb: Usb) -> None:
    usb.plug("1-1", "2c7c", "0700", "Quectel LPWA Module", ports_of("Quectel"))
    usb.plug("1-2", "1e0e", "9001", "SimTech", ports_of("SimTech"))
    with pytest.raises(PortError, match="several USB modems") as refused:
        usb.find()
    assert "usb-Quectel-if02-port0 (2c7c:0700 if02 Quectel LPWA Module)" in str(refused.value)
    assert "usb-SimTech-if02-port0" in str(refused.value)
    assert UART_VARIABLE in str(refused.value)


def test_what_is_there_is_listed_when_no_modem_is_known(usb: Usb) -> None:
    usb.plug("1-1", "10c4", "ea60", "CP2102", {0: ""})
    (usb.dev / "serial0").touch()
    with pytest.raises(PortError, match="no known USB modem") as refused:
        usb.find()
    assert "ttyUSB0 (10c4:ea60 if00 CP2102), " in str(refused.value)
    assert str(refused.value).endswith("/dev/serial0")


def test_no_port_at_all(usb: Usb) -> None:
    with pytest.raises(PortError, match="there is no serial port"):
        usb.find()


def test_the_environment_goes_first(usb: Usb, monkeypatch) -> None:
    usb.plug("1-2", "2c7c", "0125", "EG25-G", ports_of("Quectel"))
    monkeypatch.setenv(UART_VARIABLE, "/dev/serial0")
    assert usb.find() == "/dev/serial0"
