using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;
using Rvm.Tool.Commands;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>The names that a system gives to its policies, and the policies themselves.</summary>
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

    /// <summary>The policies that a description names, in the order of their numbers; errors are reported.</summary>
    public static IReadOnlyList<PlannedPolicy> Policies(SystemEntry system, string directory, SystemNames names, DiagnosticBag bag)
    {
        if (system is { Policy: null, StandbyPolicy: { } standby })
            bag.Error(standby.Place, "a policy stands by, but none is active at the beginning", "name the first one too: policy: FILE.rvmp");
        return [.. new[] { system.Policy, system.StandbyPolicy }.OfType<Located<string>>().Select(p => Policy(p, directory, names, bag)).OfType<PlannedPolicy>()];
    }

    private static PlannedPolicy? Policy(Located<string> named, string directory, SystemNames names, DiagnosticBag bag)
    {
        if (bag.HasErrors) return null;
        var path = Path.GetFullPath(Path.Combine(directory, named.Value));
        if (!File.Exists(path))
        {
            bag.Error(named.Place, $"there is no policy `{named.Value}`",
                $"the path is relative to the description: {Workspace.Show(path)} does not exist");
            return null;
        }

        return PolicyFile.Load(Workspace.Show(path), names, bag) is { } policy && TableCompiler.Compile(policy, bag) is { } table ? new(policy, table) : null;
    }
}
