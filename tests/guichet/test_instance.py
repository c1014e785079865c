"""One supervisor a data folder, free ports, and the state file."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from guichet.child import Listening
from guichet.instance import (
    CannotStart,
    ProcessState,
    check_ports,
    forget_state,
    is_free,
    only_instance,
    read_state,
    write_state,
)


def test_a_data_folder_has_one_supervisor(tmp_path: Path) -> None:
    with only_instance(tmp_path), pytest.raises(CannotStart) as caught, only_instance(tmp_path):
        pass
    assert f"process {os.getpid()}" in str(caught.value)
    assert "GUICHET_DATA_DIR" in str(caught.value)


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with only_instance(tmp_path):
            pass


def test_a_killed_supervisor_lets_go_of_the_folder(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from guichet.instance import only_instance\n"
        "with only_instance(pathlib.Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    with only_instance(tmp_path):
        pass


def test_a_taken_port_is_named_with_its_setting_and_its_holder() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(CannotStart) as caught:
            check_ports({"rasa": Listening("127.0.0.1", port, "GUICHET_RASA_PORT")})
    message = str(caught.value)
    assert f"port {port} (rasa) is already in use" in message
    assert "GUICHET_RASA_PORT" in message
    assert f"process {os.getpid()} ({psutil.Process().name()})" in message
    check_ports({"rasa": Listening("127.0.0.1", port, "GUICHET_RASA_PORT")})


def test_every_taken_port_is_named() -> None:
    with socket.socket() as one, socket.socket() as two:
        places = {}
        for name, holder in (("rasa", one), ("gateway", two)):
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            places[name] = Listening("127.0.0.1", holder.getsockname()[1], f"GUICHET_{name.upper()}_PORT")
        with pytest.raises(CannotStart, match=r"(?s)rasa.*GUICHET_RASA_PORT.*gateway.*GUICHET_GATEWAY_PORT"):
            check_ports(places)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"192\.0\.2\.1"):
        is_free("192.0.2.1", 8000)


def test_state_is_read_back(tmp_path: Path) -> None:
    states = {"rasa": ProcessState(12, 8005, ready=True, starts=1)}
    write_state(tmp_path, states)
    assert read_state(tmp_path) == states
    forget_state(tmp_path)
    assert read_state(tmp_path) == {}


def test_the_state_of_a_dead_supervisor_is_not_believed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "from guichet.instance import ProcessState, write_state\n"
        "write_state(pathlib.Path(sys.argv[1]), {'rasa': ProcessState(1, 8005, True, 1)})\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert read_state(tmp_path) == {}
