using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Tool.Planning;
using Rvm.Tool.Policies;
using Rvm.Tool.SystemDescription;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary>Shows a built system as tables or as JSON.</summary>
public static class SystemReport
{
    /// <summary>Prints the tables of partitions, regions, edges and handles.</summary>
    public static void Print(BuiltSystem built)
    {
        var plan = built.Plan;
        Output.Line($"[bold]{Markup.Escape(plan.Name)}[/]: {plan.Partitions.Count} partitions, {plan.Images.Count} images, {built.Bundle.Content.Commands.Count} boot commands, {Units.Show(plan.Memory)} of memory");
        Output.Line("");
        Partitions(plan);
        if (plan.Regions.Count > 0) Regions(plan);
        if (plan.Devices.Count > 0) Devices(plan);
        if (plan.Edges.Count > 0) Edges(plan);
        if (plan.Partitions.Any(p => p.Slots.Count > 0)) Handles(plan);
        if (plan.Policies.Count > 0) Policies(plan);
        Output.Line($"image   {Markup.Escape(Workspace.Show(built.ImagePath))}");
        Output.Line($"bundle  {Markup.Escape(Workspace.Show(built.BundlePath))} ({built.Bundle.Words.Length} words)");
    }

    /// <summary>The built system as a program reads it; addresses and handles as hexadecimal text.</summary>
    public static object ToJson(BuiltSystem built, DiagnosticBag bag) => new
    {
        Ok = true, built.Plan.Name, MemoryBytes = built.Plan.Memory, Image = built.ImagePath, Bundle = built.BundlePath,
        BundleWords = built.Bundle.Words.Length, Commands = built.Bundle.Content.Commands.Count,
        Images = built.Plan.Images.Select(i => new
        {
            i.Index, i.Name, i.Path, Ipa = Hex(i.Image.Base), i.Image.CodePages, i.Image.DataPages, Entry = Hex(i.Image.Entry), Bytes = i.Image.Payload.Length,
        }),
        Partitions = built.Plan.Partitions.Select(p => new
        {
            p.Id, p.Name, p.Image, SliceCounts = p.Slice, DeadlineCounts = p.Deadline, p.Budget, p.WitnessQuota, p.Start,
            Capabilities = p.Slots.Select(s => new { s.Slot, Handle = Hex(s.Handle), s.Kind, s.Object, Rights = RightsOf(s.Rights) }),
        }),
        Regions = built.Plan.Regions.Select(r => new
        {
            r.Id, r.Name, r.Owner, r.Policy, r.Pages, Address = r.Policy == RegionPolicy.Device ? Hex(r.FirstFrame * Abi.Page) : null,
            Maps = r.Maps.Select(m => new { Ipa = Hex(m.IpaPage * Abi.Page), m.FirstPage, m.Pages, m.Permission }),
        }),
        Devices = built.Plan.Devices.Select(d => new { d.Id, d.Name, Address = Hex(d.FirstFrame * Abi.Page), d.Pages, Lessees = Lessees(built.Plan, d).Select(p => p.Id) }),
        Edges = built.Plan.Edges.Select(e => new { e.Id, e.Name, e.From, e.To, e.Capacity }),
        Policies = built.Plan.Policies.Select(p => new
        {
            p.Policy.Name, p.Policy.File, Rules = p.Policy.Rules.Count, Digest = $"0x{PolicyTables.Digest(TableCodec.Encode(p.Table)):x16}",
        }),
        Diagnostics = Output.ToJson(bag),
    };

    private static void Partitions(SystemPlan plan)
    {
        var table = Output.Table("id", "partition", "image", "entry", "code", "data", "slice", "deadline", "budget", "witness quota", "starts");
        foreach (var p in plan.Partitions)
        {
            var i = plan.Images[p.Image];
            table.AddRow($"{p.Id}", p.Name, $"{i.Index} {Markup.Escape(i.Name)}", Hex(i.Image.Entry), Units.Show(i.Image.CodePages * Abi.Page), Units.Show(i.Image.DataPages * Abi.Page),
                Units.ShowCounts(p.Slice), Units.ShowCounts(p.Deadline), p.Budget == 0 ? "none" : $"{p.Budget} slices", $"{p.WitnessQuota}", p.Start ? "yes" : "no");
        }

        Show(table);
    }

    private static void Regions(SystemPlan plan)
    {
        var table = Output.Table("id", "region", "owner", "policy", "size", "address", "mapped at");
        foreach (var r in plan.Regions)
            table.AddRow($"{r.Id}", r.Name, plan.Partitions[r.Owner - 1].Name, Names.Of(r.Policy), Units.Show(r.Pages * Abi.Page),
                r.Policy == RegionPolicy.Device ? Hex(r.FirstFrame * Abi.Page) : "", string.Join(", ", r.Maps.Select(m => $"{Hex(m.IpaPage * Abi.Page)} {Names.Of(m.Permission)}")));
        Show(table);
    }

    private static void Devices(SystemPlan plan)
    {
        var table = Output.Table("id", "device", "size", "address", "may be leased by");
        foreach (var d in plan.Devices)
            table.AddRow($"{d.Id}", d.Name, Units.Show(d.Pages * Abi.Page), Hex(d.FirstFrame * Abi.Page), string.Join(", ", Lessees(plan, d).Select(p => p.Name)));
        Show(table);
    }

    private static IEnumerable<PlannedPartition> Lessees(SystemPlan plan, PlannedDevice device) =>
        plan.Partitions.Where(p => p.Capabilities.Any(c => c.Kind == ObjectKind.DeviceLease && c.Object == device.Id && c.Rights.HasFlag(Rights.Lease)));

    private static void Edges(SystemPlan plan)
    {
        var table = Output.Table("id", "edge", "from", "to", "capacity");
        foreach (var e in plan.Edges)
            table.AddRow($"{e.Id}", e.Name, plan.Partitions[e.From - 1].Name, plan.Partitions[e.To - 1].Name, $"{e.Capacity}");
        Show(table);
    }

    private static void Handles(SystemPlan plan)
    {
        var table = Output.Table("partition", "handle", "capability", "object", "rights");
        foreach (var p in plan.Partitions)
            foreach (var s in p.Slots)
                table.AddRow(p.Name, Hex(s.Handle), $"{s.Kind}", Markup.Escape(s.Object), Names.Of(s.Rights));
        Show(table);
    }

    private static void Policies(SystemPlan plan)
    {
        var table = Output.Table("number", "policy", "rules", "digest", "source");
        foreach (var (p, number) in plan.Policies.Select((p, i) => (p, i + 1)))
            table.AddRow($"{number}{(number == 1 ? ", active" : ", stands by")}", Markup.Escape(p.Policy.Name), $"{p.Policy.Rules.Count}",
                $"0x{PolicyTables.Digest(TableCodec.Encode(p.Table)):x16}", Markup.Escape(p.Policy.File));
        Show(table);
    }

    private static void Show(Grid table)
    {
        Output.Print(table);
        Output.Line("");
    }

    private static string[] RightsOf(Rights rights) => [.. Names.RightByName.Where(r => rights.HasFlag(r.Value)).Select(r => r.Key)];

    private static string Hex(ulong value) => $"0x{value:x}";
}
