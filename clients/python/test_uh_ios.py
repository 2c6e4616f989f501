"""Run by tests/Rvm.Hvf.Tests with RVM_HVF and RVM_HYPERVISOR set: python3 -m unittest, in this folder."""

import struct
import unittest

import uh_ios


def program(*words):
    return struct.pack(f"<{len(words)}I", *words)


def exits(status):
    return program(0xD2B8C000, 0xF2800840, 0xD2800001 | status << 5, 0xD4000002)


class Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = uh_ios.Host()

    @classmethod
    def tearDownClass(cls):
        cls.host.close()

    def test_a_workload_runs_and_its_status_comes_back(self):
        with uh_ios.create_vm(memory_mb=1, vcpus=1, name="py", host=self.host) as vm:
            self.assertEqual(vm.state, "Created")
            self.assertEqual(vm.run_workload(exits(42)), uh_ios.ExitReason("Exited", 42))
            self.assertEqual(vm.state, "Halted")
        self.assertEqual(vm.state, "Destroyed")

    def test_halting_ends_a_vm(self):
        vm = uh_ios.VMContext(host=self.host)
        vm.initialize(exits(0))
        self.assertEqual([m["Address"] for m in vm.mappings()], [0, uh_ios.DATA])
        vm.halt()
        self.assertEqual(vm.state, "Halted")
        with self.assertRaises(uh_ios.HostError):
            vm.run()
        vm.destroy()

    def test_refusals_are_errors_with_their_reason(self):
        with self.assertRaisesRegex(uh_ios.HostError, "at most 16 MiB"):
            uh_ios.create_vm(memory_mb=512, host=self.host)

    def test_the_witness_log_has_every_vm(self):
        log = self.host.witness_log()
        self.assertEqual(len(log) % 64, 0)
        self.assertEqual(log[16], 0x80)
        self.assertGreaterEqual(self.host.info()["Records"], len(log) // 64)


if __name__ == "__main__":
    unittest.main()
