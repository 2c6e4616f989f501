using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>The devices that partitions can lease, in the order of the file.</summary>
public sealed class DeviceTable
{
    private readonly IReadOnlyList<DeviceEntry> _all;
    private readonly DiagnosticBag _bag;

    private DeviceTable(IReadOnlyList<DeviceEntry> all, DiagnosticBag bag) => (_all, _bag) = (all, bag);

    /// <summary>Checks the devices of <paramref name="system"/>; what the kernel would not list or give away is reported.</summary>
    public static DeviceTable Of(SystemEntry system, DiagnosticBag bag)
    {
        foreach (var entry in system.Devices)
        {
            if (system.Devices.First(d => d.Name.Value == entry.Name.Value) is var first && first != entry)
                bag.Error(entry.Name.Place, $"a second device `{entry.Name.Value}`", $"rename it; the first is in line {first.Name.Place.Line}");
            CheckSize(entry, bag);
            DeviceRules.Check(entry.Region, bag);
        }

        if (system.Devices.Count > Abi.MaxDevices)
            bag.Error(system.Devices[Abi.MaxDevices].Place, $"{system.Devices.Count} devices are too many", $"the kernel lists {Abi.MaxDevices}");
        return new(system.Devices, bag);
    }

    /// <summary>The number of a device, from 0; null after reporting that there is none of this name.</summary>
    public int? Find(Located<string> name)
    {
        for (var i = 0; i < _all.Count; i++)
            if (_all[i].Name.Value == name.Value) return i;
        _bag.Error(name.Place, $"unknown device `{name.Value}`",
            _all.Count == 0 ? "describe it: devices: [{ name: NAME, address: ADDRESS, size: 4KiB }]" : Suggest.OneOf(name.Value, [.. _all.Select(d => d.Name.Value)]));
        return null;
    }

    /// <summary>The devices with their numbers.</summary>
    public IReadOnlyList<PlannedDevice> Plan() =>
        [.. _all.Select((d, i) => new PlannedDevice(i, d.Name.Value, d.Address!.Value / Abi.Page, d.Size.Value / Abi.Page, d.Place))];

    private static void CheckSize(DeviceEntry device, DiagnosticBag bag)
    {
        var (name, size) = (device.Name.Value, device.Size);
        if (size.Value == 0 || size.Value % Abi.Page != 0)
            bag.Error(size.Place, $"the size of `{name}` is {size.Value} bytes, not a positive multiple of 4 KiB", "give it whole pages, such as 4KiB");
        else if (size.Value / Abi.Page > Abi.MaxMapPages)
            bag.Error(size.Place, $"the device `{name}` ({Units.Show(size.Value)}) is larger than a lease may be", $"divide it into devices of at most {Units.Show(Abi.MaxMapPages * Abi.Page)}");
    }
}
