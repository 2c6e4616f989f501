"""VMs on Apple's Hypervisor.framework, each a partition of RVM's verified kernel.

The kernel runs in a program of its own, `rvm-hvf`, because on a Mac it is that program, and not the Python interpreter, that is signed
with the entitlement com.apple.security.hypervisor. This package starts it and speaks with it, a line of JSON each way.

    import uh_ios
    with uh_ios.create_vm(memory_mb=1) as vm:
        reason = vm.run_workload(program)          # AArch64 instructions, placed at 0x1000
        print(reason.kind, reason.value)
"""

import base64
import json
import os
import subprocess
import threading
from typing import NamedTuple, Optional

__all__ = ["create_vm", "VMContext", "ExitReason", "Host", "HostError", "CODE", "DATA"]

CODE = 0x1000
"""Where a program is placed: read and execute."""
DATA = 0x10000
"""Where a VM's memory begins: read and write, zero at first."""


class HostError(RuntimeError):
    """The kernel, the framework or the API refused. `kind` is the error's type name."""

    def __init__(self, message: str, kind: str = "HostError"):
        super().__init__(message)
        self.kind = kind


class ExitReason(NamedTuple):
    """Why a VM ended: kind is Exited (value: its status), Fault (value: the syndrome), BudgetUsed or Halted."""

    kind: str
    value: int


class Host:
    """The program that runs the kernel. `command` starts it; `library` is another library than Apple's."""

    def __init__(self, command: Optional[list] = None, library: Optional[str] = None):
        command = command or os.environ.get("RVM_HVF", "rvm-hvf").split()
        environment = dict(os.environ, **({"RVM_HYPERVISOR": library} if library else {}))
        self._gate = threading.Lock()
        self._process = subprocess.Popen([*command, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, **request) -> dict:
        """Sends one request and gives its answer."""
        with self._gate:
            try:
                self._process.stdin.write(json.dumps(request) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (BrokenPipeError, ValueError):
                line = ""
        if not line:
            raise HostError(f"the host program has ended with status {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise HostError(answer["error"], answer["type"])
        return answer

    def info(self) -> dict:
        return self.ask(do="info")

    def witness_log(self) -> bytes:
        """The log so far; `rvm witness verify` reads it."""
        return base64.b64decode(self.ask(do="witness")["log"])

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


_host: Optional[Host] = None


def default_host() -> Host:
    """The host of this process; the framework gives it one."""
    global _host
    if _host is None:
        _host = Host()
    return _host


class VMContext:
    """A VM. As a context manager it is destroyed at the end."""

    def __init__(self, memory_mb: float = 1, vcpus: int = 1, name: str = "vm", host: Optional[Host] = None):
        self._host = host or default_host()
        self._id = self._host.ask(do="create", memory=int(memory_mb * (1 << 20)), vcpus=vcpus, name=name)["vm"]

    def __enter__(self) -> "VMContext":
        return self

    def __exit__(self, *_) -> None:
        self.destroy()

    @property
    def state(self) -> str:
        return self._ask("state")["state"]

    def initialize(self, program: bytes, entry: int = CODE) -> None:
        """Makes the partition: memory zeroed, the program copied to CODE."""
        self._ask("initialize", program=base64.b64encode(program).decode(), entry=entry)

    def run(self) -> ExitReason:
        """Runs to the end."""
        answer = self._ask("run")
        return ExitReason(answer["exit"], answer["value"])

    def run_workload(self, program: bytes, entry: int = CODE) -> ExitReason:
        """initialize and run in one."""
        self.initialize(program, entry)
        return self.run()

    def mappings(self) -> list:
        return self._ask("mappings")["mappings"]

    def halt(self) -> None:
        self._ask("halt")

    def destroy(self) -> None:
        self._ask("destroy")

    def _ask(self, what: str, **arguments) -> dict:
        return self._host.ask(do=what, vm=self._id, **arguments)


def create_vm(memory_mb: float = 1, vcpus: int = 1, name: str = "vm", host: Optional[Host] = None) -> VMContext:
    """A VM with that much memory, at most 16 MB, and one vCPU."""
    return VMContext(memory_mb, vcpus, name, host)
