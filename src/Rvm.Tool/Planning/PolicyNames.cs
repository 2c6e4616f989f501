using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;
using Rvm.Tool.Commands;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>The names that a system gives to its policy, and the policy itself.</summary>
public static class PolicyNames
{
    /// <summary>The partitions and groups of the description in <paramref name="file"/>; its guests need not be built. Null when errors were
    /// reported.</summary>
    public static SystemNames? FromFile(string file, DiagnosticBag bag)
    {
        if (DescriptionReader.FromFile(file, bag) is not { } system) return null;
        var names = Of(system, Expansion.Of(system, bag), bag) with { Source = Workspace.Show(Path.GetFullPath(file)) };
        return bag.HasErrors ? null : names;
    }

    /// <summary>The partitions and groups of a system; wrong groups are reported.</summary>
    public static SystemNames Of(SystemEntry system, Expansion partitions, DiagnosticBag bag)
    {
        var byName = partitions.All.ToDictionary(p => p.Name, p => p.Id);
        Dictionary<string, IReadOnlyList<int>> groups = [];
        Dictionary<string, Place> first = [];
        foreach (var group in system.Groups)
        {
            IReadOnlyList<int> members = [.. group.Members.SelectMany(partitions.FindAll).Select(p => p.Id).Distinct().Order()];
            if (byName.ContainsKey(group.Name.Value))
                bag.Error(group.Name.Place, $"`{group.Name.Value}` is a partition", "give the group another name");
            else if (!first.TryAdd(group.Name.Value, group.Name.Place))
                bag.Error(group.Name.Place, $"a second group `{group.Name.Value}`",
                    $"rename it; the first is in line {first[group.Name.Value].Line}");
            else groups[group.Name.Value] = members;
        }

        return new(system.Place.File, byName, groups);
    }

    /// <summary>The policy that a description names; null when it names none, or when errors were reported.</summary>
    public static BoundPolicy? Policy(SystemEntry system, string directory, SystemNames names, DiagnosticBag bag)
    {
        if (system.Policy is not { } named || bag.HasErrors) return null;
        var path = Path.GetFullPath(Path.Combine(directory, named.Value));
        if (!File.Exists(path))
        {
            bag.Error(named.Place, $"there is no policy `{named.Value}`",
                $"the path is relative to the description: {Workspace.Show(path)} does not exist");
            return null;
        }

        var policy = PolicyFile.Load(Workspace.Show(path), names, bag);
        if (policy is null || TableCompiler.Compile(policy, bag) is null) return null;
        bag.Warn(named.Place, "the kernel of today does not enforce a policy",
            "the image is as without one; `rvm policy check` tells what the policy would do");
        return policy;
    }
}
