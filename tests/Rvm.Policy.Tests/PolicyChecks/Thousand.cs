using Rvm.Policy.Binding;

namespace Rvm.Policy.Tests.PolicyChecks;

/// <summary>A policy of a thousand rules over all calls, a third of them forbids, three conditions each.</summary>
internal static class Thousand
{
    /// <summary>The same text each time.</summary>
    public static string Source()
    {
        var random = new Random(1);
        var rules = Enumerable.Range(0, 1000)
            .Select(i => $"{(random.Next(3) == 0 ? "forbid" : "permit")} r{i} \"Generated.\"\n"
                + $"  when call = {Calls.All[i % Calls.All.Count].Name} and {Conditions(random)}\n");
        return "policy thousand \"Generated.\"\ngovern " + string.Join(", ", Calls.All.Where(c => !c.AlwaysDecided).Select(c => c.Name)) + "\n"
            + string.Concat(rules);
    }

    private static string Conditions(Random random)
    {
        string[] all =
        [
            $"count in {random.Next(1, 30_000)}..{random.Next(30_000, 65_536)}", $"address >= 0x{random.Next(1 << 30):x}000",
                $"size <= {random.Next(1 << 20)}KiB",
            $"object = {random.Next(512)}",
                $"not rights has {(random.Next(2) == 0 ? "any " : "")}{{read, {(random.Next(2) == 0 ? "grant" : "witness")}}}",
            $"now > {random.Next(1, 1_000_000)}ms", $"caller != target", $"budget + {random.Next(100)} < count",
        ];
        random.Shuffle(all);
        return string.Join(" and ", all.Take(3));
    }
}
