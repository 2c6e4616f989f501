using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Checks who holds which capability, and that every `from:` is justified by a chain that ends at a root.</summary>
public sealed class CapabilityRules
{
    private readonly Expansion _partitions;
    private readonly DiagnosticBag _bag;

    private CapabilityRules(Expansion partitions, DiagnosticBag bag) => (_partitions, _bag) = (partitions, bag);

    /// <summary>Checks the capabilities of all partitions.</summary>
    public static void Check(Expansion partitions, SharedTable shared, DeviceTable devices, DiagnosticBag bag)
    {
        var rules = new CapabilityRules(partitions, bag);
        foreach (var holder in partitions.All)
            foreach (var capability in holder.Entry.Capabilities)
            {
                if (capability is { Kind: ObjectKind.Region, Target: { } region }) shared.Find(region);
                else if (capability is { Kind: ObjectKind.DeviceLease, Target: { } device }) devices.Find(device);
                else if (capability.Target is { } target) partitions.Find(target);
                if (capability.From is not null) rules.CheckDerivation(holder, capability);
            }
    }

    private void CheckDerivation(Instance holder, CapabilityEntry capability)
    {
        List<string> path = [holder.Name];
        var (child, place) = (capability, capability.From!.Place);
        while (child.From is { } from)
        {
            if (_partitions.Find(from) is not { } giver) return;
            path.Add(giver.Name);
            if (path.IndexOf(giver.Name) != path.Count - 1)
            {
                _bag.Error(place, $"a cycle in delegation: {string.Join(" from ", path)}", "let one of them hold the capability without `from`");
                return;
            }

            if (path.Count - 1 > Abi.MaxDelegationDepth)
            {
                _bag.Error(place, $"a derivation of more than {Abi.MaxDelegationDepth} steps", "derive it from a partition nearer to the root");
                return;
            }

            if (Parent(giver, child) is not { } parent)
            {
                _bag.Error(from.Place, $"`{giver.Name}` holds no {Describe(child)} that it could delegate",
                    $"give it one with `grant` and the rights [{Names.Of(child.Rights)}], or remove `from`");
                return;
            }

            child = parent;
        }

        _bag.Note(place, "a boot capability is a root of its own: revoking the giver's does not revoke this one",
            "let the giver use cap_grant at run time where that matters");
    }

    private static CapabilityEntry? Parent(Instance giver, CapabilityEntry child) =>
        giver.Entry.Capabilities.FirstOrDefault(c =>
            c.Kind == child.Kind && c.Target?.Value == child.Target?.Value
            && MayGrant(c.Rights, child.Rights) && (child.Rights & ~c.Rights) == 0);

    /// <summary>GRANT passes on any of its rights; GRANT_ONCE passes on all but the two grant rights.</summary>
    private static bool MayGrant(Rights giver, Rights child) =>
        giver.HasFlag(Rights.Grant) || (giver.HasFlag(Rights.GrantOnce) && (child & (Rights.Grant | Rights.GrantOnce)) == 0);

    private static string Describe(CapabilityEntry c) => c.Target is { } target ? $"capability on `{target.Value}`" : $"{c.Kind} capability";
}
